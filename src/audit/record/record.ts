import type { Actor } from '../../auth/actor.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import { canonicalBody, detach, type LogBody } from './log-entry.js';

/** DONE: it was done. DENIED: asked for and denied. FAILED: tried and not achieved, such as signing in. */
export const OUTCOMES = ['DONE', 'DENIED', 'FAILED'] as const;
export type AuditOutcome = (typeof OUTCOMES)[number];

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
  outcome?: AuditOutcome;
  reason?: string | null;
  /**
   * JSON pointers of what in here tells of a person, such as `/targetName` or `/after/handle`: kept beside the entry, so
   * that it can be erased without breaking the log. The name of the actor and the reason are kept so always.
   */
  personal?: readonly string[];
  at: Date;
}

/** What is kept of people beside every entry: who did it, and why in their words. */
const ALWAYS_PERSONAL = ['/actorName', '/reason'];

/**
 * The entry as it is hashed (`body`), what was taken out of it because it tells of a person (`detached`), what shows until
 * it is sealed that a server wrote it (`mark`), and beside them only what lists filter by. It waits as UnsealedEntry for
 * its number (sequencer.worker.ts).
 */
export const RECORD_AUDIT = `// audit.record
CREATE (e:AuditEntry:Node:UnsealedEntry)
SET e = $entry
WITH e
UNWIND e.assetIds AS assetId
MATCH (a:Asset {id: assetId})
CREATE (e)-[:CONCERNS]->(a)`;

/**
 * The same as the last clause of a statement that changes the asset `a`, for one trip less: `entry` is what `entryOf` made. Such
 * a statement stands in ACCOUNTING.
 */
export const accountFor = (entry: string): string =>
  `CREATE (e:AuditEntry:Node:UnsealedEntry)-[:CONCERNS]->(a) SET e = ${entry}`;

/** The same of a statement that concerns several things, those in `entry.assetIds`; it begins a subquery, so anything may follow. */
export const accountForAll = (entry: string): string => `CALL () {
  CREATE (e:AuditEntry:Node:UnsealedEntry) SET e = ${entry}
  WITH e
  UNWIND e.assetIds AS assetId
  MATCH (a:Asset {id: assetId})
  CREATE (e)-[:CONCERNS]->(a)
}`;

/** The statements that add to the log, by name: whoever seals what they leave listens for them. */
export const ACCOUNTING: ReadonlySet<string> = new Set([
  'audit.record',
  'catalog.changeAsset',
  'catalog.moveAsset',
  'catalog.registerAssets',
  'openlineage.keepEvents',
  'training.createJob',
]);

/** Adds one entry to the log, in the transaction of the change it accounts for: both are kept or neither is. */
export async function recordAudit(tx: WriteTransaction, actor: Actor, fact: AuditFact): Promise<void> {
  await recordAuditAs(tx, actor, fact);
}

/** The same, and gives the id of the entry. */
export async function recordAuditAs(tx: WriteTransaction, actor: Actor, fact: AuditFact): Promise<string> {
  const entry = entryOf(tx, actor, fact);
  await tx.run(RECORD_AUDIT, { entry });
  return String(entry['id']);
}

/** The properties of the entry, for a statement that writes it beside what it accounts for. */
export function entryOf(tx: Pick<WriteTransaction, 'mark'>, actor: Actor, fact: AuditFact): Parameters {
  const entry = bodyOf(actor, fact);
  const { body, detached } = detach(entry, [...ALWAYS_PERSONAL, ...(fact.personal ?? [])]);
  const text = canonicalBody(body);
  return {
    id: entry.id,
    at: fact.at,
    actorId: entry.actor,
    action: entry.action,
    outcome: entry.outcome,
    targetId: entry.target,
    assetIds: entry.assets,
    requestId: entry.requestId,
    body: text,
    detached: JSON.stringify(detached),
    mark: tx.mark(text),
  };
}

/** The same in a transaction of its own, for what changes nothing else: a denial, a failed sign-in, an auditor's read. */
export function recordAuditAlone(graph: Graph, actor: Actor, fact: AuditFact): Promise<void> {
  return graph.write(actor.origin, (tx) => recordAudit(tx, actor, fact));
}

function bodyOf(actor: Actor, fact: AuditFact): LogBody {
  return {
    v: 1,
    id: newId(),
    at: fact.at.toISOString(),
    actor: actor.id,
    actorName: actor.name,
    action: fact.action,
    outcome: fact.outcome ?? 'DONE',
    target: fact.targetId,
    targetName: fact.targetName,
    assets: [...(fact.assetIds ?? [])],
    requestId: actor.origin.requestId,
    operation: actor.origin.operation,
    before: fact.before ?? null,
    after: fact.after ?? null,
    reason: fact.reason ?? null,
  };
}
