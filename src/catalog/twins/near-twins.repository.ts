import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { urnOf } from '../model/urn.js';
import { type AssetName, nameKeys } from './name-keys.js';
import * as cypher from './near-twins.cypher.js';

/** Assets whose names could be taken for one another. */
export class NearTwinRepository extends ActorReads {
  /** The ids of at most twenty near twins of each asset, of those that the actor may see. */
  async of(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.read(actor, cypher.NEAR_TWINS_OF_ASSETS, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.texts('twins')]));
  }

  /** By the urn of each name that is to come, the urn of one near twin that the actor may see, where there is one. */
  async ofNames(
    tx: WriteTransaction,
    actor: Actor,
    names: readonly (AssetName & { id?: string })[],
  ): Promise<Map<string, string>> {
    const wanted = names.map(({ kind, namespace, name, id = null }) => ({
      urn: urnOf(kind, namespace, name),
      id,
      ...nameKeys({ kind, namespace, name }),
    }));
    const parameters = { names: wanted, viewer: viewerOf(actor), now: this.now() };
    const rows = await tx.run(cypher.NEAR_TWINS_OF_NAMES, parameters);
    return new Map(rows.map((row) => [row.text('urn'), row.text('twin')]));
  }
}
