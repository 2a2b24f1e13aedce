import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { Actor } from '../auth/actor.js';
import { limitExceeded } from '../errors.js';
import type { Graph } from '../neo4j/graph.js';
import type { Context } from './context.js';
import { Node } from './node.type.js';
import { MAX_PAGE } from './page.js';

interface Identified {
  id: string;
}

/** Finds nodes of some labels by id, cut to what the actor may see. */
export interface NodeFinder {
  labels: readonly string[];
  /** What it finds is cut to what callers without a token may know of too; else they are told of nothing. */
  discoverable?: boolean;
  find: (actor: Actor, ids: readonly string[]) => Promise<ReadonlyMap<string, Identified>>;
}

export const LABELS_OF = `// graphql.labelsOf
UNWIND $ids AS id
MATCH (n:Node {id: id})
RETURN id, labels(n) AS labels`;

/** Tells which kind of thing an id names, and asks the feature that knows it: that feature decides who may see it. */
export class NodeService {
  constructor(
    private readonly graph: Graph,
    private readonly finders: readonly NodeFinder[],
  ) {}

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Identified>> {
    const rows = await this.graph.read(actor.origin, LABELS_OF, { ids });
    const labels = new Map(rows.map((row) => [row.text('id'), row.texts('labels')]));
    const open = this.finders.filter((finder) => actor.id !== null || finder.discoverable === true);
    const found = await Promise.all(
      open.map((finder) => {
        const own = ids.filter((id) => labels.get(id)?.some((label) => finder.labels.includes(label)));
        return own.length > 0 ? finder.find(actor, own) : Promise.resolve(new Map<string, Identified>());
      }),
    );
    return new Map(found.flatMap((each) => [...each]));
  }
}

@Resolver()
export class NodeResolver {
  constructor(private readonly nodes: NodeService) {}

  @Query(() => Node, {
    nullable: true,
    description: 'Anything by its id; null when there is nothing that you may see.',
  })
  async node(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Its id.' }) id: string,
  ): Promise<Identified | null> {
    return (await loaders.find('node', id, (ids) => this.nodes.byIds(actor, ids))) ?? null;
  }

  @Query(() => [Node], {
    name: 'nodes',
    nullable: 'items',
    description: 'Several things by their ids, in that order; null for what is not there for you.',
  })
  async findNodes(
    @Ctx() { actor, loaders }: Context,
    @Arg('ids', () => [ID], { description: 'Their ids.' }) ids: string[],
  ): Promise<(Identified | null)[]> {
    if (ids.length > MAX_PAGE) throw limitExceeded(`${ids.length} ids at once; at most ${MAX_PAGE} are possible.`);
    const found = await Promise.all(ids.map((id) => loaders.find('node', id, (each) => this.nodes.byIds(actor, each))));
    return found.map((each) => each ?? null);
  }
}
