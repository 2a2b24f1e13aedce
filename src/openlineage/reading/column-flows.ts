import {
  FIELD_TRANSFORMATION_SUBTYPES,
  type FieldTransformation,
  MAX_DESCRIPTION,
} from '../../lineage/fields/field-claim.js';
import { spelt } from '../../spelling.js';
import type { ColumnInput, ColumnLineage, ColumnTransformation } from '../event/column-lineage.js';
import type { Named } from './names.js';

/** A column that goes into a column, both by the urn of their data set and their name there. */
export interface ColumnFlow {
  source: string;
  sourceField: string;
  target: string;
  targetField: string;
  transformation: FieldTransformation;
}

const UNSAID: FieldTransformation = { type: 'DIRECT', subtype: null, description: null, masking: false };

/** What a data set that an event names is called in the catalog. */
export type NameOf = (dataset: ColumnInput['dataset']) => Named;

/**
 * Which columns go into those of a data set, each pair with what is done to it once; and of what they are. What all columns depend on goes
 * into each. A model has no columns: of what is said of those it is kept what goes into it, or that it does.
 */
export function flowsInto(
  target: Named,
  lineage: ColumnLineage,
  nameOf: NameOf,
): { inputs: Named[]; flows: ColumnFlow[] } {
  const flows = new Map<string, ColumnFlow>();
  const inputs = new Map<string, Named>();
  const add = (column: string, input: ColumnInput, said: readonly FieldTransformation[]): void => {
    const from = nameOf(input.dataset);
    const ends = { source: from.urn, sourceField: spelt(input.field), target: target.urn, targetField: spelt(column) };
    if (ends.sourceField === '' || ends.targetField === '') return;
    inputs.set(from.urn, from);
    if (from.kind !== 'DATASET' || target.kind !== 'DATASET') return;
    for (const transformation of said) flows.set(JSON.stringify([ends, transformation]), { ...ends, transformation });
  };
  for (const [column, from] of lineage.fields) {
    for (const input of from) add(column, input, transformationsOf(input.transformations, UNSAID));
    for (const input of lineage.dataset)
      add(column, input, transformationsOf(input.transformations, { ...UNSAID, type: 'INDIRECT' }));
  }
  if (target.kind !== 'DATASET') for (const input of lineage.dataset) add(target.name, input, []);
  return { inputs: [...inputs.values()], flows: [...flows.values()] };
}

function transformationsOf(
  given: readonly ColumnTransformation[],
  unsaid: FieldTransformation,
): readonly FieldTransformation[] {
  return given.length === 0 ? [unsaid] : given.map((each) => transformationOf(each));
}

/** Words that are none of OpenLineage's stand in the description, so that nothing of what was said is lost. */
function transformationOf({ type, subtype, description, masking }: ColumnTransformation): FieldTransformation {
  const word = (subtype ?? type).toUpperCase();
  const known = FIELD_TRANSFORMATION_SUBTYPES.find((each) => each === word) ?? null;
  const isIndirect = type.toUpperCase() === 'INDIRECT';
  const others = [type, subtype ?? ''].filter((each) => each !== '' && !isWord(each));
  const text = [...others, ...(description === null || description === '' ? [] : [description])].join(': ');
  return {
    type: isIndirect ? 'INDIRECT' : 'DIRECT',
    subtype: known,
    description: text === '' ? null : [...text].slice(0, MAX_DESCRIPTION).join(''),
    masking: masking ?? false,
  };
}

const isWord = (text: string): boolean =>
  ['DIRECT', 'INDIRECT', ...FIELD_TRANSFORMATION_SUBTYPES].some((each) => each === text.toUpperCase());
