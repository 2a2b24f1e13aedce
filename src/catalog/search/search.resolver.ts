import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { AssetFilter } from '../assets/asset.input.js';
import type { SearchOrder } from './search.repository.js';
import type { SearchService } from './search.service.js';
import { SearchConnection, SearchOrderEnum } from './search.type.js';

@Resolver()
export class SearchResolver {
  constructor(private readonly finder: SearchService) {}

  @Query(() => SearchConnection, {
    description:
      'Assets in which every word of the query begins some word of the name, tags, fields, namespace or description. Words are compared in every script without case, accents and ways of writing; a name is found by each of its parts, whole or begun, as `HTTPServer`, `http_server` and `server`.',
  })
  async search(
    @Ctx() { actor }: Context,
    @Arg('query', () => String, {
      description: 'Words, of which the first twenty count. No search syntax: it is taken literally.',
    })
    query: string,
    @Arg('filter', () => AssetFilter, {
      nullable: true,
      description: 'Conditions on the assets; all, when not given.',
    })
    filter?: AssetFilter | null,
    @Arg('orderBy', () => SearchOrderEnum, { defaultValue: 'RELEVANCE', description: 'The order of the hits.' })
    orderBy?: SearchOrder,
    @Arg('first', () => Int, { nullable: true, description: 'Hits to return: 1 to 200, default 25.' })
    first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Return hits after this cursor.' })
    after?: string | null,
  ) {
    const found = await this.finder.search(actor, { query, filter, orderBy: orderBy ?? 'RELEVANCE', first, after });
    const { hits, more, countAll, countFacets } = found;
    return {
      edges: hits,
      nodes: hits.map((hit) => hit.node),
      countAll,
      countFacets,
      pageInfo: {
        hasNextPage: more,
        hasPreviousPage: after != null,
        startCursor: hits[0]?.cursor ?? null,
        endCursor: hits.at(-1)?.cursor ?? null,
      },
    };
  }
}
