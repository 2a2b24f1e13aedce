import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { type BreakGlass, type BreakGlassState, type BreakGlassVerdict, reviewDueAt } from './break-glass.js';
import type { BreakGlassEvent } from './break-glass.feed.js';
import * as input from './break-glass.input.js';
import type { BreakGlassService } from './break-glass.service.js';
import * as type from './break-glass.type.js';

const LIST = 'breakGlasses';

@Resolver(() => type.BreakGlassType)
export class BreakGlassResolver {
  constructor(
    private readonly glasses: BreakGlassService,
    private readonly others: { principals: PrincipalService; assets: AssetService },
  ) {}

  @Query(() => type.BreakGlassConnection, {
    description:
      'Emergencies for assets that you may see, the newest first; with `toldToMe`, those that you are told of.',
  })
  async breakGlasses(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => input.BreakGlassFilter, {
      nullable: true,
      description: 'Conditions on the list; all, when not given.',
    })
    filter?: input.BreakGlassFilter | null,
  ): Promise<Connection<BreakGlass>> {
    const page = pageOf(LIST, args);
    const rows = await this.glasses.list(actor, filter ?? null, page);
    return toConnection(LIST, page, rows, () => this.glasses.count(actor, filter ?? null));
  }

  @Query(() => type.BreakGlassType, {
    nullable: true,
    description: 'An emergency; null when there is none, or you may not see the asset.',
  })
  async breakGlass(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the emergency.' }) id: string,
  ): Promise<BreakGlass | null> {
    return (await loaders.find('breakGlass', id, (ids) => this.glasses.byIds(actor, ids))) ?? null;
  }

  @Mutation(() => type.BreakGlassPayload, {
    description:
      'Declares an emergency for an asset, for you alone and for a time: policies that say so give way, rights do not. A second person is told, and another one has to review it once it is over.',
  })
  async openBreakGlass(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.OpenBreakGlassInput, {
      description: 'Asset, actions, reason and length of the emergency.',
    })
    given: input.OpenBreakGlassInput,
  ): Promise<type.BreakGlassPayload> {
    return { breakGlass: await this.glasses.open(actor, given) };
  }

  @Mutation(() => type.BreakGlassPayload, {
    description:
      'Ends an emergency early: for who opened it, its second person, an OWNER of the asset or an ADMIN. One that is over stays as it is.',
  })
  async closeBreakGlass(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.CloseBreakGlassInput, { description: 'The emergency.' })
    given: input.CloseBreakGlassInput,
  ): Promise<type.BreakGlassPayload> {
    return { breakGlass: await this.glasses.close(actor, given.breakGlass) };
  }

  @Mutation(() => type.BreakGlassPayload, {
    description: 'Reviews an emergency that is over: for an OWNER of the asset, or an ADMIN, who did not open it.',
  })
  async reviewBreakGlass(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ReviewBreakGlassInput, { description: 'The emergency, and the verdict.' })
    given: input.ReviewBreakGlassInput,
  ): Promise<type.BreakGlassPayload> {
    return { breakGlass: await this.glasses.review(actor, given) };
  }

  @Subscription(() => type.BreakGlassEventType, {
    description:
      'Emergencies that begin, end and are reviewed, for assets that you may see. Give the cursor of the last event you have to go on from there; without `after` it begins now.',
    subscribe: ({ args, context }: { args: { after?: string | null }; context: Context }) =>
      context.feeds.breakGlasses.follow(context.actor, args, context.signal),
  })
  breakGlassChanged(
    @Root() event: BreakGlassEvent,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last event you have.' })
    _after?: string | null,
  ): BreakGlassEvent {
    return event;
  }

  @FieldResolver(() => type.BreakGlassStateEnum, { description: 'The state.' })
  state(@Root() glass: BreakGlass, @Ctx() { actor }: Context): BreakGlassState {
    return this.glasses.stateFor(actor, glass);
  }

  @FieldResolver(() => DateTime, { description: 'The time until which it has to be reviewed.' })
  reviewDueAt(@Root() glass: BreakGlass): Date {
    return reviewDueAt(glass);
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'The time of the review; null: there is none.' })
  reviewedAt(@Root() { review }: BreakGlass): Date | null {
    return review?.at ?? null;
  }

  @FieldResolver(() => type.BreakGlassVerdictEnum, {
    nullable: true,
    description: 'The verdict of the review; null: there is none.',
  })
  verdict(@Root() { review }: BreakGlass): BreakGlassVerdict | null {
    return review?.verdict ?? null;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The grounds of the verdict; null: there is none.' })
  reviewText(@Root() { review }: BreakGlass): string | null {
    return review?.text ?? null;
  }

  @FieldResolver(() => AssetType, { nullable: true, description: 'The asset that it is for; null when it is gone.' })
  async asset(@Root() { assetId }: BreakGlass, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', assetId, (ids) => this.others.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who opened it, and alone is covered by it.' })
  openedBy(@Root() { openedById }: BreakGlass, @Ctx() context: Context): Promise<Principal> {
    return this.principal(openedById, context);
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who is told of it.' })
  secondPerson(@Root() { secondPersonId }: BreakGlass, @Ctx() context: Context): Promise<Principal> {
    return this.principal(secondPersonId, context);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who ended it early; null: nobody did.',
  })
  async closedBy(@Root() { closedById }: BreakGlass, @Ctx() context: Context): Promise<Principal | null> {
    return closedById === null ? null : this.principal(closedById, context);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who reviewed it; null: nobody did.',
  })
  async reviewedBy(@Root() { review }: BreakGlass, @Ctx() context: Context): Promise<Principal | null> {
    return review === null ? null : this.principal(review.byId, context);
  }

  private principal(id: string, { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', id, (ids) => this.others.principals.byIds(actor, ids));
  }
}
