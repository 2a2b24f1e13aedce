import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { selects } from '../../graphql/selection.js';
import type { LineageDiff } from './diff.js';
import type { LineageDiffService } from './diff.service.js';
import { LineageDiffArgs, LineageDiffType } from './diff.type.js';

@Resolver()
export class LineageDiffResolver {
  constructor(private readonly diffs: LineageDiffService) {}

  @Query(() => LineageDiffType, {
    complexity: 100,
    description:
      'The differences of the lineage of an asset between two times: of what was true at them, or what was known at them. NOT_FOUND when it is not there for you; LIMIT_EXCEEDED when more than 5,000 flows changed.',
  })
  lineageDiff(
    @Ctx() { actor }: Context,
    @Args(() => LineageDiffArgs) { of, asOf = null, knownAt = null, ...asked }: LineageDiffArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<LineageDiff> {
    const wants = {
      assets: selects(info, 'nodes.asset'),
      fields: selects(info, 'nodes.asset.fields'),
      more: selects(info, 'nodes.moreUpstream', 'nodes.moreDownstream'),
    };
    return this.diffs.of(actor, of, { ...asked, asOf, knownAt, wants });
  }
}
