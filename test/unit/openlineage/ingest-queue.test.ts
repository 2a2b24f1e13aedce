/** How many events go into one transaction: as many as it can hold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemActor } from '../../../src/auth/actor.js';
import type { LineageEvent } from '../../../src/openlineage/event/event.js';
import { parseEvent } from '../../../src/openlineage/event/parse.js';
import { IngestQueue } from '../../../src/openlineage/ingest/ingest.queue.js';

const actor = systemActor('test');
const facet = { _producer: 'p', _schemaURL: 's' };

function eventOf(job: string, { datasets, columns }: { datasets: number; columns: number }): LineageEvent {
  const fields = Array.from({ length: columns }, (_, at) => ({ name: `c${at}`, type: 'int' }));
  return parseEvent({
    ...{ eventType: 'COMPLETE', eventTime: '2026-11-29T12:00:00Z', producer: 'p', schemaURL: 's' },
    ...{ run: { runId: '01890a5d-ac96-774b-bcce-b302099a8057' }, job: { namespace: 'n', name: job } },
    inputs: Array.from({ length: datasets }, (_, at) => ({
      ...{ namespace: 'n', name: `d${at}` },
      ...(columns === 0 ? {} : { facets: { schema: { ...facet, fields } } }),
    })),
  });
}

/** The portions in which a queue takes the events of those requests. */
async function portionsOf(requests: readonly LineageEvent[][]): Promise<(readonly LineageEvent[])[]> {
  const portions: (readonly LineageEvent[])[] = [];
  const inner = {
    ingest: (_actor: unknown, events: readonly LineageEvent[]) => {
      portions.push(events);
      return Promise.resolve(events.map(() => ({ ok: true as const })));
    },
  };
  const queue = new IngestQueue(inner, (error) => {
    throw error;
  });
  const outcomes = await Promise.all(requests.map((events) => queue.ingest(actor, events)));
  expect(outcomes.map((each) => each.length)).toEqual(requests.map((events) => events.length));
  return portions;
}

describe('The queue of events', () => {
  it('puts as many into a transaction as it can hold, in their order, and loses none', async () => {
    const size = fc.record({ datasets: fc.constantFrom(0, 1, 3, 400), columns: fc.constantFrom(0, 1, 20) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(size, { maxLength: 130 }), { maxLength: 4 }), async (sizes) => {
        const weight = new Map<LineageEvent, number>();
        const requests = sizes.map((each, request) =>
          each.map(({ datasets, columns }, at) => {
            const event = eventOf(`${request} ${at}`, { datasets, columns });
            weight.set(event, datasets * (1 + columns / 10));
            return event;
          }),
        );
        const portions = await portionsOf(requests);
        expect(portions.flat()).toEqual(requests.flat());
        const heavy = portions.filter((events) => {
          const all = events.reduce((sum, event) => sum + (weight.get(event) ?? 0), 0);
          return events.length > 100 || (events.length > 1 && all > 1_000.001);
        });
        expect(heavy).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('takes many small ones in one transaction', async () => {
    const events = Array.from({ length: 100 }, (_, at) => eventOf(`${at}`, { datasets: 3, columns: 10 }));
    expect((await portionsOf([events])).map((each) => each.length)).toEqual([100]);
  });
});
