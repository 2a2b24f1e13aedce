import type { Graph, QueryOrigin } from '../neo4j/graph.js';
import { BODY_OF } from './proof.cypher.js';

export class ProofRepository {
  constructor(private readonly graph: Graph) {}

  /** The text of an entry that is hashed; null while an entry of an earlier version has none. */
  async bodyOf(origin: QueryOrigin, id: string): Promise<string | null> {
    return (await this.graph.read(origin, BODY_OF, { id }))[0]?.maybeText('body') ?? null;
  }
}
