import type { Declaration, LabelValue } from './label.js';

/** As far as a line is followed; what is longer is told as unknown, whatever was declared. */
export const MOST_HOPS = 10_000;

/** Something up the line that carries labels, or at which it ends. */
export interface Carrier {
  /** The version, run or asset; of several alike the nearest. */
  at: string;
  /** Whose declarations hold there; null: nothing was ever declared of it. */
  assetId: string | null;
  versionId: string | null;
  depth: number;
  /** Nothing went into it. */
  ends: boolean;
  /** Of a run that read nothing: what it made, within the line. They are where it begins. */
  outputs: readonly { versionId: string; assetId: string }[] | null;
}

/** A grant that lives, at a run of exactly its code. */
export interface CrossedGrant {
  id: string;
  runId: string;
  dimension: string;
  from: LabelValue | null;
  to: LabelValue;
}

/** What one statement reads of a line. */
export interface LineFacts {
  rootIds: readonly string[];
  carriers: readonly Carrier[];
  declarations: readonly (Declaration & { isVisible: boolean })[];
  grants: readonly CrossedGrant[];
  /** Source and target; only where a grant lives. */
  edges: readonly (readonly [string, string])[];
  /** Dimensions in which something was declared that they do not know any more. */
  unreadable: readonly string[];
  /** It is longer than it was followed. */
  isCut: boolean;
  /** Claims between assets were followed. */
  isByAssets: boolean;
}
