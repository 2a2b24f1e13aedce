import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { IngestSource, IngestStatusService } from './ingest-status.service.js';
import { IngestSourceConnection, IngestSourceType, IngestStatusType } from './ingest-status.type.js';

@Resolver(() => IngestStatusType)
export class IngestStatusResolver {
  constructor(private readonly status: IngestStatusService) {}

  @Query(() => IngestStatusType, {
    description: 'The state of the intake of events of OpenLineage, on the server that answers.',
  })
  ingestStatus(): IngestStatusType {
    const { backlog, tallies } = this.status;
    return {
      since: tallies.since,
      waitingEvents: backlog.events,
      waitingBytes: BigInt(backlog.bytes),
      oldestWaitingSeconds: backlog.oldestSeconds,
      mostWaitingEvents: backlog.limits.events,
      mostWaitingBytes: BigInt(backlog.limits.bytes),
      isFull: backlog.isFull,
      turnedAway: BigInt(backlog.turnedAway),
      eventsPerSecond: tallies.eventsPerSecond,
    };
  }

  @FieldResolver(() => IngestSourceConnection, {
    description: 'Accounts whose events have come: you, and to an ADMIN or AUDITOR all.',
  })
  sources(@Ctx() { actor }: Context, @Args(() => PageArgs) args: PageArgs): Connection<IngestSource> {
    const page = pageOf('ingestStatus.sources', args);
    return toConnection('ingestStatus.sources', page, this.status.sources(actor, page), () =>
      Promise.resolve(this.status.countSources(actor)),
    );
  }
}

@Resolver(() => IngestSourceType)
export class IngestSourceResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { description: 'The account whose tokens they came with.' })
  account(@Root() { accountId }: IngestSource, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', accountId, (ids) => this.principals.byIds(actor, ids));
  }
}
