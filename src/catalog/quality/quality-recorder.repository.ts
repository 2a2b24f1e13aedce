import type { WriteTransaction } from '../../neo4j/graph.js';
import * as cypher from './quality.cypher.js';
import type { QualityResult } from './quality.js';
import { rowOf, type ResultRow } from './quality.stored.js';

/** Keeps results of the quality of data within the transaction of who reports them, who has decided that they may. */
export class QualityRecorder {
  /** `awaitDecisions`: decisions that have begun are kept first, so that none is made by what changes in its middle. */
  constructor(
    private readonly now: () => Date,
    private readonly awaitDecisions: (tx: WriteTransaction, now: Date) => Promise<void>,
  ) {}

  /**
   * Keeps the results that are not kept yet, of however many data sets, and gives how many these were. The same again adds nothing: by
   * what it says, whoever reports it. What is of a data set that is deleted meanwhile is left out.
   */
  async record(tx: WriteTransaction, results: readonly QualityResult[]): Promise<number> {
    if (results.length === 0) return 0;
    const now = this.now();
    await this.awaitDecisions(tx, now);
    const rows = new Map<string, ResultRow>();
    for (const result of results) {
      const row = rowOf(result, now);
      if (!rows.has(row.key)) rows.set(row.key, row);
    }
    const inOrder = [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return (await tx.one(cypher.RECORD_QUALITY, { results: inOrder })).int('added');
  }
}
