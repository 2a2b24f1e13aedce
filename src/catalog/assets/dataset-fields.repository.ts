import { isDeepStrictEqual } from 'node:util';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { mapInTurns, Turn } from '../../turn.js';
import type { AssetField } from '../model/asset.js';
import { decodeField } from '../model/asset.decode.js';
import { wholesOf } from '../model/field-path.js';
import * as changing from './asset-change.cypher.js';
import { FIELDS_OF } from './asset.cypher.js';

export interface NewField {
  name: string;
  type: string | null;
  description: string | null;
}

/** The fields of a data set that is locked: read, replaced, renamed. Each gives those that it then has, in their order. */
export class DatasetFields {
  constructor(private readonly now: () => Date) {}

  async read(tx: WriteTransaction, datasetId: string): Promise<AssetField[]> {
    return decodeFields(await tx.run(FIELDS_OF, { ids: [datasetId] }));
  }

  /** Replaces those it has, `present`; only what differs is written. */
  async write(
    tx: WriteTransaction,
    datasetId: string,
    present: readonly AssetField[],
    wanted: readonly NewField[],
  ): Promise<AssetField[]> {
    const known = new Map(present.map((field) => [field.name, field]));
    const ordered = wanted.map((field, index) => ({ ...field, ordinal: index + 1 }));
    const turn = new Turn();
    const changed = ordered.filter((field) => !isSame(known.get(field.name), field));
    const [before, after] = [await wholesOf(namesOf(present)), await wholesOf(namesOf(wanted))];
    const moved = namesOf(wanted).filter(
      (name) => !known.has(name) || !isDeepStrictEqual(before.get(name), after.get(name)),
    );
    await turn.give();
    const rows = await tx.run(changing.WRITE_FIELDS, {
      id: datasetId,
      names: namesOf(wanted),
      fields: changed.map((field) => ({ ...field, id: newId() })),
      placed: placesOf(datasetId, moved, after),
      now: this.now(),
    });
    return decodeFields(rows);
  }

  /** Renames those of `present` that are `renamed`, by their names until now. */
  async rename(
    tx: WriteTransaction,
    datasetId: string,
    present: readonly AssetField[],
    renamed: ReadonlyMap<string, string>,
    at: Date,
  ): Promise<AssetField[]> {
    const nameThen = (name: string): string => renamed.get(name) ?? name;
    const [before, after] = [
      await wholesOf(namesOf(present)),
      await wholesOf(namesOf(present).map((name) => nameThen(name))),
    ];
    const moved = namesOf(present).filter(
      (name) => !isDeepStrictEqual(after.get(nameThen(name)), before.get(name)?.map(nameThen)),
    );
    const rows = await tx.run(changing.RENAME_FIELDS, {
      id: datasetId,
      renames: present.flatMap(({ id, name }) => {
        const to = renamed.get(name);
        return to === undefined ? [] : [{ id, name: to, key: keyOf(datasetId, to) }];
      }),
      placed: placesOf(datasetId, moved.map(nameThen), after),
      now: at,
    });
    return decodeFields(rows);
  }
}

const namesOf = (fields: readonly { name: string }[]): string[] => fields.map(({ name }) => name);
const keyOf = (datasetId: string, name: string): string => `${datasetId}:${name}`;

function isSame(
  field: AssetField | undefined,
  { type, description, ordinal }: NewField & { ordinal: number },
): boolean {
  return field?.type === type && field.description === description && field.ordinal === ordinal;
}

function placesOf(
  datasetId: string,
  names: readonly string[],
  wholes: ReadonlyMap<string, string[]>,
): { part: string; wholes: string[] }[] {
  return names.map((name) => ({
    part: keyOf(datasetId, name),
    wholes: (wholes.get(name) ?? []).map((whole) => keyOf(datasetId, whole)),
  }));
}

/** In portions, as the statements give them. */
async function decodeFields(rows: readonly Row[]): Promise<AssetField[]> {
  const portions = await mapInTurns(rows, (row) => mapInTurns(row.rows('fields'), decodeField));
  return portions.flat();
}
