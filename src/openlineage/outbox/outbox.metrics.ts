import { Counter, Gauge, type Registry } from 'prom-client';
import type { Delivered } from './delivery.js';
import type { Measured } from './outbox.repository.js';

const GAUGES: Readonly<Record<string, { help: string; of: (measured: Measured, now: number) => number }>> = {
  waiting_events: { help: 'Events that wait to be sent to others, by destination.', of: ({ waiting }) => waiting },
  refused_events: {
    help: 'Events that were refused and are kept for an ADMIN, by destination.',
    of: ({ dead }) => dead,
  },
  oldest_seconds: {
    help: 'How long the first of the events waits, by destination; 0 when none does.',
    of: ({ oldest }, now) => (oldest === null ? 0 : Math.max(0, (now - oldest.getTime()) / 1000)),
  },
};

/** What is told of the events that are sent: of each destination by its name, never its address. */
export class OutboxMetrics {
  private readonly attempts = new Counter({
    name: 'weftline_outbox_attempts_total',
    help: 'Attempts to send an event, by destination: sent, failed (tried again later), refused (for good).',
    labelNames: ['destination', 'outcome'],
    registers: [],
  });

  attempted(destination: string, outcome: Delivered['outcome']): void {
    this.attempts.inc({ destination, outcome: { TAKEN: 'sent', LATER: 'failed', REFUSED: 'refused' }[outcome] });
  }

  /** Tells the registry of them; `measure` is asked at each scrape. */
  register(registry: Registry, measure: () => Promise<Measured[]>): void {
    registry.registerMetric(this.attempts);
    let measuring: Promise<Measured[]> | null = null;
    // All gauges of one scrape are of one measurement.
    const measured = (): Promise<Measured[]> => (measuring ??= measure().finally(() => (measuring = null)));
    for (const [name, { help, of }] of Object.entries(GAUGES)) {
      new Gauge({
        ...{ name: `weftline_outbox_${name}`, help, labelNames: ['destination'], registers: [registry] },
        async collect() {
          for (const each of await measured()) this.set({ destination: each.name }, of(each, Date.now()));
        },
      });
    }
  }
}
