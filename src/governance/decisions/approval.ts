import type { Facts } from '../policies/facts.js';
import type { Action } from '../policies/facts.js';
import type { DigestedSubject } from './decision.js';

export const APPROVAL_STATES = ['REQUESTED', 'APPROVED', 'REJECTED'] as const;
export type ApprovalState = (typeof APPROVAL_STATES)[number];

/** That somebody is asked to let through what policies leave to people: exactly these digests, and only until it expires. */
export interface PolicyApproval {
  __typename: 'PolicyApproval';
  id: string;
  action: Action;
  /** What is asked for of what: `subjectOf`. */
  subject: string;
  resourceId: string;
  resourceUrn: string;
  subjects: readonly DigestedSubject[];
  subjectsDigest: string;
  /** The decision that asked for it first. */
  decisionId: string;
  requesterId: string;
  /** Ids of who wrote the code: none of them approves; null: nobody knows who did, and nobody approves but by rights. */
  codeAuthors: readonly string[] | null;
  state: ApprovalState;
  requestedAt: Date;
  expiresAt: Date;
  deciderId: string | null;
  decidedAt: Date | null;
  reason: string | null;
}

/** By which all approvals of one action on one thing are found. */
export const subjectOf = (action: Action, resourceId: string): string => `${action} ${resourceId}`;

/** What policies learn of approvals, of those that were asked for this action on this thing. */
export function approvalFacts(
  approvals: readonly PolicyApproval[],
  by: { requesterId: string; codeAuthors: readonly string[] | null; subjectsDigest: string; now: Date },
): NonNullable<Facts['approvals']> {
  const granted = approvals.filter(({ state }) => state === 'APPROVED');
  const [live, over] = [
    granted.filter((each) => each.expiresAt > by.now),
    granted.filter((each) => each.expiresAt <= by.now),
  ];
  const ofThese = live.filter(({ subjectsDigest }) => subjectsDigest === by.subjectsDigest);
  const isDependent = ({ deciderId, requesterId }: PolicyApproval): boolean =>
    deciderId === by.requesterId || deciderId === requesterId || (by.codeAuthors ?? []).includes(deciderId ?? '');
  const dependent = ofThese.filter(isDependent).length;
  const refused = approvals.filter((each) => each.state === 'REJECTED' && each.subjectsDigest === by.subjectsDigest);
  return {
    independent: new Set(ofThese.filter((each) => !isDependent(each)).map(({ deciderId }) => deciderId)).size,
    dependent,
    otherDigests: live.length - ofThese.length,
    expired: over.length,
    rejected: refused.filter((each) => each.expiresAt > by.now).length,
  };
}

/** The approval by which these digests are let through now; null: none. */
export function approvalOf(
  approvals: readonly PolicyApproval[],
  subjectsDigest: string,
  now: Date,
): PolicyApproval | null {
  const fits = (each: PolicyApproval): boolean => each.subjectsDigest === subjectsDigest && each.expiresAt > now;
  return approvals.find((each) => each.state === 'APPROVED' && fits(each)) ?? null;
}

/** The request that these digests wait for already; null: none. */
export function openRequestOf(
  approvals: readonly PolicyApproval[],
  by: { subjectsDigest: string; requesterId: string; now: Date },
): PolicyApproval | null {
  const isOpen = (each: PolicyApproval): boolean =>
    each.state === 'REQUESTED' && each.expiresAt > by.now && each.subjectsDigest === by.subjectsDigest;
  return approvals.find((each) => isOpen(each) && each.requesterId === by.requesterId) ?? null;
}
