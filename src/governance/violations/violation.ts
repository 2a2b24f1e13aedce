/** Why a violation is over. */
export const CLOSINGS = ['RELEASE_ENDED', 'CAUSE_GONE', 'POLICY_GONE'] as const;
export type Closing = (typeof CLOSINGS)[number];

export const VIOLATION_STATES = ['OPEN', 'CLOSED'] as const;
export type ViolationState = (typeof VIOLATION_STATES)[number];

/** That something serves which policies would forbid now. Weftline tells of it, and leaves what serves alone. */
export interface Violation {
  __typename: 'Violation';
  id: string;
  deploymentId: string;
  /** The name of the deployment when it began. */
  deploymentUrn: string;
  releaseId: string;
  /** The id of the policy; empty: no policy permits it. */
  policy: string;
  reasons: readonly string[];
  /** The decision that found it. */
  decisionId: string;
  openedAt: Date;
  /** null: it goes on. */
  closedAt: Date | null;
  closing: Closing | null;
}

/** Which violations are listed; null: all. */
export interface ViolationFilter {
  deploymentId: string | null;
  policy: string | null;
  state: ViolationState | null;
}

/** To an auditor session, what ended later goes on. */
export function violationAsThen(violation: Violation, then: Date | undefined): Violation {
  if (!then || !violation.closedAt || violation.closedAt <= then) return violation;
  return { ...violation, closedAt: null, closing: null };
}
