import type { Action, Facts } from './facts.js';

/** What one policy says. UNKNOWN: it reads a fact that nobody knows, or could not be evaluated; enforced as FAIL. */
export const POLICY_VERDICTS = ['PASS', 'WARN', 'FAIL', 'UNKNOWN'] as const;
export type PolicyVerdict = (typeof POLICY_VERDICTS)[number];

export const OUTCOMES = ['PERMIT', 'FORBID', 'NEEDS_APPROVAL'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What a policy that forbids comes to: it forbids, it is told only, or an approval is asked for. */
export const SEVERITIES = ['fail', 'warn', 'approval'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is decided about. */
export interface PolicyRequest {
  action: Action;
  /** Id of who asks. */
  principal: string;
  /** Id or URN of the asset that it is about. */
  resource: string;
  facts: Facts;
}

/** What one policy that is about this action says. */
export interface PolicyFinding {
  id: string;
  verdict: PolicyVerdict;
  /** What a person can do about it; of PASS: what the policy would say. */
  reason: string;
  severity: Severity;
  /** Of UNKNOWN: the facts it reads that nobody knows; empty where it failed for another reason. */
  unknownFacts: readonly string[];
}

export interface Verdict {
  outcome: Outcome;
  /** Of all policies that are about this action, those that decided first. */
  policies: readonly PolicyFinding[];
  /** Why it is not PERMIT, in sentences; for PERMIT the warnings. */
  reasons: readonly string[];
  /** As `cedar 4.13.0`. */
  engine: string;
}

/** A policy of a set. */
export interface Policy {
  id: string;
  file: string;
  line: number;
  effect: 'permit' | 'forbid';
  reason: string;
  severity: Severity;
  /** null: about all actions. */
  actions: readonly Action[] | null;
  /** Names of the facts that it reads, sorted. */
  facts: readonly string[];
  text: string;
}

/** What is wrong with a policy or the schema, and where: lines and columns from 1. */
export interface PolicyFault {
  file: string;
  line: number | null;
  column: number | null;
  message: string;
}

export const SCHEMA_FILE = 'schema.cedarschema';
