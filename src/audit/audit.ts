export const OUTCOMES = ['DONE', 'DENIED', 'FAILED'] as const;
export type AuditOutcome = (typeof OUTCOMES)[number];

export interface AuditEntry {
  __typename: 'AuditEntry';
  id: string;
  at: Date;
  actorId: string | null;
  actorName: string;
  action: string;
  outcome: AuditOutcome;
  targetId: string;
  targetName: string;
  assetIds: string[];
  requestId: string;
  operation: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
}

/** null in a member: no such condition. */
export interface AuditConditions {
  actorId: string | null;
  targetId: string | null;
  actions: readonly string[] | null;
  outcome: string | null;
  from: Date | null;
  until: Date | null;
}
