import type { Claim } from '../../lineage/statements/claim.js';
import type { Completeness, Direction, LineageEdge, LineageNode } from '../../lineage/trace/lineage.js';

export const LINEAGE_CLOCKS = ['AS_OF', 'KNOWN_AT'] as const;
export type LineageClock = (typeof LINEAGE_CLOCKS)[number];

/** Most flows that one answer tells apart. */
export const MAX_DIFF_EDGES = 5_000;

export interface DiffQuestion {
  direction: Direction;
  depth: number;
  clock: LineageClock;
  from: Date;
  to: Date;
  /** The clock that stands still; null: now. */
  asOf: Date | null;
  knownAt: Date | null;
  wants: DiffWants;
}

/** Which parts of an answer are selected: the others are not read. */
interface DiffWants {
  assets: boolean;
  /** The columns of data sets as they were. */
  fields: boolean;
  more: boolean;
}

/** A flow that was there at both times, but not by the word of the same sources. */
interface ChangedEdge {
  source: string;
  target: string;
  before: Claim[];
  after: Claim[];
}

export interface LineageDiff {
  added: LineageEdge[];
  removed: LineageEdge[];
  changed: ChangedEdge[];
  nodes: LineageNode[];
  completeness: Completeness;
}
