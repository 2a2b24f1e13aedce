import { Args, Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { UpdateAssetPayload } from '../../catalog/assets/asset.payload.js';
import { AssetConnection, AssetType } from '../../catalog/assets/asset.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { Ownership } from '../grants/access.js';
import { SetOwnersInput } from '../grants/access.input.js';
import { OwnershipType } from '../grants/access.type.js';
import type { OwnershipService } from './ownership.service.js';

@Resolver(() => AssetType)
export class OwnershipResolver {
  constructor(private readonly ownership: OwnershipService) {}

  @Mutation(() => UpdateAssetPayload, {
    description:
      'Replaces the owners of an asset; needs MANAGE_OWNERS. Somebody who is neither you, a team of yours nor OWNER already becomes OWNER by offerOwnership only; an ADMIN may set anyone.',
  })
  async setOwners(
    @Ctx() { actor }: Context,
    @Arg('input', () => SetOwnersInput, { description: 'The asset and its owners.' }) given: SetOwnersInput,
  ): Promise<UpdateAssetPayload> {
    return { asset: await this.ownership.setOwners(actor, given) };
  }

  @Query(() => AssetConnection, {
    description:
      'Assets nobody answers for: each OWNER is disabled, or a team without a member who is not. Those that you may see.',
  })
  async orphanedAssets(@Ctx() { actor }: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Asset>> {
    const page = pageOf('orphanedAssets', args);
    return toConnection('orphanedAssets', page, await this.ownership.listOrphans(actor, page), () =>
      this.ownership.countOrphans(actor),
    );
  }

  @FieldResolver(() => [OwnershipType], { description: 'The owners, or those at the time asked as of.' })
  owners(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<Ownership[]> | Ownership[] {
    return asset.ownersThen ?? loaders.get('asset.owners', asset.id, (ids) => this.ownership.ownersOf(actor, ids));
  }
}

@Resolver(() => OwnershipType)
export class OwnershipFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The user or team that owns the asset.' })
  owner(@Root() { ownerId }: Ownership, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', ownerId, (ids) => this.principals.byIds(actor, ids));
  }
}
