import type { Asset } from '../catalog/asset.js';
import type { AssetKind } from '../catalog/urn.js';
import type { Completeness } from './lineage.js';
import type { Release } from './release.js';

/** Something downstream of what is asked about. */
export interface Affected {
  cursor: string;
  /** The id, or an opaque key of what is hidden. */
  key: string;
  depth: number;
  /** null: hidden from the viewer. */
  asset: Asset | null;
  /** What serves on an affected deployment; null for everything else. */
  live: Release | null;
}

export interface Impact {
  kinds: { kind: AssetKind; count: number }[];
  owners: { ownerId: string; assets: number }[];
  ownerCount: number;
  edges: Affected[];
  totalCount: number;
  completeness: Completeness;
  hasPrevious: boolean;
  hasNext: boolean;
}

export interface ImpactQuestion {
  depth: number;
  kinds: readonly AssetKind[] | null;
  asOf: Date | null;
  knownAt: Date | null;
  first: number;
  after: string | null;
}
