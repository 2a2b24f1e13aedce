import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Action } from '../auth/rights.js';
import type { Asset } from '../catalog/asset.js';
import { UpdateAssetPayload } from '../catalog/asset.payload.js';
import type { AssetService } from '../catalog/asset.service.js';
import { AssetType } from '../catalog/asset.type.js';
import { type Connection, PageArgs, toConnection } from '../graphql/connection.type.js';
import type { Context } from '../graphql/context.js';
import { ActionEnum } from '../graphql/enums.js';
import { pageOf } from '../graphql/page.js';
import { AssetRef } from '../catalog/ref.scalars.js';
import type { Principal } from '../principals/principal.js';
import type { PrincipalService } from '../principals/principal.service.js';
import { PrincipalType } from '../principals/principal.type.js';
import type { AccessGrant, AccessRequest, Ownership, RequestState } from './access.js';
import * as input from './access.input.js';
import type { AccessService } from './access.service.js';
import * as type from './access.type.js';

@Resolver()
export class AccessResolver {
  constructor(
    private readonly access: AccessService,
    private readonly assets: AssetService,
  ) {}

  @Mutation(() => UpdateAssetPayload, { description: 'Replaces the owners of an asset; needs MANAGE_OWNERS.' })
  async setOwners(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.SetOwnersInput, { description: 'The asset and its owners.' }) given: input.SetOwnersInput,
  ): Promise<UpdateAssetPayload> {
    return { asset: await this.access.setOwners(actor, given) };
  }

  @Mutation(() => type.AccessRequestPayload, { description: 'Asks the owners of an asset for access.' })
  async requestAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RequestAccessInput, { description: 'What for.' }) given: input.RequestAccessInput,
  ): Promise<type.AccessRequestPayload> {
    return { request: await this.access.requestAccess(actor, given) };
  }

  @Mutation(() => type.AccessGrantPayload, {
    description: 'Decides an access request; an OWNER other than the asker does.',
  })
  decideAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DecideAccessInput, { description: 'The decision.' }) given: input.DecideAccessInput,
  ): Promise<type.AccessGrantPayload> {
    return this.access.decideAccess(actor, given);
  }

  @Mutation(() => type.AccessGrantPayload, { description: 'Ends a grant at once; an OWNER does, or the grantee.' })
  async revokeAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RevokeAccessInput, { description: 'Which.' }) given: input.RevokeAccessInput,
  ): Promise<type.AccessGrantPayload> {
    return { request: null, grant: await this.access.revokeAccess(actor, given) };
  }

  @Query(() => type.AccessRequestConnection, {
    description: 'Access requests that concern you: yours, and those about what you own; newest first.',
  })
  async accessRequests(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('asset', () => AssetRef, { nullable: true, description: 'About this asset only.' }) asset?: string | null,
    @Arg('states', () => [type.RequestStateEnum], {
      nullable: true,
      description: 'In one of these states; any, when not given.',
    })
    states?: RequestState[] | null,
  ): Promise<Connection<AccessRequest>> {
    const page = pageOf('accessRequests', args);
    const conditions = { assetId: await this.idOf(actor, asset), states: states ?? null };
    const rows = await this.access.listRequests(actor, conditions, page);
    return toConnection('accessRequests', page, rows, () => this.access.countRequests(actor, conditions));
  }

  @Query(() => type.AccessGrantConnection, {
    description: 'Grants that concern you: yours, and those on what you own; newest first.',
  })
  async accessGrants(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('asset', () => AssetRef, { nullable: true, description: 'On this asset only.' }) asset?: string | null,
    @Arg('liveOnly', () => Boolean, { defaultValue: true, description: 'Neither revoked nor expired.' })
    liveOnly = true,
  ): Promise<Connection<AccessGrant>> {
    const page = pageOf('accessGrants', args);
    const conditions = { assetId: await this.idOf(actor, asset), liveOnly };
    const rows = await this.access.listGrants(actor, conditions, page);
    return toConnection('accessGrants', page, rows, () => this.access.countGrants(actor, conditions));
  }

  /** An unknown asset gives an empty list: nothing is about it. */
  private async idOf(actor: Context['actor'], ref: string | null | undefined): Promise<string | null> {
    return ref == null ? null : ((await this.assets.find(actor, ref))?.id ?? 'none');
  }
}

@Resolver(() => AssetType)
export class AssetAccessResolver {
  constructor(private readonly access: AccessService) {}

  @FieldResolver(() => [type.OwnershipType], { description: 'Who owns it; never empty.' })
  owners(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<Ownership[]> {
    return loaders.get('asset.owners', asset.id, (ids) => this.access.ownersOf(actor, ids));
  }

  @FieldResolver(() => [ActionEnum], {
    description: 'What you may do here, so that a screen can show or hide a button without trying.',
  })
  viewerCan(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<Action[]> {
    return loaders.get('asset.viewerCan', asset.id, (ids) => this.access.viewerCan(actor, ids));
  }
}

/** Loads the principal with the id, in one batch with all others of the request. */
function loadPrincipal(principals: PrincipalService, { actor, loaders }: Context, id: string): Promise<Principal> {
  return loaders.get('principal', id, (ids) => principals.byIds(actor, ids));
}

@Resolver(() => type.OwnershipType)
export class OwnershipResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The owner.' })
  owner(@Root() ownership: Ownership, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, ownership.ownerId);
  }
}

@Resolver(() => type.AccessRequestType)
export class AccessRequestResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'What it is about; null when you may no longer see it.',
  })
  async asset(@Root() request: AccessRequest, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', request.assetId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'Who asked.' })
  requester(@Root() request: AccessRequest, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, request.requesterId);
  }

  @FieldResolver(() => PrincipalType, { description: 'Who would be granted access.' })
  grantee(@Root() request: AccessRequest, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, request.granteeId);
  }

  @FieldResolver(() => PrincipalType, { nullable: true, description: 'Who decided; null while it is open.' })
  async decider(@Root() request: AccessRequest, @Ctx() context: Context): Promise<Principal | null> {
    return request.deciderId === null ? null : loadPrincipal(this.principals, context, request.deciderId);
  }
}

@Resolver(() => type.AccessGrantType)
export class AccessGrantResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, { nullable: true, description: 'What it is on; null when you may no longer see it.' })
  async asset(@Root() grant: AccessGrant, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', grant.assetId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'Who has it.' })
  grantee(@Root() grant: AccessGrant, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, grant.granteeId);
  }

  @FieldResolver(() => PrincipalType, { description: 'Who gave it.' })
  grantedBy(@Root() grant: AccessGrant, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, grant.grantedById);
  }
}
