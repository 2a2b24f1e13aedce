import { ErrorCode, WeftlineError } from '../../errors.js';
import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';

/** What a dry run answers: what would have come of it, and nothing did. */
export interface DryRun {
  __typename: 'DryRun';
  /** All that is in the way; [] when it would be done. */
  reasons: readonly DenialReason[];
  /** An approval would be asked for. */
  wouldAskApproval: boolean;
  warnings: readonly PolicyWarning[];
}

/** What came of a change that policies decide: it was made, or they are in the way. */
export interface Decided<T> {
  made: T | null;
  reasons: readonly DenialReason[];
  wouldAskApproval: boolean;
  /** What policies tell besides, and let through. */
  warnings: readonly PolicyWarning[];
}

/** The answer of a dry run. */
export function dryRunOf({ reasons, wouldAskApproval, warnings }: Omit<Decided<unknown>, 'made'>): DryRun {
  return { __typename: 'DryRun', reasons, wouldAskApproval, warnings };
}

/**
 * What is thrown once the decision that denies it is kept: the policies by their names and the decision, for people in the message and for
 * programs in the extensions.
 */
export function deniedByPolicies(reasons: readonly DenialReason[]): WeftlineError {
  const [first] = reasons;
  const told = reasons.map(({ rule, message }) => `${rule}: ${message}`).join(' ');
  const facts = {
    policyDecision: first?.policyDecision ?? null,
    policyApproval: first?.policyApproval ?? null,
    reasons: reasons.map(({ rule, message }) => ({ rule, message })),
  };
  return new WeftlineError(ErrorCode.FORBIDDEN, told, { facts });
}
