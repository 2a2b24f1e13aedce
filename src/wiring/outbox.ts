import { WEBHOOK } from '../config/webhook.js';
import { type Deliver, deliver } from '../openlineage/outbox/delivery.js';
import { ViolationMessages } from '../openlineage/outbox/violation-messages.service.js';
import { webhookDelivery } from '../openlineage/outbox/webhook.js';
import { OutboxMetrics } from '../openlineage/outbox/outbox.metrics.js';
import { OutboxRepository } from '../openlineage/outbox/outbox.repository.js';
import { Outbox } from '../openlineage/outbox/outbox.service.js';
import { OutboxWorker } from '../openlineage/outbox/outbox.worker.js';
import { USUAL_PACE } from '../openlineage/outbox/outbox.js';
import { OutgoingEventsResolver } from '../openlineage/outbox/outgoing.resolver.js';
import { OutgoingEvents } from '../openlineage/outbox/outgoing.service.js';
import { EventsOfFacts } from '../openlineage/outgoing/events-of-facts.js';
import { FactsRepository } from '../openlineage/outgoing/facts.repository.js';
import type { Parts, ResolverEntries } from './parts.js';

/** What the statement is called that writes events down. */
const WRITTEN = 'outbox.put';

/** What tells others of what happens here. */
export function wireOutbox({ graph, logger, now, worker, telling, gridIntensity = null }: Parts) {
  const { destinations, publicUrl, pace, webhook = null } = telling;
  const told = destinations.map(({ name }) => name);
  const names = [...told, ...(webhook ? [WEBHOOK] : [])];
  const facts = new FactsRepository(now);
  const events = new EventsOfFacts(publicUrl, gridIntensity);
  const rows = new OutboxRepository(graph, now);
  const metrics = new OutboxMetrics();
  const workerTo = (name: string, send: Deliver): OutboxWorker =>
    new OutboxWorker(rows, {
      ...{ destination: { name }, deliver: send, worker, logger, now, random: Math.random },
      pace: { ...USUAL_PACE, ...pace },
      onAttempt: (to, outcome) => metrics.attempted(to, outcome),
    });
  const workers = destinations.map((destination) =>
    workerTo(destination.name, (body, limits) => deliver(destination, body, limits)),
  );
  if (webhook) workers.push(workerTo(WEBHOOK, webhookDelivery(webhook, { now })));
  const wake = (): void => workers.forEach((each) => each.wake());
  graph.onCommit((statements) => {
    if (statements.has(WRITTEN)) wake();
  });
  const outgoing = new OutgoingEvents(graph, rows, names, now, wake);
  const resolvers: ResolverEntries = [[OutgoingEventsResolver, new OutgoingEventsResolver(outgoing)]];
  return {
    facts,
    events,
    tells: new Outbox(told, facts, events, rows),
    tellsOfViolations: new ViolationMessages(rows, webhook !== null),
    resolvers,
    outbox: {
      metrics,
      measure: () => rows.measure(names),
      start: (): void => workers.forEach((each) => each.start()),
      stop: async (): Promise<void> => {
        await Promise.all(workers.map((each) => each.stop()));
      },
    },
  };
}
