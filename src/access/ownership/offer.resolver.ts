import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { OfferSide, OfferState, OwnershipOffer } from './offer.js';
import * as input from './offer.input.js';
import type { OfferService } from './offer.service.js';
import * as type from './offer.type.js';

@Resolver()
export class OfferResolver {
  constructor(
    private readonly offers: OfferService,
    private readonly assets: AssetService,
  ) {}

  @Mutation(() => type.OwnershipOfferPayload, {
    description: 'Offers the ownership of an asset; it moves when it is accepted. Needs MANAGE_OWNERS.',
  })
  async offerOwnership(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.OfferOwnershipInput, { description: 'The asset, and the recipient of the offer.' })
    given: input.OfferOwnershipInput,
  ): Promise<type.OwnershipOfferPayload> {
    return { ownershipOffer: await this.offers.offer(actor, given) };
  }

  @Mutation(() => type.OwnershipOfferPayload, {
    description: 'Accepts or declines an offer of ownership; the one it is made to does, or a member of that team.',
  })
  async decideOwnershipOffer(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DecideOwnershipOfferInput, {
      description: 'The offer, and the decision of its recipient.',
    })
    given: input.DecideOwnershipOfferInput,
  ): Promise<type.OwnershipOfferPayload> {
    return { ownershipOffer: await this.offers.decide(actor, given) };
  }

  @Mutation(() => type.OwnershipOfferPayload, {
    description: 'Takes an open offer back; who made it does, or an OWNER of the asset.',
  })
  async withdrawOwnershipOffer(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.WithdrawOwnershipOfferInput, { description: 'The offer to withdraw.' })
    given: input.WithdrawOwnershipOfferInput,
  ): Promise<type.OwnershipOfferPayload> {
    return { ownershipOffer: await this.offers.withdraw(actor, given) };
  }

  @Query(() => type.OwnershipOfferConnection, {
    description: 'Offers of ownership that concern you: made by you, to you, or of what you own; newest first.',
  })
  async ownershipOffers(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('asset', () => AssetRef, { nullable: true, description: 'Of this asset only.' }) asset?: string | null,
    @Arg('states', () => [type.OfferStateEnum], {
      nullable: true,
      description: 'The states to list; any, when not given.',
    })
    states?: OfferState[] | null,
    @Arg('side', () => type.OfferSideEnum, {
      nullable: true,
      description: "The viewer's relation to what is listed; any, when not given.",
    })
    side?: OfferSide | null,
  ): Promise<Connection<OwnershipOffer>> {
    const page = pageOf('ownershipOffers', args);
    const assetId = asset == null ? null : ((await this.assets.find(actor, asset))?.id ?? 'none');
    const conditions = { assetId, states: states ?? null, side: side ?? null };
    const rows = await this.offers.list(actor, conditions, page);
    return toConnection('ownershipOffers', page, rows, () => this.offers.count(actor, conditions));
  }
}

@Resolver(() => type.OwnershipOfferType)
export class OfferFieldsResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The asset that is offered; null when you may not see it.',
  })
  async asset(@Root() offer: OwnershipOffer, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', offer.assetId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who made it.' })
  offerer(@Root() offer: OwnershipOffer, @Ctx() context: Context): Promise<Principal> {
    return this.load(context, offer.offererId);
  }

  @FieldResolver(() => PrincipalType, { description: 'The recipient of the offer.' })
  to(@Root() offer: OwnershipOffer, @Ctx() context: Context): Promise<Principal> {
    return this.load(context, offer.toId);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The owner who leaves when it is accepted; null: nobody.',
  })
  async replaces(@Root() offer: OwnershipOffer, @Ctx() context: Context): Promise<Principal | null> {
    return offer.replacesId === null ? null : this.load(context, offer.replacesId);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who decided or withdrew it; null while it is open.',
  })
  async decider(@Root() offer: OwnershipOffer, @Ctx() context: Context): Promise<Principal | null> {
    return offer.deciderId === null ? null : this.load(context, offer.deciderId);
  }

  private load({ actor, loaders }: Context, id: string): Promise<Principal> {
    return loaders.get('principal', id, (ids) => this.principals.byIds(actor, ids));
  }
}
