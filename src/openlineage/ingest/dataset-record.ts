/**
 * Which fields a data set has by what was reported of it: those of the latest schema, and columns that lineage names and no schema ever
 * named, as some producers know one and not the other. Made of sets and of the latest alone, so the order of the events does not matter.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import { isLater, type Stamp } from '../reading/stamp.js';

const datasetRecord = z.object({
  /** Somebody registered it by hand; else reports brought it in. */
  byHand: z.boolean(),
  /** Of the latest schema; null: none was reported. */
  stamp: z.string().nullable(),
  /** Of the fields of the latest schema. */
  digest: z.string().nullable(),
  /** The names in the latest schema. */
  latest: z.array(z.string()).readonly(),
  /** The names in any schema. */
  ever: z.array(z.string()).readonly(),
  /** The names that lineage between columns told of. */
  columns: z.array(z.string()).readonly(),
});
export type DatasetRecord = z.infer<typeof datasetRecord>;

export const NOTHING_REPORTED: DatasetRecord = {
  byHand: false,
  stamp: null,
  digest: null,
  latest: [],
  ever: [],
  columns: [],
};

/** As it was kept. What cannot be read is as if somebody had registered the data set by hand: nothing of it is replaced. */
export const readDatasetRecord = (stored: unknown): DatasetRecord =>
  datasetRecord.catch({ ...NOTHING_REPORTED, byHand: true }).parse(stored);

/** A schema, as of an event. */
export interface SaidSchema {
  stamp: Stamp;
  fields: readonly NewField[];
}

/** What is known with more schemas and columns. */
export function withReport(
  record: DatasetRecord,
  schemas: readonly SaidSchema[],
  columns: Iterable<string>,
): DatasetRecord {
  const last = latestOf(schemas);
  const isNewest = last !== null && isLater(last.stamp, record.stamp);
  const names = schemas.flatMap(({ fields }) => fields.map(({ name }) => name));
  return {
    byHand: record.byHand,
    stamp: isNewest ? last.stamp : record.stamp,
    digest: isNewest ? digestOf(last.fields) : record.digest,
    latest: isNewest ? last.fields.map(({ name }) => name) : record.latest,
    ever: union(record.ever, names),
    columns: union(record.columns, columns),
  };
}

/** The fields that the data set is to have: `present` are those it has, of which the latest schema is known. */
export function fieldsOf(
  record: DatasetRecord,
  schemas: readonly SaidSchema[],
  present: readonly NewField[],
): NewField[] {
  const last = latestOf(schemas);
  const isNewest = last !== null && last.stamp === record.stamp;
  const latest = new Set(record.latest);
  const ofSchema = isNewest ? last.fields : present.filter(({ name }) => latest.has(name));
  return [...ofSchema.map(plain), ...onlyTold(record).map((name) => ({ name, type: null, description: null }))];
}

/** The columns that lineage told of and no schema ever had. */
function onlyTold({ ever, columns }: DatasetRecord): string[] {
  const named = new Set(ever);
  return columns.filter((name) => !named.has(name));
}

/** Where somebody writes the fields by hand, theirs stay, and what is missing comes behind. */
export function fieldsBeside(present: readonly NewField[], wanted: readonly NewField[]): NewField[] {
  const known = new Set(present.map(({ name }) => name));
  return [...present.map(plain), ...wanted.filter(({ name }) => !known.has(name)).map(plain)];
}

/** Whether the fields that follow may differ: those of the latest schema, or those of no schema. */
export function tellsMore(before: DatasetRecord, after: DatasetRecord): boolean {
  if (before.digest !== after.digest) return true;
  const [told, tells] = [onlyTold(before), onlyTold(after)];
  return told.length !== tells.length || told.some((name, at) => name !== tells[at]);
}

/** By which it is known again what reports wrote. */
export const digestOf = (fields: readonly NewField[]): string =>
  createHash('sha256')
    .update(JSON.stringify(fields.map(plain)))
    .digest('base64url');

const plain = ({ name, type, description }: NewField): NewField => ({ name, type, description });

function latestOf(schemas: readonly SaidSchema[]): SaidSchema | null {
  return schemas.reduce<SaidSchema | null>((last, each) => (isLater(each.stamp, last?.stamp) ? each : last), null);
}

/** In order: lists that are kept must not tell in which order things came. */
function union(known: readonly string[], more: Iterable<string>): readonly string[] {
  const all = new Set(known);
  const size = all.size;
  for (const name of more) all.add(name);
  return all.size === size ? known : [...all].sort();
}
