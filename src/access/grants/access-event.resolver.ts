import { Arg, Ctx, FieldResolver, Resolver, Root, Subscription } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import type { Context } from '../../graphql/context.js';
import type { AccessGrant, AccessRequest } from './access.js';
import type { AccessRequestEvent } from './access.feed.js';
import type { AccessService } from './access.service.js';
import { AccessGrantType, AccessRequestEventType, AccessRequestType } from './access.type.js';
import type { GrantService } from './grant.service.js';

@Resolver(() => AccessRequestEventType)
export class AccessEventResolver {
  constructor(
    private readonly access: AccessService,
    private readonly grants: GrantService,
  ) {}

  @Subscription(() => AccessRequestEventType, {
    description:
      'Changes of requests and grants that concern you, as owner or steward or as who asked or has them. Give the cursor of the last event you have to go on from there; without `after` it begins now.',
    subscribe: ({ args, context }: { args: { after?: string | null }; context: Context }) =>
      context.feeds.access.follow(context.actor, args, context.signal),
  })
  accessRequestChanged(
    @Root() event: AccessRequestEvent,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last event you have.' })
    _after?: string | null,
  ): AccessRequestEvent {
    return event;
  }

  @FieldResolver(() => AccessRequestType, {
    nullable: true,
    description: 'The request as it is now; null when it was about a grant, or no longer concerns you.',
  })
  async accessRequest(
    @Root() { requestId }: AccessRequestEvent,
    @Ctx() { actor, loaders }: Context,
  ): Promise<AccessRequest | null> {
    if (requestId === null) return null;
    return (await loaders.find('accessRequest', requestId, (ids) => this.access.requestsByIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => AccessGrantType, {
    nullable: true,
    description: 'The grant as it is now; null when it was about a request, or no longer concerns you.',
  })
  async accessGrant(
    @Root() { grantId }: AccessRequestEvent,
    @Ctx() { actor, loaders }: Context,
  ): Promise<AccessGrant | null> {
    if (grantId === null) return null;
    return (await loaders.find('accessGrant', grantId, (ids) => this.grants.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => AccessRequestType, {
    nullable: true,
    description: 'The request as it is now; null when it was about a grant, or no longer concerns you.',
    deprecationReason: calledByType('accessRequest'),
  })
  request(@Root() event: AccessRequestEvent, @Ctx() context: Context): Promise<AccessRequest | null> {
    return this.accessRequest(event, context);
  }

  @FieldResolver(() => AccessGrantType, {
    nullable: true,
    description: 'The grant as it is now; null when it was about a request, or no longer concerns you.',
    deprecationReason: calledByType('accessGrant'),
  })
  grant(@Root() event: AccessRequestEvent, @Ctx() context: Context): Promise<AccessGrant | null> {
    return this.accessGrant(event, context);
  }
}
