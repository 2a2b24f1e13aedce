import type { Actor } from '../auth/actor.js';
import { newId } from '../ids.js';
import type { WriteTransaction } from '../neo4j/graph.js';

export interface AuditFact {
  /** `asset:register`, `access:decide`, …: what was done, in the words of the permission keys. */
  action: string;
  targetId: string;
  /** The urn or name people know the target by, at the time. */
  targetName: string;
  /** Which things besides the target are concerned, so that owners of these find the entry too. */
  assetIds?: readonly string[];
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
  outcome?: 'DONE' | 'DENIED' | 'FAILED';
  reason?: string | null;
  /**
   * JSON pointers of what in here tells of a person, such as `/targetName` or `/after/handle`: kept beside the entry, so
   * that it can be erased without breaking the log. The name of the actor and the reason are kept so always.
   */
  personal?: readonly string[];
  at: Date;
}

export const RECORD_AUDIT = `// audit.record
CREATE (e:AuditEntry:Node {
  id: $id, at: $at, actorId: $actorId, actorName: $actorName, action: $action, outcome: $outcome,
  targetId: $targetId, targetName: $targetName, assetIds: $assetIds, requestId: $requestId, operation: $operation,
  before: $before, after: $after, reason: $reason
})
WITH e
UNWIND $assetIds AS assetId
MATCH (a:Asset {id: assetId})
CREATE (e)-[:CONCERNS]->(a)`;

/** Adds one entry to the log, in the transaction of the change it accounts for: both are kept or neither is. */
export async function recordAudit(tx: WriteTransaction, actor: Actor, fact: AuditFact): Promise<void> {
  await tx.run(RECORD_AUDIT, {
    id: newId(),
    at: fact.at,
    actorId: actor.id,
    actorName: actor.name,
    action: fact.action,
    outcome: fact.outcome ?? 'DONE',
    targetId: fact.targetId,
    targetName: fact.targetName,
    assetIds: fact.assetIds ?? [],
    requestId: actor.origin.requestId,
    operation: actor.origin.operation,
    before: fact.before ? JSON.stringify(fact.before) : null,
    after: fact.after ? JSON.stringify(fact.after) : null,
    reason: fact.reason ?? null,
  });
}
