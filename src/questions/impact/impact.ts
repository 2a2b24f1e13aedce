import type { Asset } from '../../catalog/model/asset.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { Completeness } from '../../lineage/trace/lineage.js';
import type { Release } from '../../deployment/releases/release.js';

/** Something downstream of what is asked about. */
interface Affected {
  cursor: string;
  /** The id, or an opaque key of what is hidden. */
  key: string;
  depth: number;
  /** null: hidden from the viewer. */
  asset: Asset | null;
  /** What serves on an affected deployment; null for everything else. */
  live: Release | null;
}

/** Who owns how many of the affected assets that the viewer may see. */
export interface AffectedOwner {
  ownerId: string;
  assets: number;
}

export interface Impact {
  kinds: { kind: AssetKind; count: number }[];
  edges: Affected[];
  totalCount: number;
  completeness: Completeness;
  hasPrevious: boolean;
  hasNext: boolean;
}

/** Which parts of an answer are selected: the others are not computed. */
interface ImpactWants {
  page: boolean;
  counts: boolean;
  live: boolean;
  /** The columns of data sets as they were, where a clock is asked for. */
  fields: boolean;
}

/** What a change is a change of, and as of when; the same for all parts of an answer. */
export interface ImpactScope {
  of: readonly string[];
  depth: number;
  asOf: Date | null;
  knownAt: Date | null;
}

export interface ImpactQuestion extends ImpactScope {
  kinds: readonly AssetKind[] | null;
  first: number;
  after: string | null;
  wants: ImpactWants;
}

/** A page of the owners. */
export interface AffectedOwners {
  edges: (AffectedOwner & { cursor: string })[];
  totalCount: number;
  hasPrevious: boolean;
  hasNext: boolean;
}
