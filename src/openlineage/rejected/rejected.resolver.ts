import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { RejectedEvent } from './rejected.js';
import type { RejectedEvents } from './rejected.service.js';
import { RejectedEventConnection, RejectedEventType } from './rejected.type.js';

@Resolver(() => RejectedEventType)
export class RejectedEventsResolver {
  constructor(
    private readonly rejected: RejectedEvents,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => RejectedEventConnection, {
    description:
      'Events of OpenLineage that were refused: those sent with your tokens, and to an ADMIN all; newest first.',
  })
  async rejectedEvents(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<RejectedEvent>> {
    const page = pageOf('rejectedEvents', args);
    return toConnection('rejectedEvents', page, await this.rejected.list(actor, page), () =>
      this.rejected.count(actor),
    );
  }

  @FieldResolver(() => PrincipalType, { description: 'The owner of the token it came with.' })
  sender(@Root() { senderId }: RejectedEvent, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', senderId, (ids) => this.principals.byIds(actor, ids));
  }
}
