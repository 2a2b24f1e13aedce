import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';
import type { AuditFact } from '../../audit/record/record.js';
import type { Actor } from '../../auth/actor.js';
import type { DryRun } from '../../catalog/model/denied.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { PolicyApproval } from './approval.js';
import type { PolicyDecision, PolicyQuestion } from './decision.js';

/** What policies say, before it is kept. */
export interface Judged {
  decision: PolicyDecision;
  /** The approval to ask for with it; null: none, or one was asked for already. */
  request: PolicyApproval | null;
  /** All that is in the way; [] when it is permitted. */
  reasons: DenialReason[];
  /** What is told besides, and lets through. */
  warnings: PolicyWarning[];
  /** The approval whose request this is, and which has gone on with it; null: none. */
  used: string | null;
}

/** Decides what leaves. */
export interface DecidesExports {
  /** Keeps that it leaves, in the audit log, where policies permit it. Throws FORBIDDEN, once the decision and the denial are kept. */
  account(actor: Actor, resource: PolicyQuestion['resource'], fact: AuditFact): Promise<void>;
  /** What would come of it; nothing is kept, and nobody is asked. */
  foresee(actor: Actor, resource: PolicyQuestion['resource']): Promise<DryRun>;
}

/** Decides by the active set of policies. */
export interface DecidesByPolicy {
  /** Within the transaction of what is asked for, and kept with it. null: no set is active, and nothing is enforced. */
  judge(tx: WriteTransaction, actor: Actor, question: PolicyQuestion): Promise<Judged | null>;
  /** The same for a plan: nothing is kept, and nobody is asked. */
  foresee(statements: Statements, actor: Actor, question: PolicyQuestion): Promise<Judged | null>;
  /** Keeps what was judged, with the job, release or version that it let through; null: none. */
  keep(tx: WriteTransaction, judged: Judged | null, allowedId: string | null): Promise<void>;
}
