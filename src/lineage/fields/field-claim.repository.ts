import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { decodeClaim } from '../statements/claim.repository.js';
import * as cypher from './field-claim.cypher.js';
import {
  FIELD_TRANSFORMATION_SUBTYPES,
  FIELD_TRANSFORMATION_TYPES,
  type FieldClaim,
  type FieldFlow,
  type FieldPair,
  type FieldTransformation,
} from './field-claim.js';

/** A field as a flow names it. */
export interface NamedField {
  id: string;
  name: string;
  addedAt: Date;
  /** null: it is there. */
  removedAt: Date | null;
  /** The names that it had, each until when, in their order. */
  former: readonly { name: string; until: Date }[];
}

/** What flows between fields name, as the database knows it. */
export class FieldClaimRepository {
  /** The fields by "dataset name", with names that were given or ids. What is not there is not in the answer. */
  async fieldsNamed(
    tx: WriteTransaction,
    wanted: readonly { dataset: string; name: string }[],
  ): Promise<Map<string, NamedField>> {
    const rows = await tx.run(cypher.FIELDS_NAMED, { wanted });
    return new Map(rows.map((row) => [`${row.text('dataset')} ${row.text('name')}`, decodeNamed(row.row('field'))]));
  }

  /** By data set, the fields that are not found by each name that they had. */
  async fieldsRenamed(tx: WriteTransaction, datasets: readonly string[]): Promise<Map<string, NamedField[]>> {
    const rows = await tx.run(cypher.FIELDS_RENAMED, { ids: datasets });
    const found = new Map<string, NamedField[]>(datasets.map((id) => [id, []]));
    for (const row of rows) found.get(row.text('dataset'))?.push(decodeNamed(row.row('field')));
    return found;
  }

  /** The names of the fields that a data set has now. */
  async fieldNames(tx: WriteTransaction, dataset: string): Promise<string[]> {
    return (await tx.one(cypher.FIELD_NAMES, { dataset })).texts('names');
  }

  /** All flows ever stated between the fields, each by the stream it is given with. */
  async statedBetween(
    tx: WriteTransaction,
    pairs: readonly (Pick<FieldPair, 'source' | 'target'> & { stream: string })[],
  ): Promise<FieldFlow[]> {
    const rows = await tx.run(cypher.STATED_BETWEEN, { pairs });
    return rows.map((row) => ({
      source: row.text('source'),
      target: row.text('target'),
      via: row.text('via'),
      ...decodeTransformation(row),
    }));
  }
}

function decodeNamed(field: Row): NamedField {
  const until = field.raw('formerUntil') == null ? [] : field.times('formerUntil');
  const names = until.length === 0 ? [] : field.texts('formerNames');
  return {
    id: field.text('id'),
    name: field.text('name'),
    addedAt: field.time('addedAt'),
    removedAt: field.maybeTime('removedAt'),
    former: until.map((time, index) => ({ name: names[index] ?? '', until: time })),
  };
}

export function decodeFieldClaim(row: Row): FieldClaim {
  return { ...decodeClaim(row), via: row.text('via'), ...decodeTransformation(row) };
}

function decodeTransformation(row: Row): FieldTransformation {
  const [type, subtype] = [row.text('type'), row.text('subtype')];
  return {
    type: FIELD_TRANSFORMATION_TYPES.find((each) => each === type) ?? 'DIRECT',
    subtype: FIELD_TRANSFORMATION_SUBTYPES.find((each) => each === subtype) ?? null,
    description: row.text('description') || null,
    masking: row.flag('masking'),
  };
}
