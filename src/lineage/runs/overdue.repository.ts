import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import * as cypher from './overdue.cypher.js';
import type { Run } from './run.js';
import { decodeRun } from './run.repository.js';

/** Runs that were to have given a sign of life. */
export class OverdueRepository extends ActorReads {
  /** Since when each is overdue at that time; those that are. */
  async since(actor: Actor, runIds: readonly string[], shownAt: Date): Promise<Map<string, Date>> {
    const rows = await this.read(actor, cypher.OVERDUE_RUNS, { ids: runIds, shownAt });
    return new Map(rows.map((row) => [row.text('id'), row.time('since')]));
  }

  /** Keeps a sign of life of a run that the transaction has locked. `overdueSince`: it had been overdue since then. */
  async beat(tx: WriteTransaction, id: string): Promise<{ run: Run; overdueSince: Date | null }> {
    const row = await tx.one(cypher.HEARTBEAT, { id, now: this.now() });
    return { run: decodeRun(row.row('run')), overdueSince: row.maybeTime('overdueSince') };
  }
}
