import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import type { OrphanService } from './orphan.service.js';
import { OrphanConnection, OrphansArgs } from './orphan.type.js';

@Resolver()
export class OrphanResolver {
  constructor(private readonly service: OrphanService) {}

  @Query(() => OrphanConnection, {
    complexity: 100,
    description: 'Assets without the lineage that their kind must have: holes in what is known.',
  })
  async orphans(
    @Ctx() { actor }: Context,
    @Args(() => OrphansArgs) { kinds = null, first, after = null }: OrphansArgs,
  ) {
    const page = await this.service.list(actor, { kinds, first, after });
    const edges = page.edges.map(({ asset, ...edge }) => ({ ...edge, node: asset }));
    return {
      edges,
      countAll: page.countAll,
      pageInfo: {
        hasNextPage: page.hasNext,
        hasPreviousPage: page.hasPrevious,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: page.endCursor,
      },
    };
  }
}
