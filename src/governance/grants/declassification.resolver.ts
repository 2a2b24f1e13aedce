import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { Transformation } from '../../catalog/assets/asset.type.js';
import type { Asset } from '../../catalog/model/asset.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { DeclassificationGrant, GrantApproval, GrantEnd, GrantState } from './declassification.js';
import * as input from './declassification.input.js';
import type { DeclassificationService } from './declassification.service.js';
import * as type from './declassification.type.js';

@Resolver(() => type.DeclassificationGrantType)
export class DeclassificationResolver {
  constructor(
    private readonly grants: DeclassificationService,
    private readonly others: { principals: PrincipalService; assets: AssetService },
  ) {}

  @Query(() => type.DeclassificationGrantType, {
    nullable: true,
    description: 'A declassification grant; null when there is none, or you may not see the transformation.',
  })
  async declassificationGrant(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the grant.' }) id: string,
  ): Promise<DeclassificationGrant | null> {
    return (await loaders.find('declassificationGrant', id, (ids) => this.grants.byIds(actor, ids))) ?? null;
  }

  @Mutation(() => type.DeclassificationGrantPayload, {
    description:
      'Asks that runs of exactly the code that a transformation has now may lower a label; needs EDIT on it. Two others have to approve it.',
  })
  async requestDeclassification(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RequestDeclassificationInput, { description: 'The label, and how far it is lowered.' })
    given: input.RequestDeclassificationInput,
  ): Promise<type.DeclassificationGrantPayload> {
    return { declassificationGrant: await this.grants.request(actor, given) };
  }

  @Mutation(() => type.DeclassificationGrantPayload, {
    description:
      'Approves a declassification grant: for an ADMIN, or for who owns or stewards all data whose label it lowers; never for who asked or wrote the code. It lives once two have, of whom one is an ADMIN.',
  })
  async approveDeclassification(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ApproveDeclassificationInput, { description: 'The grant.' })
    given: input.ApproveDeclassificationInput,
  ): Promise<type.DeclassificationGrantPayload> {
    return { declassificationGrant: await this.grants.approve(actor, given.grant) };
  }

  @Mutation(() => type.DeclassificationGrantPayload, {
    description: 'Refuses a declassification grant that is not yet live, for whoever is entitled to decide it.',
  })
  async rejectDeclassification(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.EndDeclassificationInput, { description: 'The grant, and why.' })
    given: input.EndDeclassificationInput,
  ): Promise<type.DeclassificationGrantPayload> {
    return { declassificationGrant: await this.grants.reject(actor, given) };
  }

  @Mutation(() => type.DeclassificationGrantPayload, {
    description:
      'Takes back a declassification grant, or the request for one: for whoever is entitled to decide it, or may EDIT the transformation. What it lowered is high again.',
  })
  async revokeDeclassification(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.EndDeclassificationInput, { description: 'The grant, and why.' })
    given: input.EndDeclassificationInput,
  ): Promise<type.DeclassificationGrantPayload> {
    return { declassificationGrant: await this.grants.revoke(actor, given) };
  }

  @FieldResolver(() => type.GrantStateEnum, { description: 'The state.' })
  state(@Root() grant: DeclassificationGrant, @Ctx() { actor }: Context): GrantState {
    return this.grants.stateFor(actor, grant);
  }

  @FieldResolver(() => Transformation, { description: 'The transformation that it is of.' })
  transformation(
    @Root() { transformationId }: DeclassificationGrant,
    @Ctx() { actor, loaders }: Context,
  ): Promise<Asset> {
    return loaders.get('asset', transformationId, (ids) => this.others.assets.byIds(actor, ids));
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who asked for it.' })
  requestedBy(@Root() { requestedById }: DeclassificationGrant, @Ctx() context: Context): Promise<Principal> {
    return principalOf(this.others.principals, requestedById, context);
  }

  @FieldResolver(() => [type.DeclassificationApprovalType], { description: 'The approvals, the first one first.' })
  approvals(@Root() { approvals }: DeclassificationGrant): readonly GrantApproval[] {
    return approvals;
  }

  @FieldResolver(() => type.DeclassificationEndType, {
    nullable: true,
    description: 'The word by which it was rejected or revoked; null: it was not.',
  })
  end(@Root() { rejected, revoked }: DeclassificationGrant): GrantEnd | null {
    return rejected ?? revoked;
  }
}

@Resolver(() => type.DeclassificationApprovalType)
export class DeclassificationApprovalResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The principal who approved it.' })
  by(@Root() { byId }: GrantApproval, @Ctx() context: Context): Promise<Principal> {
    return principalOf(this.principals, byId, context);
  }
}

@Resolver(() => type.DeclassificationEndType)
export class DeclassificationEndResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The principal who ended it.' })
  by(@Root() { byId }: GrantEnd, @Ctx() context: Context): Promise<Principal> {
    return principalOf(this.principals, byId, context);
  }
}

@Resolver(() => Transformation)
export class TransformationGrantsResolver {
  constructor(private readonly grants: DeclassificationService) {}

  @FieldResolver(() => type.DeclassificationGrantConnection, {
    description: 'The declassification grants for its code, in any state, the newest first.',
  })
  async declassificationGrants(
    @Root() { id }: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<DeclassificationGrant>> {
    const page = pageOf('declassificationGrants', args);
    const rows = await loaders.find('declassificationGrants', id, (ids) => this.grants.of(actor, ids, page), page);
    const count = async (): Promise<number> =>
      (await loaders.find('declassificationGrants.count', id, (ids) => this.grants.count(actor, ids))) ?? 0;
    return toConnection('declassificationGrants', page, rows ?? { rows: [], more: false }, count);
  }
}

function principalOf(principals: PrincipalService, id: string, { actor, loaders }: Context): Promise<Principal> {
  return loaders.get('principal', id, (ids) => principals.byIds(actor, ids));
}
