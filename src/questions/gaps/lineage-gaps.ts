import type { Asset } from '../../catalog/model/asset.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { Direction } from '../../lineage/trace/lineage.js';

export const ORPHAN_REASONS = ['UNCONNECTED', 'NO_UPSTREAM', 'NO_DOWNSTREAM'] as const;
export type OrphanReason = (typeof ORPHAN_REASONS)[number];

/** An asset that lacks lineage. */
export interface Orphan {
  asset: Asset;
  reason: OrphanReason;
}

/** Which assets are looked at, and what they must have. */
export interface OrphanFilter {
  kinds: readonly AssetKind[] | null;
  namespaces: readonly string[] | null;
  /** The side that is missing; null: the one that its kind must have. */
  lacking: Direction | null;
  asOf: Date | null;
  knownAt: Date | null;
}
