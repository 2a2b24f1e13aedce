import type { ColumnFacts } from './columns.js';
import type { Declaration, LabelValue } from './label.js';

/** As far as a line is followed; what is longer is told as unknown, whatever was declared. */
export const MOST_HOPS = 10_000;

/** As many flows between columns, and columns, are read at once; where there are more, nothing is followed by columns. */
export const MOST_COLUMNS = 50_000;

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

/** What was declared up a line. */
export interface Said extends Declaration {
  isVisible: boolean;
  /** Ids of the columns that it can be of; none: it is of the whole, or of a column that nobody knows. */
  columnIds: readonly string[];
}

/** What one statement reads of a line. */
export interface LineFacts {
  rootIds: readonly string[];
  carriers: readonly Carrier[];
  declarations: readonly Said[];
  grants: readonly CrossedGrant[];
  /** Source and target; only where a grant lives, or something is declared of a column. */
  edges: readonly (readonly [string, string])[];
  /** null: nothing is declared of a column. */
  columns: ColumnFacts | null;
  /** Dimensions in which something was declared that they do not know any more. */
  unreadable: readonly string[];
  /** It is longer than it was followed. */
  isCut: boolean;
  /** Claims between assets were followed. */
  isByAssets: boolean;
}
