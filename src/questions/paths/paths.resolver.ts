import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Extensions, Info, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { selects } from '../../graphql/selection.js';
import { type LineagePath, MAX_PATHS } from './paths.js';
import type { LineagePathsService } from './paths.service.js';
import { LineagePathsArgs, LineagePathType } from './paths.type.js';

@Resolver()
export class LineagePathsResolver {
  constructor(private readonly paths: LineagePathsService) {}

  @Extensions({ maxPageSize: MAX_PATHS })
  @Query(() => [LineagePathType], {
    complexity: 20,
    description:
      'The paths of data from one asset to another: the shortest ways, of which those of one length stand in the order of the URNs on them. Empty when it does not; NOT_FOUND when an end is not there for you.',
  })
  lineagePaths(
    @Ctx() { actor }: Context,
    @Args(() => LineagePathsArgs) { from, to, asOf = null, knownAt = null, first }: LineagePathsArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<LineagePath[]> {
    const wants = {
      fields: selects(info, 'nodes.asset.fields'),
      more: selects(info, 'nodes.moreUpstream', 'nodes.moreDownstream'),
      claims: selects(info, 'edges.claims'),
    };
    return this.paths.between(actor, { from, to }, { asOf, knownAt, first, wants });
  }
}
