import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import type { Coverage } from './coverage.js';
import type { CoverageService } from './coverage.service.js';
import { CoverageArgs, CoverageType } from './coverage.type.js';

@Resolver()
export class CoverageResolver {
  constructor(private readonly coverage: CoverageService) {}

  @Query(() => CoverageType, {
    complexity: 200,
    description:
      'How much of what happened the lineage knows: runs with their data, flows seen and said, silent sources.',
  })
  lineageCoverage(
    @Ctx() { actor }: Context,
    @Args(() => CoverageArgs) { namespaces = null, since = null, staleAfterDays }: CoverageArgs,
  ): Promise<Coverage> {
    return this.coverage.measure(actor, { namespaces, since, staleAfterDays });
  }
}
