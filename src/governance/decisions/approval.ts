import type { Facts } from '../policies/facts.js';
import type { Scope } from '../../auth/actor.js';
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
  /** What goes on by itself: the request as text, until it has ended; null: nothing does. */
  request: string | null;
  /** By which the same request is known when it is sent again; null as `request`. */
  requestDigest: string | null;
  /** What the requester's token could be used for, and which it was; null: none of Weftline's. */
  scopes: readonly Scope[];
  tokenId: string | null;
  continuation: Continuation;
  /** When it is to be done next; null: it is not. */
  dueAt: Date | null;
  attempts: number;
  /** Why it did not happen; null: it did, or may. */
  stoppedBecause: string | null;
  /** The job, release, version or asset that came of it; null: none. */
  allowedId: string | null;
  endedAt: Date | null;
}

export const CONTINUATIONS = ['ASK_AGAIN', 'WAITING', 'DUE', 'DONE', 'STOPPED'] as const;
/** How far what was asked for has come. */
export type Continuation = (typeof CONTINUATIONS)[number];

/** Of an approval of which nothing goes on by itself. */
export const NOT_GOING_ON = {
  ...{ request: null, requestDigest: null, scopes: [] as readonly Scope[], tokenId: null, continuation: 'ASK_AGAIN' },
  ...{ dueAt: null, attempts: 0, stoppedBecause: null, allowedId: null, endedAt: null },
} as const satisfies Partial<PolicyApproval>;

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
  by: { subjectsDigest: string; requesterId: string; requestDigest: string | null; now: Date },
): PolicyApproval | null {
  const isOpen = (each: PolicyApproval): boolean =>
    each.state === 'REQUESTED' && each.expiresAt > by.now && each.subjectsDigest === by.subjectsDigest;
  const isSame = (each: PolicyApproval): boolean =>
    each.requesterId === by.requesterId && each.requestDigest === by.requestDigest;
  return approvals.find((each) => isOpen(each) && isSame(each)) ?? null;
}
