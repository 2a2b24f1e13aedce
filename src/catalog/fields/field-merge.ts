import type { FieldInput } from '../assets/asset.input.js';
import { toFields } from '../assets/asset.changes.js';
import type { NewField } from '../assets/dataset-fields.repository.js';
import type { SetFieldsMode } from './field.input.js';

/** A field as the audit log tells it. */
export type FieldTold = Pick<NewField, 'name' | 'type' | 'description'>;

/** The fields that a data set has after those were given, in order. Throws BAD_USER_INPUT for one that is given twice. */
export function fieldsAfter(
  present: readonly FieldTold[],
  given: readonly FieldInput[],
  mode: SetFieldsMode,
): NewField[] {
  const wanted = toFields(given);
  if (mode === 'REPLACE') return wanted;
  const left = new Map(given.map((field) => [field.name, field]));
  const kept = present.map(({ name, type, description }): NewField => {
    const change = left.get(name);
    left.delete(name);
    if (!change) return { name, type, description };
    return {
      name,
      type: change.type === undefined ? type : change.type,
      description: change.description === undefined ? description : change.description,
    };
  });
  return [...kept, ...wanted.filter(({ name }) => left.has(name))];
}

/**
 * What the audit log tells of a change: the fields that were changed or removed, as they were, and those that were changed or added, as
 * they are. A change of nothing but the order is told with all of them.
 */
export function changedFields(
  before: readonly FieldTold[],
  after: readonly FieldTold[],
): { before: FieldTold[]; after: FieldTold[]; same: boolean } {
  const [were, are] = [byName(before), byName(after)];
  const differs = ({ name }: FieldTold): boolean => {
    const [was, is] = [were.get(name), are.get(name)];
    return was?.name !== is?.name || was?.type !== is?.type || was?.description !== is?.description;
  };
  const [gone, come] = [before.filter(differs), after.filter(differs)];
  if (gone.length > 0 || come.length > 0) return { before: gone, after: come, same: false };
  const same = after.every(({ name }, index) => before[index]?.name === name);
  return same ? { before: [], after: [], same } : { before: [...before], after: [...after], same };
}

const byName = (fields: readonly FieldTold[]): Map<string, FieldTold> =>
  new Map(fields.map((field) => [field.name, field]));
