import type { Graph } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import type { Parameters } from '../neo4j/statements.js';
import { type Actor, viewerOf } from './actor.js';

/** What a repository has that reads for somebody: each statement is given who asks, and the time. */
export abstract class ActorReads {
  constructor(
    protected readonly graph: Graph,
    protected readonly now: () => Date,
  ) {}

  /** The rows of a statement, as the actor may see them: it has `$viewer` and `$now` beside its own parameters. */
  protected read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, { ...parameters, viewer: viewerOf(actor), now: this.now() });
  }
}
