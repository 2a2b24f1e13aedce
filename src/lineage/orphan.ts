import type { Asset } from '../catalog/asset.js';

export const ORPHAN_REASONS = ['UNCONNECTED', 'NOT_PRODUCED', 'PRODUCES_NOTHING', 'SERVES_NOTHING'] as const;
export type OrphanReason = (typeof ORPHAN_REASONS)[number];

/** An asset that lacks the lineage its kind must have. */
export interface Orphan {
  asset: Asset;
  reason: OrphanReason;
}
