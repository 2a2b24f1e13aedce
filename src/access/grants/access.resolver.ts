import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Action } from '../../auth/rights.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { ActionEnum } from '../../graphql/enums.js';
import { pageOf } from '../../graphql/page.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { AccessGrant, AccessRequest, GrantSide, RequestSide, RequestState } from './access.js';
import * as input from './access.input.js';
import type { AccessService } from './access.service.js';
import type { GrantService } from './grant.service.js';
import { MAX_RUNNING_GRANTS } from './grant-terms.js';
import * as type from './access.type.js';

const MOST_GRANTS = `At most ${MAX_RUNNING_GRANTS.toLocaleString('en')} grants run for one principal at once: LIMIT_EXCEEDED.`;

@Resolver()
export class AccessResolver {
  constructor(
    private readonly access: AccessService,
    private readonly grants: GrantService,
    private readonly assets: AssetService,
  ) {}

  @Mutation(() => type.RequestAccessPayload, {
    description:
      'Asks the owners of an asset for access; to ask for the very same again while that is open is one request.',
  })
  async requestAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RequestAccessInput, {
      description: 'The asset, the actions that are asked for, and the purpose.',
    })
    given: input.RequestAccessInput,
  ): Promise<type.RequestAccessPayload> {
    const { request: accessRequest, alreadyAllowed } = await this.access.requestAccess(actor, given);
    return { accessRequest, alreadyAllowed };
  }

  @Mutation(() => type.AccessGrantPayload, {
    description: `Decides an access request: an OWNER other than the asker does, or a STEWARD what lies within their own rights. ${MOST_GRANTS}`,
  })
  async decideAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DecideAccessInput, { description: 'The request, and the decision on it.' })
    given: input.DecideAccessInput,
  ): Promise<type.AccessGrantPayload> {
    const { request: accessRequest, grant: accessGrant } = await this.access.decideAccess(actor, given);
    return { accessRequest, accessGrant };
  }

  @Mutation(() => type.AccessRequestPayload, { description: 'Withdraws an open access request; for its requester.' })
  async withdrawAccessRequest(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.WithdrawAccessRequestInput, { description: 'The request to withdraw.' })
    given: input.WithdrawAccessRequestInput,
  ): Promise<type.AccessRequestPayload> {
    return { accessRequest: await this.access.withdrawRequest(actor, given) };
  }

  @Mutation(() => type.AccessGrantPayload, {
    description: `Grants access without a request: an OWNER does, or a STEWARD what lies within their own rights. ${MOST_GRANTS}`,
  })
  async grantAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.GrantAccessInput, { description: 'The asset, the grantee, the actions and the purpose.' })
    given: input.GrantAccessInput,
  ): Promise<type.AccessGrantPayload> {
    return { accessRequest: null, accessGrant: await this.grants.grantAccess(actor, given) };
  }

  @Mutation(() => type.AccessGrantPayload, {
    description: 'Ends a grant at once; an OWNER does, the grantee, or the STEWARD who gave it.',
  })
  async revokeAccess(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RevokeAccessInput, { description: 'The grant to revoke.' })
    given: input.RevokeAccessInput,
  ): Promise<type.AccessGrantPayload> {
    return { accessRequest: null, accessGrant: await this.grants.revokeAccess(actor, given) };
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
      description: 'The states to list; any, when not given.',
    })
    states?: RequestState[] | null,
    @Arg('side', () => type.RequestSideEnum, {
      nullable: true,
      description: "The viewer's relation to what is listed; any, when not given.",
    })
    side?: RequestSide | null,
  ): Promise<Connection<AccessRequest>> {
    const page = pageOf('accessRequests', args);
    const conditions = { assetId: await this.idOf(actor, asset), states: states ?? null, side: side ?? null };
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
    @Arg('side', () => type.GrantSideEnum, {
      nullable: true,
      description: "The viewer's relation to what is listed; any, when not given.",
    })
    side?: GrantSide | null,
  ): Promise<Connection<AccessGrant>> {
    const page = pageOf('accessGrants', args);
    const conditions = { assetId: await this.idOf(actor, asset), liveOnly, side: side ?? null };
    const rows = await this.grants.list(actor, conditions, page);
    return toConnection('accessGrants', page, rows, () => this.grants.count(actor, conditions));
  }

  /** An unknown asset gives an empty list: nothing is about it. */
  private async idOf(actor: Context['actor'], ref: string | null | undefined): Promise<string | null> {
    return ref == null ? null : ((await this.assets.find(actor, ref))?.id ?? 'none');
  }
}

@Resolver(() => AssetType)
export class AssetAccessResolver {
  constructor(private readonly access: AccessService) {}

  @FieldResolver(() => [ActionEnum], {
    description: 'The actions that you may take here, so that a screen can show or hide a button without trying.',
  })
  viewerCan(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<Action[]> {
    return loaders.get('asset.viewerCan', asset.id, (ids) => this.access.viewerCan(actor, ids));
  }
}

/** Loads the principal with the id, in one batch with all others of the request. */
function loadPrincipal(principals: PrincipalService, { actor, loaders }: Context, id: string): Promise<Principal> {
  return loaders.get('principal', id, (ids) => principals.byIds(actor, ids));
}

@Resolver(() => type.AccessRequestType)
export class AccessRequestResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The asset it is about; null when you may no longer see it.',
  })
  async asset(@Root() request: AccessRequest, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', request.assetId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The requester.' })
  requester(@Root() request: AccessRequest, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, request.requesterId);
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who would be granted access.' })
  grantee(@Root() request: AccessRequest, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, request.granteeId);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who decided or withdrew it; null while it is open.',
  })
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

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The asset it is on; null when you may no longer see it.',
  })
  async asset(@Root() grant: AccessGrant, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', grant.assetId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The grantee.' })
  grantee(@Root() grant: AccessGrant, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, grant.granteeId);
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who gave it.' })
  grantedBy(@Root() grant: AccessGrant, @Ctx() context: Context): Promise<Principal> {
    return loadPrincipal(this.principals, context, grant.grantedById);
  }
}
