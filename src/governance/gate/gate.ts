import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import * as cypher from './gate.cypher.js';

/** As many decisions go on side by side; V030__policies.cypher makes them. */
const GATES = 16;

/** Which set of policies is active. */
export interface PolicyState {
  /** null: none, and nothing is enforced. */
  activeId: string | null;
  activeDigest: string | null;
  activatedAt: Date | null;
  activatedById: string | null;
  /** The set that waits for the word of a second ADMIN, or NO_SET, that none is to be active; null: nothing waits. */
  proposedId: string | null;
  proposedById: string | null;
}

/** The set by which is decided. */
export interface ActiveSet {
  id: string;
  digest: string;
}

/** As before a set was ever active. */
export const NOTHING_ACTIVE: PolicyState = {
  ...{ activeId: null, activeDigest: null, activatedAt: null, activatedById: null },
  ...{ proposedId: null, proposedById: null },
};

/** Proposed in place of a set: nothing is to be enforced any more. No set has this id. */
export const NO_SET = 'none';

/** As it is at this moment. */
export async function policyState(statements: Statements): Promise<PolicyState> {
  const [row] = await statements.run(cypher.POLICY_STATE, {});
  return row ? decodeState(row.row('state')) : NOTHING_ACTIVE;
}

/** The set by which is decided; null: none is active, and nothing is enforced. Throws where it is gone from the database. */
export async function activeSet(statements: Statements): Promise<ActiveSet | null> {
  const [row] = await statements.run(cypher.POLICY_STATE, {});
  return row ? activeIn(row) : null;
}

/**
 * Within the transaction of a decision, before it reads what it decides by: labels, grants and policies stay as they are read until it is
 * kept or given up. Answers which set is active; null: none, and nothing is held. Throws
 * where the gate or the set is gone from the database, for nothing would be held then, and nobody could decide again.
 */
export async function holdStill(tx: WriteTransaction, now: Date): Promise<ActiveSet | null> {
  const gate = Math.floor(Math.random() * GATES);
  const row = await tx.first(cypher.HOLD_STILL, { gate, now });
  if (row?.int('gates') === 0)
    throw new Error(`PolicyGate ${gate} is gone from the database, so nothing is decided. Make it again as V030 does.`);
  return row && activeIn(row);
}

/**
 * Within the transaction of a change of labels, of grants that lower them, or of the active set: decisions that have begun are kept first, and
 * no other begins before it is kept. So nothing is let through by what is no longer so.
 */
export async function awaitDecisions(tx: WriteTransaction, now: Date): Promise<void> {
  await tx.run(cypher.AWAIT_DECISIONS, { now });
}

function activeIn(row: Row): ActiveSet | null {
  const { activeId: id, activeDigest: digest } = decodeState(row.row('state'));
  if (id === null) return null;
  if (digest === null || !row.flag('isThere'))
    throw new Error(`The set of policies ${id} is gone from the database, or is another than the active one.`);
  return { id, digest };
}

function decodeState(row: Row): PolicyState {
  return {
    activeId: row.maybeText('activeId'),
    activeDigest: row.maybeText('activeDigest'),
    activatedAt: row.maybeTime('activatedAt'),
    activatedById: row.maybeText('activatedById'),
    proposedId: row.maybeText('proposedId'),
    proposedById: row.maybeText('proposedById'),
  };
}
