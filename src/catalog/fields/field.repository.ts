import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { mapInTurns } from '../../turn.js';
import type { AssetField } from '../model/asset.js';
import { decodeField } from '../model/asset.decode.js';
import { FIELDS_WITH_KIN } from './field.cypher.js';

export class FieldRepository extends ActorReads {
  /** Of each of the fields that the actor may see: its data set, and it with those that lie in it or that it lies in. */
  async withKin(actor: Actor, ids: readonly string[]): Promise<Map<string, { dataset: string; fields: AssetField[] }>> {
    const rows = await this.read(actor, FIELDS_WITH_KIN, { ids });
    const found = await mapInTurns(rows, async (row) => {
      const fields = await mapInTurns([row.row('field'), ...row.rows('others')], decodeField);
      return [row.text('id'), { dataset: row.text('dataset'), fields }] as const;
    });
    return new Map(found);
  }
}
