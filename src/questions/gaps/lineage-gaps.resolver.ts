import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { LineageGaps } from './lineage-gaps.service.js';
import { OrphanConnection, OrphansArgs } from './lineage-gaps.type.js';

@Resolver()
export class LineageGapResolver {
  constructor(private readonly service: LineageGaps) {}

  @Query(() => OrphanConnection, {
    complexity: 100,
    description:
      'Assets without the lineage that their kind must have, or without a side of it: holes in what is known.',
  })
  async orphans(@Ctx() { actor }: Context, @Args(() => OrphansArgs) args: OrphansArgs) {
    const { kinds = null, namespaces = null, lacking = null, asOf = null, knownAt = null, first, after = null } = args;
    const filter = { kinds, namespaces, lacking, asOf, knownAt };
    const { edges, endCursor, hasNext, hasPrevious, countAll } = await this.service.list(actor, filter, {
      ...{ first, after },
    });
    return {
      edges: edges.map(({ asset, ...edge }) => ({ ...edge, node: asset })),
      countAll,
      pageInfo: {
        hasNextPage: hasNext,
        hasPreviousPage: hasPrevious,
        startCursor: edges[0]?.cursor ?? null,
        endCursor,
      },
    };
  }
}
