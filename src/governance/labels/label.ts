/** What labels are: dimensions, each a small semilattice, and what is said and what follows in them (ADR 68). */

/** How values of a dimension are joined. */
export const DIMENSION_KINDS = ['MAX', 'MIN', 'UNION', 'INTERSECTION', 'LICENCES'] as const;
export type DimensionKind = (typeof DIMENSION_KINDS)[number];

/** What its values are: a level of a list, codes, a time, a licence expression, a number from 0 to 1. */
export const VALUE_KINDS = ['LEVELS', 'CODES', 'INSTANT', 'SPDX', 'NUMBER'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

export interface Dimension {
  name: string;
  kind: DimensionKind;
  values: ValueKind;
  /** Of LEVELS: from the lowest to the highest. */
  levels?: readonly string[];
  /** Of CODES: those there are; absent: any. */
  codes?: readonly string[];
  description: string;
}

/** A level; sorted codes; a time as ISO in UTC; an expression of SPDX; a number. */
export type LabelValue = string | readonly string[] | number;

export const PRECISIONS = ['FIELD', 'VERSION', 'DATASET'] as const;
/** How exactly the way is known that a label came. */
export type Precision = (typeof PRECISIONS)[number];

/** The two clocks of a question; null: now. */
export interface LabelClocks {
  validAt: Date | null;
  knownAt: Date | null;
}

/** What somebody said of an asset, of one of its versions, or of a field. */
export interface Declaration {
  id: string;
  dimension: string;
  value: LabelValue;
  assetId: string;
  /** null: it is of the asset, and so of each of its versions. */
  versionId: string | null;
  /** null: it is of the whole. */
  field: string | null;
  validFrom: Date;
  validUntil: Date | null;
  recordedAt: Date;
  retractedAt: Date | null;
  declaredById: string;
  reason: string | null;
}

/** Where a part of an effective value was declared. */
export interface Origin {
  declarationId: string;
  value: LabelValue;
  assetId: string;
  versionId: string | null;
  field: string | null;
  /** The version or run (of a versionless asset: the asset) where it enters the line. */
  at: string;
  /** Hops from what was asked about. */
  depth: number;
  /** FIELD: it came along columns all the way. */
  precision: Precision;
  /** From where it was declared, where its way had to be followed: along columns, or through grants; null: any shortest one will do. */
  way: readonly WayStep[] | null;
}

/** A version, run or asset on the way of a label. */
export interface WayStep {
  id: string;
  /** The field in which it came there; null: the whole. */
  field: string | null;
}

/** What follows in one dimension. */
export interface EffectiveLabel {
  /** The join of all that is known; null: nothing is. */
  value: LabelValue | null;
  /** Something up the line says nothing of it: to be enforced as the most restrictive there is. */
  unknown: boolean;
  /** What was declared leaves nothing: no region, no purpose. */
  conflict: boolean;
  precision: Precision;
  /** The fewest declarations from which the value follows. */
  origins: readonly Origin[];
  /** How many of these the viewer may not see; they count, and are not among `origins`. */
  hiddenOrigins: number;
}

/** By the name of the dimension: each one that there is has an entry. */
export type EffectiveLabels = Readonly<Record<string, EffectiveLabel>>;
