import { unknownField } from '../../catalog/model/field-names.js';
import { notFound } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { FlowEnd } from '../statements/claim.repository.js';
import type { FieldClaimRepository, NamedField } from './field-claim.repository.js';

/** A field as somebody names it who states a flow. */
export interface WantedField {
  dataset: FlowEnd;
  /** Its name, or its id. */
  name: string;
}

/**
 * The fields by the names that they had at `at`, which have to have been there then; null: by those that they have, whether they are
 * there or not. Throws NOT_FOUND.
 */
export async function findFields(
  fields: FieldClaimRepository,
  tx: WriteTransaction,
  wanted: readonly WantedField[],
  at: Date | null,
): Promise<(dataset: FlowEnd, name: string) => NamedField> {
  const distinct = new Map(wanted.map((each) => [keyOf(each.dataset, each.name), each]));
  const found = await fields.fieldsNamed(
    tx,
    [...distinct.values()].map(({ dataset, name }) => ({ dataset: dataset.id, name })),
  );
  const isDoubtful = ([key, { name }]: [string, WantedField]): boolean => !isSurely(found.get(key), name, at);
  const doubtful = [...distinct].filter(isDoubtful);
  if (doubtful.length > 0) {
    const datasets = [...new Set(doubtful.map(([, { dataset }]) => dataset.id))];
    const renamed = await fields.fieldsRenamed(tx, datasets);
    for (const [key, each] of doubtful) {
      const others = renamed.get(each.dataset.id) ?? [];
      const hit = found.get(key);
      const field = calledThen(hit ? [hit, ...others] : others, each.name, at);
      if (!field) throw await notThere(fields, tx, each, others);
      found.set(key, field);
    }
  }
  for (const [key, { dataset }] of distinct) checkThere(dataset, found.get(key), at);
  return (dataset, name) => {
    const field = found.get(keyOf(dataset, name));
    if (!field) throw new Error('A field that was found is gone.');
    return field;
  };
}

const keyOf = (dataset: FlowEnd, name: string): string => `${dataset.id} ${name}`;

/** The name that a field had at a time; null: the one it has. */
function nameAt({ name, former }: NamedField, at: Date | null): string {
  return (at === null ? undefined : former.find(({ until }) => until > at)?.name) ?? name;
}

/** What was added later counts as there before, but not in the place of one that truly had the name. */
const isSurely = (field: NamedField | undefined, name: string, at: Date | null): boolean =>
  field !== undefined && (field.id === name || (nameAt(field, at) === name && (at === null || field.addedAt <= at)));

/** Of several, one that was there then; otherwise the first one. */
function calledThen(fields: readonly NamedField[], name: string, at: Date | null): NamedField | undefined {
  const called = fields.filter((field) => nameAt(field, at) === name);
  return called.find((field) => at !== null && field.addedAt <= at && !isGone(field, at)) ?? called[0];
}

const isGone = ({ removedAt }: NamedField, at: Date): boolean => removedAt !== null && removedAt <= at;

function checkThere({ urn }: FlowEnd, field: NamedField | undefined, at: Date | null): void {
  if (!field || at === null || !isGone(field, at)) return;
  throw notFound(
    `The field "${field.name}" of ${urn} was removed at ${field.removedAt?.toISOString() ?? ''}. State with \`validFrom\` before that what was true then.`,
  );
}

async function notThere(
  fields: FieldClaimRepository,
  tx: WriteTransaction,
  { dataset, name }: WantedField,
  renamed: readonly NamedField[],
): Promise<Error> {
  for (const field of renamed) {
    const former = field.former.findLast((each) => each.name === name);
    if (!former) continue;
    return notFound(
      `The field "${name}" of ${dataset.urn} is called "${field.name}" since ${former.until.toISOString()}. Name it so, or state with \`validFrom\` before that.`,
    );
  }
  return unknownField(dataset.urn, name, await fields.fieldNames(tx, dataset.id));
}
