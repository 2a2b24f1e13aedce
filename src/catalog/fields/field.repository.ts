import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { indexInTurns, mapInTurns } from '../../turn.js';
import type { AssetField } from '../model/asset.js';
import { decodeField, decodeFieldsThen } from '../model/asset.decode.js';
import * as cypher from './field.cypher.js';

export class FieldRepository extends ActorReads {
  /** Of each of the fields that the actor may see: its data set, and it with those that lie in it or that it lies in. */
  async withKin(actor: Actor, ids: readonly string[]): Promise<Map<string, { dataset: string; fields: AssetField[] }>> {
    const rows = await this.read(actor, cypher.FIELDS_WITH_KIN, { ids });
    const found = await mapInTurns(rows, async (row) => {
      const fields = await mapInTurns([row.row('field'), ...row.rows('others')], decodeField);
      return [row.text('id'), { dataset: row.text('dataset'), fields }] as const;
    });
    return new Map(found);
  }

  /** Of each of the versions that the actor may see: its data set, and when it was published. */
  async timesOf(actor: Actor, versionIds: readonly string[]): Promise<Map<string, { dataset: string; at: Date }>> {
    if (versionIds.length === 0) return new Map();
    const rows = await this.read(actor, cypher.TIMES_OF_VERSIONS, { ids: versionIds });
    return new Map(rows.map((row) => [row.text('id'), { dataset: row.text('dataset'), at: row.time('at') }]));
  }

  /** The fields of data sets as they were, by the keys given; nothing of one that was not there, or is hidden. */
  async fieldsAt(
    actor: Actor,
    wanted: readonly { key: string; dataset: string; at: Date }[],
  ): Promise<Map<string, AssetField[]>> {
    const rows = await this.read(actor, cypher.FIELDS_AT, { wanted });
    return indexInTurns(
      rows,
      (row) => row.text('key'),
      (row) => decodeFieldsThen(row.text('dataset'), row.text('fields')),
    );
  }
}
