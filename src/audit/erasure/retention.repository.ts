import type { WriteTransaction } from '../../neo4j/graph.js';
import { textOf } from '../../neo4j/row.js';
import { LOCK_OLDEST, PRUNE } from './retention.cypher.js';

export class RetentionRepository {
  /** How far the log is pruned, its size, and the oldest entries that are left. Others that seal or prune wait. */
  async lockOldest(tx: WriteTransaction, now: Date, limit: number) {
    const row = await tx.first(LOCK_OLDEST, { now, limit });
    if (row === null) return null;
    const oldest = row.rows('oldest').map((each) => ({ seq: each.int('seq'), body: textOf(each.raw('body')) }));
    return { prunedTo: row.int('prunedTo'), size: row.int('size'), oldest };
  }

  /** Takes the entries numbered from `from` up to and without `to` away. Their hashes stay in the tiles. */
  async prune(tx: WriteTransaction, from: number, to: number): Promise<void> {
    await tx.run(PRUNE, { from, to });
  }
}
