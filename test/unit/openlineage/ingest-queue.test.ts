/** How many events go into one transaction: as many as it can hold. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
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

  it('waits for those who send at the same time again and again, and no longer than a moment for who does not', async () => {
    const together: string[][] = [];
    const inner = {
      ingest: (_actor: unknown, events: readonly LineageEvent[]) => {
        together.push(events.map((event) => (event.kind === 'DATASET' ? '' : event.job.name)));
        return Promise.resolve(events.map(() => ({ ok: true as const })));
      },
    };
    const queue = new IngestQueue(inner, (error) => {
      throw error;
    });
    const sends = async (name: string, times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        await queue.ingest(actor, [eventOf(name, { datasets: 1, columns: 0 })]);
        // As long as an answer and the next request are on their way.
        await new Promise(setImmediate);
      }
    };
    await Promise.all([sends('a', 4), sends('b', 4), sends('c', 2)]);
    // The first is alone, for nobody knows yet of the others; c, who goes, is waited for once.
    expect(together.map((each) => each.sort().join(''))).toEqual(['a', 'abc', 'abc', 'ab', 'b']);
  });

  it('waits for nobody where others report who do not go into one transaction', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const together: number[] = [];
      const inner = {
        ingest: (_actor: unknown, events: readonly LineageEvent[]) => {
          together.push(events.length);
          return Promise.resolve(events.map(() => ({ ok: true as const })));
        },
      };
      const queue = new IngestQueue(inner, (error) => {
        throw error;
      });
      const sends = async (id: string): Promise<void> => {
        for (let time = 0; time < 4; time++) {
          await queue.ingest({ ...actor, id }, [eventOf(id, { datasets: 1, columns: 0 })]);
          await new Promise(setImmediate);
        }
      };
      await Promise.all([sends('a'), sends('b')]);
      expect(together).toEqual(Array(8).fill(1));
    } finally {
      vi.useRealTimers();
    }
  });
});
