import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, Extensions, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { CONSISTENCY_ARGUMENT } from '../../graphql/consistency.js';
import type { Context } from '../../graphql/context.js';
import { fieldsBelow, selects } from '../../graphql/selection.js';
import * as input from './lineage.input.js';
import {
  type Direction,
  type Lineage,
  type LineageQuestion,
  type LineageSelection,
  MAX_LINEAGE_PAGE,
} from './lineage.js';
import type { FacetCount } from './trace-page.js';
import type { LineageService } from './lineage.service.js';
import * as type from './lineage.type.js';

/** Weighs as much as a small list in the cost of an operation: it is a walk through the graph. */
const LINEAGE_COST = 100;

@Resolver()
export class LineageResolver {
  constructor(private readonly lineage: LineageService) {}

  @Extensions({ maxPageSize: MAX_LINEAGE_PAGE })
  @Query(() => type.LineageType, {
    name: 'lineage',
    complexity: LINEAGE_COST,
    description:
      'The assets that the given ones came from, that were made of them, or both. NOT_FOUND when one is not there for you.',
  })
  async traceLineage(
    @Ctx() { actor, reach }: Context,
    @Arg('of', () => [AssetRef], { description: 'The assets to start from.' }) of: string[],
    @Arg('direction', () => type.DirectionEnum, { description: 'The direction in which the flow of data is followed.' })
    direction: Direction,
    @Args(() => input.LineageArgs) args: input.LineageArgs,
    @Arg('consistency', () => String, { nullable: true, description: CONSISTENCY_ARGUMENT })
    consistency: string | null | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    if (consistency != null) await reach([consistency]);
    const question = questionOf(direction, args, info);
    const answer = await this.lineage.trace(actor, of, question);
    const facets = async (): Promise<FacetCount[]> =>
      (await this.lineage.facetsEach(actor, new Map([['', of]]), question)).get('') ?? [];
    return present(answer, facets);
  }
}

@Resolver(() => AssetType)
export class AssetLineageResolver {
  constructor(private readonly lineage: LineageService) {}

  @Extensions({ maxPageSize: MAX_LINEAGE_PAGE })
  @FieldResolver(() => type.LineageType, {
    name: 'lineage',
    complexity: LINEAGE_COST,
    description: 'The assets it came from, those that were made of it, or both.',
  })
  async traceAsset(
    @Root() asset: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => input.LineageArgs) args: input.LineageArgs,
    @Arg('direction', () => type.DirectionEnum, {
      defaultValue: 'BOTH',
      description: 'The direction in which the flow of data is followed.',
    })
    direction: Direction,
    @Info() info: GraphQLResolveInfo,
  ) {
    const question = questionOf(direction, args, info);
    const rootsOf = (ids: readonly string[]) => new Map(ids.map((id) => [id, [id]]));
    const batch = (ids: readonly string[]) => this.lineage.traceEach(actor, rootsOf(ids), question);
    const facets = (): Promise<FacetCount[]> =>
      loaders.get(
        'asset.lineageFacets',
        asset.id,
        (ids) => this.lineage.facetsEach(actor, rootsOf(ids), question),
        question,
      );
    return present(await loaders.get('asset.lineage', asset.id, batch, question), facets);
  }
}

function questionOf(direction: Direction, args: input.LineageArgs, info: GraphQLResolveInfo): LineageQuestion {
  const { depth, asOf = null, knownAt = null, kinds = null, ignore, until, first, after = null } = args;
  const { kinds: noise, tags: noiseTags, refs } = ignore ?? {};
  const { kinds: ends, tags: endTags, owners } = until ?? {};
  return {
    ...{ direction, depth, asOf, knownAt, kinds, first, after },
    ignore: ignore ? { kinds: noise ?? [], tags: noiseTags ?? [], refs: refs ?? [] } : null,
    until: until ? { kinds: ends ?? [], tags: endTags ?? [], owners: owners ?? [] } : null,
    wants: {
      page: selects(info, 'nodes', 'edges', 'pageInfo', 'completeness'),
      edges: selects(info, 'edges'),
      claims: selects(info, 'edges.claims'),
      more: selects(info, 'nodes.moreUpstream', 'nodes.moreDownstream'),
      ...assetsWanted(info),
      fields: selects(info, 'nodes.asset.fields', 'roots.fields'),
      total: selects(info, 'totalCount'),
      completeness: selects(info, 'completeness'),
    },
  };
}

/** What of an asset its urn tells: who selects nothing else is spared the rest. */
const NAMES = new Set(['__typename', 'id', 'urn', 'kind', 'namespace', 'name']);

function assetsWanted(info: GraphQLResolveInfo): Pick<LineageSelection, 'assets' | 'names'> {
  const selected = [...fieldsBelow(info, 'nodes.asset')];
  const names = selected.every((field) => NAMES.has(field));
  return { assets: !names, names: names && selected.length > 0 };
}

/** The answer as the schema shows it; the facets are asked for only when selected. */
function present(answer: Lineage, countFacets: () => Promise<FacetCount[]>) {
  const { page, ...rest } = answer;
  return {
    ...rest,
    pageInfo: page,
    countFacets: async () => groupFacets(await countFacets()),
  };
}

function groupFacets(counts: readonly FacetCount[]): type.LineageFacet[] {
  return ['kind', 'owner', 'tag'].map((name) => ({
    name,
    buckets: counts.filter(({ facet }) => facet === name).map(({ value, total }) => ({ value, count: total })),
  }));
}
