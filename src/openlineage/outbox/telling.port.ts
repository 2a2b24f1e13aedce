import type { Asset } from '../../catalog/model/asset.js';
import type { QualityResult } from '../../catalog/quality/quality.js';
import type { WriteTransaction } from '../../neo4j/graph.js';

/** A decision against what was asked for. */
export interface Denial {
  /** As the audit log calls it. */
  action: string;
  at: Date;
  reasons: readonly { rule: string; asset: string | null }[];
}

/**
 * Tells others of what happens, in the transaction in which it happens: what is rolled back is never told of, and what is kept is told
 * of at some time.
 */
export interface TellsOthers {
  /** `isFirst`: it did not begin before, in an attempt that failed. */
  runBegan(tx: WriteTransaction, runId: string, isFirst: boolean): Promise<void>;
  runEnded(tx: WriteTransaction, runId: string): Promise<void>;
  releaseBegan(tx: WriteTransaction, releaseId: string): Promise<void>;
  releaseEnded(tx: WriteTransaction, releaseId: string): Promise<void>;
  denied(tx: WriteTransaction, of: Asset, denial: Denial): Promise<void>;
  qualityReported(
    tx: WriteTransaction,
    of: Asset,
    version: string | null,
    results: readonly QualityResult[],
  ): Promise<void>;
}
