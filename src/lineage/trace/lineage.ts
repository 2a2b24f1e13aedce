import type { Asset, AssetName } from '../../catalog/model/asset.js';
import type { Claim } from '../statements/claim.js';

export const DIRECTIONS = ['UPSTREAM', 'DOWNSTREAM', 'BOTH'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Deepest traversal that can be asked for; of versions and runs too, where it is what "at any remove" means. */
export const MAX_LINEAGE_DEPTH = 10_000;
/** Most roots of one question. */
export const MAX_ROOTS = 50;
/** Most nodes of one page; other lists have smaller ones. */
export const MAX_LINEAGE_PAGE = 1_000;

export interface LineageNode {
  /** Stable within one answer and its pages; the id of the asset unless it is hidden. */
  key: string;
  depth: number;
  /** null: hidden from the viewer, or not asked for. */
  asset: Asset | AssetName | null;
  hidden: boolean;
  moreUpstream: number;
  moreDownstream: number;
}

export interface LineageEdge {
  source: string;
  target: string;
  claims: Claim[];
  /** How many ignored assets the data passes on the way; absent: none. */
  through?: number;
}

export interface Completeness {
  complete: boolean;
  hiddenNodes: number;
  cutByDepth: number;
  cutByPage: boolean;
}

export interface Lineage {
  roots: Asset[];
  nodes: LineageNode[];
  edges: LineageEdge[];
  totalCount: number;
  completeness: Completeness;
  page: { startCursor: string | null; endCursor: string | null; hasPreviousPage: boolean; hasNextPage: boolean };
}

/** Assets to pass through without showing them: those of which one of these is true. */
interface Ignored {
  kinds: readonly string[];
  tags: readonly string[];
  refs: readonly string[];
}

/** Assets at which the walk ends: those of which one of these is true. */
interface Until {
  kinds: readonly string[];
  tags: readonly string[];
  owners: readonly string[];
}

/** Which parts of an answer are selected: the others are not computed. */
export interface LineageSelection {
  page: boolean;
  edges: boolean;
  claims: boolean;
  /** What the rim leaves out, per node. */
  more: boolean;
  /** Whole assets; and else, what names them. */
  assets: boolean;
  names: boolean;
  /** The columns of data sets as they were, where a clock is asked for. */
  fields: boolean;
  total: boolean;
  completeness: boolean;
}

/** What is asked, beside the roots: equal questions about several roots are answered by one statement. */
export interface LineageQuestion {
  direction: Direction;
  depth: number;
  asOf: Date | null;
  knownAt: Date | null;
  kinds: readonly string[] | null;
  ignore: Ignored | null;
  until: Until | null;
  first: number;
  after: string | null;
  wants: LineageSelection;
}
