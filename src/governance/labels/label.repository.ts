import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import * as cypher from './declaration.cypher.js';
import { type Dimensions, textsOf } from './dimensions.js';
import type { Declaration } from './label.js';
import { decodeDeclaration } from './label.decode.js';

/** What was declared, as it was declared. */
export class LabelRepository extends ActorReads {
  constructor(
    graph: Graph,
    private readonly dimensions: Dimensions,
    now: () => Date,
  ) {
    super(graph, now);
  }

  async declare(tx: WriteTransaction, declarations: readonly Declaration[]): Promise<void> {
    await tx.run(cypher.DECLARE, { declarations: declarations.map(stored) });
  }

  /** null: there is none, or the actor may not know of what it is of. */
  async find(tx: WriteTransaction, actor: Actor, id: string): Promise<Declaration | null> {
    const row = await tx.first(cypher.FIND_DECLARATION, { id, viewer: viewerOf(actor), now: this.now() });
    return row && decodeDeclaration(row.row('said'), row.text('assetId'), this.dimensions);
  }

  async retract(tx: WriteTransaction, id: string, byId: string, reason: string | null, now: Date): Promise<void> {
    await tx.one(cypher.RETRACT, { id, byId, reason, now });
  }

  /** How many were ever declared of exactly this asset, or this version. */
  async count(tx: WriteTransaction, id: string): Promise<number> {
    return (await tx.first(cypher.COUNT_DECLARATIONS, { id }))?.int('total') ?? 0;
  }

  /** What holds of assets, or of versions with their assets, at the clocks. */
  async declaredOf(
    actor: Actor,
    ids: readonly string[],
    clocks: { validAt: Date; knownAt: Date },
  ): Promise<Map<string, Declaration[]>> {
    const rows = await this.read(actor, cypher.DECLARED_OF, { ids, ...clocks });
    return new Map(
      rows.map((row) => [
        row.text('id'),
        row
          .rows('declarations')
          .flatMap((each) => decodeDeclaration(each.row('said'), each.text('assetId'), this.dimensions) ?? []),
      ]),
    );
  }
}

const stored = ({ value, ...plain }: Declaration): Parameters => ({ ...plain, values: textsOf(value) });
