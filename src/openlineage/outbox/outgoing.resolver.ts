import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type Connection, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { OutgoingEvent } from './outbox.js';
import { OutgoingEventsArgs, RetryOutgoingEventsInput } from './outgoing.input.js';
import type { OutgoingEvents } from './outgoing.service.js';
import { OutgoingEventConnection, type OutgoingEventType, RetryOutgoingEventsPayload } from './outgoing.type.js';

const MOST_CHARACTERS = 10_000;

@Resolver()
export class OutgoingEventsResolver {
  constructor(private readonly outgoing: OutgoingEvents) {}

  @Query(() => OutgoingEventConnection, {
    description:
      'Events of OpenLineage and messages of violations that wait to be sent to others, and those that were refused there, for an ADMIN or AUDITOR; newest first.',
  })
  async outgoingEvents(
    @Ctx() { actor }: Context,
    @Args(() => OutgoingEventsArgs) args: OutgoingEventsArgs,
  ): Promise<Connection<OutgoingEventType>> {
    const page = pageOf('outgoingEvents', args);
    const isDead = args.state == null ? null : args.state === 'REFUSED';
    const filter = { destination: args.destination ?? null, isDead };
    const { rows, ...rest } = await this.outgoing.list(actor, filter, page);
    return toConnection('outgoingEvents', page, { ...rest, rows: rows.map(shown) }, () =>
      this.outgoing.count(actor, filter),
    );
  }

  @Mutation(() => RetryOutgoingEventsPayload, {
    description: 'Sends again events that were refused, such as after a token was replaced there.',
  })
  async retryOutgoingEvents(
    @Ctx() { actor }: Context,
    @Arg('input', () => RetryOutgoingEventsInput, { description: 'The events that are sent again.' })
    { events, destination }: RetryOutgoingEventsInput,
  ): Promise<RetryOutgoingEventsPayload> {
    return { retried: await this.outgoing.retry(actor, events ?? null, destination ?? null) };
  }
}

const shown = ({ id, destination, about, body, since, attempts, dueAt, deadAt, failure }: OutgoingEvent) => ({
  ...{ id, destination, about, since, attempts, dueAt },
  state: deadAt === null ? ('WAITING' as const) : ('REFUSED' as const),
  body: body.slice(0, MOST_CHARACTERS).toWellFormed(),
  ...{ status: failure?.status ?? null, reason: failure?.why ?? null },
});
