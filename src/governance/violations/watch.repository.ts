import { systemActor } from '../../auth/actor.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { decodeViolation } from './violation.decode.js';
import type { Closing, Violation } from './violation.js';
import * as cypher from './watch.cypher.js';

const SYSTEM = systemActor('policy-watch');
/** Assets with more versions and runs than this are not followed: all that serves is decided again. */
const MOST_ROOTS = 2_000;
/** What was done to people, of which no asset tells, and by which somebody may own something no more. */
const OF_PEOPLE = [
  ...['principal:disable', 'principal:enable', 'team:setMembers', 'team:retire', 'team:restore'],
  ...['user:follow', 'person:erase'],
];

/** How far what changed was looked through. */
export interface WatchState {
  /** The number of the last entry of the audit log; null: nothing was looked through yet. */
  through: number | null;
  /** The set by which all was decided last; null: none was active. */
  policySetId: string | null;
  /** When all was last asked anew; null: never. */
  allAt: Date | null;
}

/** A deployment that is to be decided again. */
export interface PolicyCheck {
  id: string;
  deploymentId: string;
}

/** How much waits, since when, and how much is violated. */
export interface MeasuredWatch {
  waiting: number;
  oldest: Date | null;
  open: number;
}

/** Somebody else has the lease: what was done without it is given up. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** What waits to be decided again, and what is violated. */
export class WatchRepository {
  constructor(
    private readonly graph: Graph,
    private readonly worker: string,
    private readonly now: () => Date,
  ) {}

  async look(): Promise<{ watch: WatchState; isDue: boolean; isOpen: boolean; isExpired: boolean }> {
    const [row] = await this.graph.read(SYSTEM.origin, cypher.LOOK, { now: this.now() });
    if (!row) throw new Error('The node PolicyWatch is gone from the database.');
    const flags = { isDue: row.flag('isDue'), isOpen: row.flag('isOpen'), isExpired: row.flag('isExpired') };
    return { watch: decodeWatch(row.row('watch')), ...flags };
  }

  /** null: another server has it. */
  async lease(until: Date): Promise<WatchState | null> {
    return this.graph.write(SYSTEM.origin, async (tx) => {
      const row = await tx.first(cypher.LEASE_WATCH, { worker: this.worker, until, now: this.now() });
      return row && decodeWatch(row.row('watch'));
    });
  }

  async release(): Promise<void> {
    await this.graph.write(SYSTEM.origin, (tx) =>
      tx.run(cypher.RELEASE_WATCH, { worker: this.worker, now: this.now() }),
    );
  }

  /** The work in a transaction that is kept only with the lease. Throws LeaseLost. */
  async holding<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    return this.graph.write(SYSTEM.origin, async (tx) => {
      if (!(await tx.first(cypher.HOLD_WATCH, { worker: this.worker, now: this.now() }))) throw new LeaseLost();
      return work(tx);
    });
  }

  /** What was looked through, with what is to be decided again: both are kept or neither is. */
  async note(changes: Partial<WatchState>, deploymentIds: readonly string[]): Promise<void> {
    const now = this.now();
    const checks = deploymentIds.map((deploymentId) => ({ id: newId(), deploymentId, dueAt: now, since: now }));
    await this.holding(async (tx) => {
      if (checks.length > 0) await tx.run(cypher.ENQUEUE, { checks });
      await tx.run(cypher.KEEP_WATCH, { changes });
    });
  }

  async peopleChanged(after: number, through: number): Promise<boolean> {
    const asked = { after, through, actions: OF_PEOPLE };
    const [row] = await this.graph.read(SYSTEM.origin, cypher.PEOPLE_CHANGED, asked);
    return (row?.int('total') ?? 0) > 0;
  }

  /** The deployments on which something serves that came of the assets; null: there is too much to follow. */
  async affectedBy(ids: readonly string[]): Promise<string[] | null> {
    const [roots] = await this.graph.read(SYSTEM.origin, cypher.ROOTS_OF, { ids });
    if ((roots?.int('roots') ?? 0) > MOST_ROOTS) return null;
    return (await this.graph.read(SYSTEM.origin, cypher.AFFECTED_BY, { ids })).map((row) => row.text('id'));
  }

  async all(): Promise<string[]> {
    return (await this.graph.read(SYSTEM.origin, cypher.ALL_WATCHED, {})).map((row) => row.text('id'));
  }

  async due(limit: number): Promise<PolicyCheck[]> {
    const rows = await this.graph.read(SYSTEM.origin, cypher.DUE_CHECKS, { limit, now: this.now() });
    return rows.map((row) => ({ id: row.text('id'), deploymentId: row.text('deploymentId') }));
  }

  async ended(tx: WriteTransaction, ids: readonly string[]): Promise<void> {
    await tx.run(cypher.END_CHECKS, { ids });
  }

  async postpone(ids: readonly string[], dueAt: Date): Promise<void> {
    await this.holding((tx) => tx.run(cypher.POSTPONE_CHECKS, { ids, dueAt }));
  }

  async openOn(tx: WriteTransaction, ids: readonly string[]): Promise<Violation[]> {
    return (await tx.run(cypher.OPEN_ON, { ids })).map((row) => decodeViolation(row.row('violation')));
  }

  async open(tx: WriteTransaction, { __typename, closedAt, closing, ...violation }: Violation): Promise<void> {
    await tx.run(cypher.OPEN_VIOLATION, { violation });
  }

  async close(tx: WriteTransaction, id: string, closing: Closing): Promise<void> {
    await tx.run(cypher.CLOSE_VIOLATION, { id, closing, now: this.now() });
  }

  async measure(): Promise<MeasuredWatch> {
    const [row] = await this.graph.read(SYSTEM.origin, cypher.MEASURE, { now: this.now() });
    return { waiting: row?.int('waiting') ?? 0, oldest: row?.maybeTime('oldest') ?? null, open: row?.int('open') ?? 0 };
  }
}

const decodeWatch = (row: Row): WatchState => ({
  ...{ through: row.maybeInt('through'), policySetId: row.maybeText('policySetId'), allAt: row.maybeTime('allAt') },
});
