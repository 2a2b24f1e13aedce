import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import { type Actor, viewerOf } from '../auth/actor.js';
import { limitExceeded } from '../errors.js';
import type { Graph } from '../neo4j/graph.js';
import type { Context } from './context.js';
import { Node } from './node.type.js';
import { MAX_PAGE } from './page.js';

interface Identified {
  id: string;
}

/** Finds nodes of a label by id, cut to what the actor may see. */
export interface NodeFinder {
  label: string;
  /** The clauses by which `find` finds what has an `id`, and the variable that stands for it. */
  seen: string;
  variable: string;
  /** What it finds is cut to what callers without a token may know of too; else they are told of nothing. */
  discoverable?: boolean;
  find: (actor: Actor, ids: readonly string[]) => Promise<ReadonlyMap<string, Identified>>;
}

/**
 * Asks all finders at once which of the ids they would find for the viewer. What is hidden leaves no row, as what is
 * missing: both cost this one statement and its look into each index, so that the time of an answer does not tell them apart.
 */
export const whoFinds = (
  finders: readonly Pick<NodeFinder, 'label' | 'seen' | 'variable'>[],
): string => `// graphql.whoFinds
${finders
  .map(
    ({ label, seen, variable }) => `UNWIND $ids AS id
${seen}
RETURN '${label}' AS label, ${variable}.id AS id`,
  )
  .join('\nUNION ALL\n')}`;

/** Tells which kind of thing an id names, and asks the feature that knows it: that feature decides who may see it. */
export class NodeService {
  /** For callers with a token, and for those without. */
  private readonly ways: Record<'known' | 'anonymous', { finders: readonly NodeFinder[]; statement: string }>;

  constructor(
    private readonly graph: Graph,
    finders: readonly NodeFinder[],
    private readonly now: () => Date,
  ) {
    const open = finders.filter((finder) => finder.discoverable === true);
    this.ways = {
      known: { finders, statement: whoFinds(finders) },
      anonymous: { finders: open, statement: whoFinds(open) },
    };
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Identified>> {
    const { finders, statement } = this.ways[actor.id === null ? 'anonymous' : 'known'];
    const parameters = { ids, viewer: viewerOf(actor), now: this.now(), assetId: null, listed: true };
    const rows = await this.graph.read(actor.origin, statement, parameters);
    const found = await Promise.all(
      finders.map((finder) => {
        const own = rows.filter((row) => row.text('label') === finder.label).map((row) => row.text('id'));
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
    @Arg('id', () => ID, { description: 'The id of the object.' }) id: string,
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
    @Arg('ids', () => [ID], { description: 'The ids of the objects, in the order in which they are wanted.' })
    ids: string[],
  ): Promise<(Identified | null)[]> {
    if (ids.length > MAX_PAGE) throw limitExceeded(`${ids.length} ids at once; at most ${MAX_PAGE} are possible.`);
    const found = await Promise.all(ids.map((id) => loaders.find('node', id, (each) => this.nodes.byIds(actor, each))));
    return found.map((each) => each ?? null);
  }
}
