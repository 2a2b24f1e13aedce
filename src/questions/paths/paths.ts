import type { Asset } from '../../catalog/model/asset.js';
import type { Claim } from '../../lineage/statements/claim.js';
import type { LineageEdge, LineageNode } from '../../lineage/trace/lineage.js';

/** Most paths of one answer. */
export const MAX_PATHS = 50;
/** Most assets on the ways among which the shortest are looked for, and most flows between these. */
export const MAX_WAY_ASSETS = 100_000;
export const MAX_WAY_FLOWS = 200_000;
/** How much longer than the shortest ways may be, before all ways are looked at. */
export const DETOUR = 4;

/** A way along the flow of data: both ends and what lies between, in order. */
export interface LineagePath {
  nodes: LineageNode[];
  edges: LineageEdge[];
}

export interface PathQuestion {
  asOf: Date | null;
  knownAt: Date | null;
  first: number;
  wants: PathWants;
}

/** Which parts of an answer are selected: the others are not read. */
export interface PathWants {
  /** The columns of data sets as they were, where a clock is asked for. */
  fields: boolean;
  more: boolean;
  claims: boolean;
}

/** The assets that ways are about, and how far they are apart; null: nothing flows from the one to the other. */
export interface Distance {
  fromId: string | null;
  toId: string | null;
  hops: number | null;
}

/** An asset on a way, and where data flows from it; `targets` are places in the list. */
export interface WayStop {
  id: string;
  targets: number[];
}

/** What is shown of ways: their assets by id, and the claims by the ids of both ends. */
export interface ShownWays {
  nodes: ReadonlyMap<string, { asset: Asset | null; moreUpstream: number; moreDownstream: number }>;
  claims: ReadonlyMap<string, Claim[]>;
}
