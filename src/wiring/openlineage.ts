import { EventIntake } from '../openlineage/intake/intake.service.js';
import { RejectedRepository } from '../openlineage/rejected/rejected.repository.js';
import { RejectedEventsResolver } from '../openlineage/rejected/rejected.resolver.js';
import { RejectedEvents } from '../openlineage/rejected/rejected.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

/** What takes events of producers, and keeps what it refused. */
export function wireOpenlineage({ graph, now, logger, events }: Parts, principals: PrincipalService) {
  const rejected = new RejectedEvents(new RejectedRepository(graph, now), logger);
  const intake = events ? new EventIntake(events.ingest, rejected, events.mostWaiting) : null;
  const resolvers: ResolverEntries = [[RejectedEventsResolver, new RejectedEventsResolver(rejected, principals)]];
  return { intake, resolvers };
}
