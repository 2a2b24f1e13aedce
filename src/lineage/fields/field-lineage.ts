import type { Asset, AssetField } from '../../catalog/model/asset.js';
import type { FieldClaim } from './field-claim.js';
import type { Completeness, Direction, Lineage } from '../trace/lineage.js';

/** Deepest walk from field to field that can be asked for. */
export const MAX_FIELD_DEPTH = 10_000;
/** Largest page: a table of 3,000 columns is answered at once. */
export const MAX_FIELD_PAGE = 5_000;

/** A field within an answer: as it was at the time that was asked for. */
export interface ShownField extends AssetField {
  /** Its data set as it was; null: as it is, to be found by the field. */
  datasetThen: Asset | null;
  /** Hops from the nearest of the fields asked about, where it was reached. */
  depth?: number;
}

export interface FieldStep {
  /** Stable within one answer and its pages; the id of the field unless it is hidden. */
  key: string;
  depth: number;
  hidden: boolean;
  /** null: hidden from the viewer. */
  field: ShownField | null;
}

export interface FieldEdge {
  source: string;
  target: string;
  /** What is done to the field, where all claims agree; null where they do not, or cannot be seen. */
  transformation: string | null;
  /** All claims that can be seen say that it is masked. */
  masking: boolean;
  claims: FieldClaim[];
}

export interface FieldLineage {
  roots: ShownField[];
  nodes: ShownField[];
  steps: FieldStep[];
  edges: FieldEdge[];
  totalCount: number;
  completeness: Completeness;
  page: Lineage['page'];
}

/** What is asked, beside the fields to start from. */
export interface FieldLineageQuestion {
  direction: Direction;
  depth: number;
  asOf: Date | null;
  knownAt: Date | null;
  first: number;
  after: string | null;
}

/** Where a question starts: fields by id, or the fields of a data set. */
export interface FieldRoots {
  ids?: readonly string[];
  dataset?: string;
  /** Of the data set only the field of this name. */
  name?: string | null;
}

/** What all claims of an edge say is done to the field: the subtype, or the type where there is none. */
export function agreedTransformation(claims: readonly FieldClaim[]): string | null {
  const said = new Set(claims.map(({ type, subtype }) => subtype ?? type));
  return said.size === 1 ? ([...said][0] ?? null) : null;
}
