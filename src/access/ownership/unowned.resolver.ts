import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { type Connection, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { UnownedAsset } from './unowned.js';
import type { UnownedService } from './unowned.service.js';
import { UnownedArgs, UnownedAssetConnection, UnownedAssetType } from './unowned.type.js';

@Resolver(() => UnownedAssetType)
export class UnownedResolver {
  constructor(
    private readonly service: UnownedService,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => UnownedAssetConnection, {
    description:
      'Assets without an owner, to be given one with setOwners: those that you may see, the ones brought in last first.',
  })
  async unowned(
    @Ctx() { actor }: Context,
    @Args(() => UnownedArgs) { filter, ...args }: UnownedArgs,
  ): Promise<Connection<UnownedAsset>> {
    const page = pageOf('unowned', args);
    return toConnection('unowned', page, await this.service.list(actor, filter, page), () =>
      this.service.count(actor, filter),
    );
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The account that reported or registered it; null when that is not known.',
  })
  broughtInBy(@Root() { broughtInById }: UnownedAsset, @Ctx() { actor, loaders }: Context): Promise<Principal> | null {
    if (broughtInById === null) return null;
    return loaders.get('principal', broughtInById, (ids) => this.principals.byIds(actor, ids));
  }
}
