import { Gauge, type Registry } from 'prom-client';
import type { MeasuredWatch } from './watch.repository.js';

const GAUGES: Readonly<Record<string, { help: string; of: (measured: MeasuredWatch, now: number) => number }>> = {
  checks_waiting: { help: 'Deployments that are to be decided by policies again.', of: ({ waiting }) => waiting },
  check_lag_seconds: {
    help: 'How long the first of these waits; 0 when none does.',
    of: ({ oldest }, now) => (oldest === null ? 0 : Math.max(0, (now - oldest.getTime()) / 1000)),
  },
  violations_open: { help: 'Violations of policies that go on.', of: ({ open }) => open },
};

/** Tells the registry of what waits and what is violated; `measure` is asked at each scrape. */
export function registerWatchMetrics(registry: Registry, measure: () => Promise<MeasuredWatch>, now: () => Date): void {
  let measuring: Promise<MeasuredWatch> | null = null;
  // All gauges of one scrape are of one measurement.
  const measured = (): Promise<MeasuredWatch> => (measuring ??= measure().finally(() => (measuring = null)));
  for (const [name, { help, of }] of Object.entries(GAUGES)) {
    new Gauge({
      ...{ name: `weftline_policy_${name}`, help, registers: [registry] },
      async collect() {
        this.set(of(await measured(), now().getTime()));
      },
    });
  }
}
