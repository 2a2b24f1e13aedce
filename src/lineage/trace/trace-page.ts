import type { Asset, AssetName } from '../../catalog/model/asset.js';
import type { Claim } from '../statements/claim.js';

/** One page as the database gives it, hidden nodes still by their ids. */
export interface TracePage {
  roots: Asset[];
  /** The refs that resolved to an asset the viewer may see; also of what is to be ignored. */
  found: string[];
  nodes: TraceNode[];
  edges: { source: string; target: string; through: number; claims: Claim[] }[];
  /** Hidden nodes of this page and the pages before: edges may touch them. */
  hiddenIds: string[];
  /** How many nodes lie before this page. */
  start: number;
  hasNext: boolean;
}

/** What is counted over all pages; 0 where it was not asked for. */
export interface TraceCounts {
  total: number;
  hidden: number;
  cutByDepth: number;
}

export type TraceRow = TracePage & TraceCounts;

export interface TraceNode {
  id: string;
  depth: number;
  visible: boolean;
  /** What it is ordered by among those of its depth. */
  name: string;
  moreUpstream: number;
  moreDownstream: number;
  /** null: hidden from the viewer, or not asked for. */
  asset: Asset | AssetName | null;
}

export interface FacetCount {
  facet: string;
  value: string;
  total: number;
}

/** A node of an earlier page. */
export interface Place {
  depth: number;
  visible: boolean;
  name: string;
  /** How many nodes it had before it when it was shown. There may be more now, or fewer. */
  offset: number;
}
