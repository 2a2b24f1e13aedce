import { type Actor, viewerOf } from '../../auth/actor.js';
import { unavailable } from '../../errors.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import { textOf } from '../../neo4j/row.js';
import { BODY_OF, SIZE_THEN } from './proof.cypher.js';

export class ProofRepository {
  constructor(private readonly graph: Graph) {}

  /** The size of the log at the time of the actor's session; null: as it is. Throws UNAVAILABLE while it is not sealed that far. */
  async sizeThen(actor: Actor): Promise<number | null> {
    if (!actor.readsAsOf) return null;
    const row = (await this.graph.read(actor.origin, SIZE_THEN, { viewer: viewerOf(actor) }))[0];
    if (row?.int('waiting') !== 0)
      throw unavailable(`The log is not sealed up to ${actor.readsAsOf.toISOString()} yet. Ask again in a second.`);
    return row.int('size');
  }

  /** The text of an entry that is hashed; null while an entry of an earlier version has none. */
  async bodyOf(origin: QueryOrigin, id: string): Promise<string | null> {
    return textOf((await this.graph.read(origin, BODY_OF, { id }))[0]?.raw('body'));
  }
}
