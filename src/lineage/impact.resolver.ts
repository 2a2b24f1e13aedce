import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import type { Principal } from '../principals/principal.js';
import type { PrincipalService } from '../principals/principal.service.js';
import { PrincipalType } from '../principals/principal.type.js';
import type { ImpactService } from './impact.service.js';
import { AffectedOwnerType, ImpactArgs, ImpactType } from './impact.type.js';

@Resolver()
export class ImpactResolver {
  constructor(private readonly impacts: ImpactService) {}

  @Query(() => ImpactType, {
    complexity: 100,
    description:
      'What a change of the assets reaches downstream: models, deployments with what serves there, owners. NOT_FOUND when one is not there for you.',
  })
  async impact(
    @Ctx() { actor }: Context,
    @Args(() => ImpactArgs)
    { of, depth, kinds = null, asOf = null, knownAt = null, first, after = null }: ImpactArgs,
  ): Promise<ImpactType> {
    const question = { depth, kinds, asOf, knownAt, first, after };
    const { hasPrevious, hasNext, ...impact } = await this.impacts.of(actor, of, question);
    const pageInfo = {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: impact.edges[0]?.cursor ?? null,
      endCursor: impact.edges.at(-1)?.cursor ?? null,
    };
    return { ...impact, pageInfo };
  }
}

@Resolver(() => AffectedOwnerType)
export class AffectedOwnerResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The owner.' })
  owner(@Root() { ownerId }: AffectedOwnerType, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', ownerId, (ids) => this.principals.byIds(actor, ids));
  }
}
