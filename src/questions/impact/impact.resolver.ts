import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { selects } from '../../graphql/selection.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { ImpactScope } from './impact.js';
import type { ImpactService } from './impact.service.js';
import * as type from './impact.type.js';

/** Weighs as a walk through the graph. */
const WALK_COST = 100;

@Resolver(() => type.ImpactType)
export class ImpactResolver {
  constructor(private readonly impacts: ImpactService) {}

  @Query(() => type.ImpactType, {
    complexity: WALK_COST,
    description:
      'The impact of a change of the assets downstream: models, deployments with what serves there, owners. NOT_FOUND when one is not there for you.',
  })
  async impact(
    @Ctx() { actor }: Context,
    @Args(() => type.ImpactArgs) args: type.ImpactArgs,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Omit<type.ImpactType, 'owners'>> {
    const { of, depth, kinds = null, asOf = null, knownAt = null, first, after = null } = args;
    const scope = { of, depth, asOf, knownAt };
    const wants = {
      page: selects(info, 'edges', 'pageInfo', 'completeness'),
      counts: selects(info, 'kinds', 'totalCount', 'completeness'),
      live: selects(info, 'edges.live'),
      fields: selects(info, 'edges.asset.fields'),
    };
    const impact = await this.impacts.of(actor, { ...scope, kinds, first, after, wants });
    return { ...impact, pageInfo: pageInfoOf(impact), scope };
  }

  @FieldResolver(() => type.AffectedOwnerConnection, {
    complexity: WALK_COST,
    description: 'The people it concerns: the owners of what you may see of it, the owners of most first.',
  })
  async owners(
    @Root() { scope }: { scope: ImpactScope },
    @Ctx() { actor }: Context,
    @Args(() => type.AffectedOwnersArgs) { first, after = null }: type.AffectedOwnersArgs,
  ): Promise<type.AffectedOwnerConnection> {
    const owners = await this.impacts.owners(actor, scope, { first, after });
    return { ...owners, pageInfo: pageInfoOf(owners) };
  }
}

@Resolver(() => type.AffectedOwnerEdge)
export class AffectedOwnerResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The user or team that owns the affected assets.' })
  node(@Root() { ownerId }: type.AffectedOwnerEdge, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', ownerId, (ids) => this.principals.byIds(actor, ids));
  }
}

function pageInfoOf(page: { edges: { cursor: string }[]; hasPrevious: boolean; hasNext: boolean }) {
  return {
    hasNextPage: page.hasNext,
    hasPreviousPage: page.hasPrevious,
    startCursor: page.edges[0]?.cursor ?? null,
    endCursor: page.edges.at(-1)?.cursor ?? null,
  };
}
