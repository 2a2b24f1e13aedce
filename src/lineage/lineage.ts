import type { Asset } from '../catalog/asset.js';
import type { Claim } from './claim.js';

export const DIRECTIONS = ['UPSTREAM', 'DOWNSTREAM', 'BOTH'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Deepest traversal that can be asked for. */
export const MAX_LINEAGE_DEPTH = 50;
/** Most roots of one question. */
export const MAX_ROOTS = 50;

export interface LineageNode {
  /** Stable within one answer and its pages; the id of the asset unless it is hidden. */
  key: string;
  depth: number;
  /** null: hidden from the viewer. */
  asset: Asset | null;
  hidden: boolean;
  moreUpstream: number;
  moreDownstream: number;
}

export interface LineageEdge {
  source: string;
  target: string;
  claims: Claim[];
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

/** What is asked, beside the roots: equal questions about several roots are answered by one statement. */
export interface LineageQuestion {
  direction: Direction;
  depth: number;
  asOf: Date | null;
  knownAt: Date | null;
  kinds: readonly string[] | null;
  first: number;
  after: string | null;
}
