import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../catalog/asset.js';
import { AssetType } from '../catalog/asset.type.js';
import type { Context } from '../graphql/context.js';
import { AssetRef } from '../catalog/ref.scalars.js';
import * as input from './lineage.input.js';
import type { Direction, Lineage, LineageQuestion } from './lineage.js';
import type { FacetCount } from './lineage.repository.js';
import type { LineageService } from './lineage.service.js';
import * as type from './lineage.type.js';

/** Weighs as much as a small list in the cost of an operation: it is a walk through the graph. */
const LINEAGE_COST = 100;

@Resolver()
export class LineageResolver {
  constructor(private readonly lineage: LineageService) {}

  @Query(() => type.LineageType, {
    name: 'lineage',
    complexity: LINEAGE_COST,
    description:
      'What data the given assets came from, what was made of them, or both. NOT_FOUND when one is not there for you.',
  })
  async traceLineage(
    @Ctx() { actor }: Context,
    @Arg('of', () => [AssetRef], { description: 'The assets to start from, up to 50.' }) of: string[],
    @Arg('direction', () => type.DirectionEnum, { description: 'Which way to follow the flow of data.' })
    direction: Direction,
    @Args(() => input.LineageArgs) args: input.LineageArgs,
  ) {
    const question = questionOf(direction, args);
    const answer = await this.lineage.trace(actor, of, question);
    const facets = async (): Promise<FacetCount[]> =>
      (await this.lineage.facetsEach(actor, new Map([['', of]]), question)).get('') ?? [];
    return present(answer, facets);
  }
}

@Resolver(() => AssetType)
export class AssetLineageResolver {
  constructor(private readonly lineage: LineageService) {}

  @FieldResolver(() => type.LineageType, {
    name: 'lineage',
    complexity: LINEAGE_COST,
    description: 'What data it came from, what was made of it, or both.',
  })
  async traceAsset(
    @Root() asset: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => input.LineageArgs) args: input.LineageArgs,
    @Arg('direction', () => type.DirectionEnum, {
      defaultValue: 'BOTH',
      description: 'Which way to follow the flow of data.',
    })
    direction: Direction,
  ) {
    const question = questionOf(direction, args);
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

function questionOf(direction: Direction, args: input.LineageArgs): LineageQuestion {
  const { depth, asOf = null, knownAt = null, kinds = null, first, after = null } = args;
  return { direction, depth, asOf, knownAt, kinds, first, after };
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
