import { badInput } from '../../errors.js';
import type { Claim, Flow } from '../statements/claim.js';

/** How a field goes into another, in the words of OpenLineage's column lineage. */
export const FIELD_TRANSFORMATION_TYPES = ['DIRECT', 'INDIRECT'] as const;
export type FieldTransformationType = (typeof FIELD_TRANSFORMATION_TYPES)[number];

export const FIELD_TRANSFORMATION_SUBTYPES = [
  ...(['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'] as const),
  ...(['JOIN', 'GROUP_BY', 'FILTER', 'SORT', 'WINDOW', 'CONDITIONAL'] as const),
] as const;
export type FieldTransformationSubtype = (typeof FIELD_TRANSFORMATION_SUBTYPES)[number];

/** The values of the one are made of the values of the other. All other subtypes only decide which values there are. */
const DIRECT_SUBTYPES: readonly FieldTransformationSubtype[] = ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'];

/** What is done to a field on its way into another. */
export interface FieldTransformation {
  type: FieldTransformationType;
  /** null: the source did not say. */
  subtype: FieldTransformationSubtype | null;
  /** In the words of the source, such as the expression; null when it gave none. */
  description: string | null;
  /** What the field holds cannot be read back from the other: hashed, cut, replaced. */
  masking: boolean;
}

/** Two fields and a transformation between them: their ids. */
export interface FieldPair {
  source: string;
  target: string;
  via: string;
}

/** Data flows from a field to a field, within a transformation. */
export type FieldFlow = FieldPair & FieldTransformation;

/** One source's statement that a field goes into another. */
export interface FieldClaim extends Claim, FieldTransformation {
  via: string;
}

/** Most flows of one request: three tables of 3,000 columns, and then some. */
export const MAX_FIELD_FLOWS = 10_000;
export const MAX_DESCRIPTION = 1_000;

/**
 * What the input says is done to the field. Without a type it follows from the subtype, and is DIRECT without either.
 * Throws BAD_USER_INPUT when the two contradict each other.
 */
export function transformationOf(given: {
  type?: FieldTransformationType | null;
  subtype?: FieldTransformationSubtype | null;
  description?: string | null;
  masking: boolean;
}): FieldTransformation {
  const { subtype = null, description = null, masking } = given;
  const meant = subtype === null || DIRECT_SUBTYPES.includes(subtype) ? 'DIRECT' : 'INDIRECT';
  const type = given.type ?? meant;
  if (subtype !== null && type !== meant) {
    throw badInput(`${subtype} is ${meant}, not ${type}. Leave \`type\` out, or give the subtype that is meant.`);
  }
  if (description !== null && [...description].length > MAX_DESCRIPTION) {
    throw badInput(`The \`description\` of a flow is longer than ${MAX_DESCRIPTION} characters.`);
  }
  return { type, subtype, description, masking };
}

/**
 * The flow as the claim engine keeps it. The facts tell flows between the same fields apart: a source may say that a field
 * is taken over and filtered by, and then both stand. They are never null: '' stands for what was not said.
 */
export function toFlow({ source, target, via, type, subtype, description, masking }: FieldFlow): Flow {
  return { source, target, facts: { via, type, subtype: subtype ?? '', description: description ?? '', masking } };
}
