import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { selects } from '../../graphql/selection.js';
import type { CoverageScope } from './coverage.js';
import type { CoverageService } from './coverage.service.js';
import * as type from './coverage.type.js';

/** Weighs as two walks: it reads whole namespaces. */
const COVERAGE_COST = 200;

@Resolver(() => type.CoverageType)
export class CoverageResolver {
  constructor(private readonly coverage: CoverageService) {}

  @Query(() => type.CoverageType, {
    complexity: COVERAGE_COST,
    description:
      'The coverage of what happened by the lineage: runs with their data, flows seen and said, silent sources.',
  })
  async lineageCoverage(
    @Ctx() { actor }: Context,
    @Args(() => type.CoverageArgs) { namespaces = null, since = null, staleAfterDays }: type.CoverageArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Omit<type.CoverageType, 'sources'>> {
    const scope = { namespaces, since, staleAfterDays };
    const wants = {
      runs: selects(info, 'runs', 'runsWithInputs', 'runsWithOutputs', 'runsWithBoth', 'inputShare'),
      flows: selects(info, 'observedOnly', 'declaredOnly', 'observedAndDeclared', 'hiddenFlows'),
    };
    const coverage = await this.coverage.measure(actor, scope, wants);
    const inputShare = coverage.runs === 0 ? null : coverage.runsWithInputs / coverage.runs;
    return { ...coverage, inputShare, scope };
  }

  @FieldResolver(() => type.ClaimSourceConnection, {
    complexity: COVERAGE_COST,
    description: 'The sources that state flows there, the longest silent first.',
  })
  async sources(
    @Root() { scope }: { scope: CoverageScope },
    @Ctx() { actor }: Context,
    @Args(() => type.ClaimSourcesArgs) { first, after = null, staleOnly }: type.ClaimSourcesArgs,
  ): Promise<type.ClaimSourceConnection> {
    const { edges, totalCount, hasNext, hasPrevious } = await this.coverage.sources(actor, scope, {
      ...{ first, after, staleOnly },
    });
    const pageInfo = {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    };
    return { edges, totalCount, pageInfo };
  }
}
