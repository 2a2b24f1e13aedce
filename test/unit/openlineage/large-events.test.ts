/** An event of ten megabytes is checked in turns, and comes to what it comes to at once. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHashInSteps, canonicalJson } from '../../../src/audit/record/canonical-json.js';
import { parseEvent, parseEventInTurns } from '../../../src/openlineage/event/parse.js';
import { type SentEvent, sentEvent, sentLines, sentList } from '../../../src/openlineage/event/sent.js';
import { atOnce } from '../../../src/turn.js';
import { turnsDuring } from '../../support/turns.js';

const facet = { _producer: 'p', _schemaURL: 's' };
const base = {
  ...{ eventType: 'COMPLETE', eventTime: '2026-11-29T12:00:00Z', producer: 'p', schemaURL: 's' },
  ...{ run: { runId: '01890a5d-ac96-774b-bcce-b302099a8057' }, job: { namespace: 'n', name: 'j' } },
};
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_each, at) => make(at));

const LARGE: Record<string, unknown> = {
  'many keys': {
    ...base,
    run: { ...base.run, facets: { a: { ...facet, ...Object.fromEntries(many(100_000, (at) => [`k${at}`, at])) } } },
  },
  'many data sets': {
    ...base,
    inputs: many(1_000, (at) => ({
      namespace: 'n',
      name: `d${at}`,
      facets: { a: { ...facet, rows: many(100, String) } },
    })),
  },
  'many empty lists': { ...base, run: { ...base.run, facets: { a: { ...facet, lists: many(300_000, () => []) } } } },
};

describe('A large event', () => {
  it.each(Object.entries(LARGE))('of %s gives others their turn, and comes to the same', async (_what, event) => {
    let taken: unknown;
    const turns = await turnsDuring(async () => {
      taken = await parseEventInTurns(event, event);
    });
    expect(turns).toBeGreaterThan(3);
    expect(taken).toEqual(parseEvent(event));
  });

  it.each(Object.entries(LARGE))('of %s is read from its text in turns, alone and in a list', async (_what, event) => {
    const text = JSON.stringify(event);
    expect(await (await sentEvent(text)).parse()).toEqual(parseEvent(event));
    const times = Math.ceil(8_000_000 / text.length);
    let list: SentEvent[] = [];
    const turns = await turnsDuring(async () => {
      list = await sentList(`[${many(times, () => text).join(',')}]`);
    });
    expect(turns).toBeGreaterThan(3);
    expect(list).toHaveLength(times);
    expect(await list.at(-1)?.parse()).toEqual(parseEvent(event));
  });

  it('has the digest of its canonical text, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'grapheme' }), (value) => {
        expect(atOnce(canonicalHashInSteps(value))).toBe(
          createHash('sha256').update(canonicalJson(value)).digest('hex'),
        );
      }),
    );
    const own = JSON.parse('{"__proto__":{"b":1},"a":[-0,1e21,"é\\u2028"]}') as unknown;
    expect(atOnce(canonicalHashInSteps(own))).toBe(createHash('sha256').update(canonicalJson(own)).digest('hex'));
  });

  it.each(['run.facets', 'job.facets', 'inputs[0].facets', 'inputs[0].inputFacets', 'outputs[0].outputFacets'])(
    'is refused with more than a thousand facets in %s',
    (place) => {
      const facets = Object.fromEntries(many(1_001, (at) => [`f${at}`, facet]));
      const dataset = (side: string, kind: string) => [
        { namespace: 'n', name: 'd', ...(place === `${side}[0].${kind}` ? { [kind]: facets } : {}) },
      ];
      const event = {
        ...base,
        run: { ...base.run, ...(place === 'run.facets' ? { facets } : {}) },
        job: { ...base.job, ...(place === 'job.facets' ? { facets } : {}) },
        inputs: dataset('inputs', place.endsWith('inputFacets') ? 'inputFacets' : 'facets'),
        outputs: dataset('outputs', 'outputFacets'),
      };
      expect(() => parseEvent(event)).toThrow(`${place} has 1,001 facets; at most 1,000 are possible.`);
    },
  );

  it.each(['inputs', 'outputs'])(
    'is refused with more than a thousand data sets in %s, and told what to do',
    (side) => {
      const datasets = many(1_001, (at) => ({ namespace: 'n', name: `d${at}` }));
      expect(() => parseEvent({ ...base, [side]: datasets })).toThrow(
        `${side} has 1,001 data sets; at most 1,000 are possible. Send the others in further events of the same run or job`,
      );
      expect(() => parseEvent({ ...base, [side]: datasets.slice(1) })).not.toThrow();
    },
  );

  it('is refused with more than 20,000 fields in all its data sets, nested ones among them', () => {
    const fields = many(500, (at) => ({ name: `c${at}`, fields: [{ name: 'a' }] }));
    const told = (count: number) =>
      many(count, (at) => ({ namespace: 'n', name: `d${at}`, facets: { schema: { ...facet, fields } } }));
    const [inputs, outputs] = [told(10), told(10)];
    expect(() => parseEvent({ ...base, inputs, outputs })).not.toThrow();
    expect(() => parseEvent({ ...base, inputs, outputs: told(11) })).toThrow(
      'The event has 21,000 fields in its data sets; at most 20,000 are possible. Send the others in further events of the same run or job',
    );
  });

  it('is refused with more than 20,000 input fields, before they are read', () => {
    const inputFields = many(201, (at) => ({ namespace: 'n', name: 'd', field: `c${at}` }));
    const columnLineage = { ...facet, fields: Object.fromEntries(many(100, (at) => [`c${at}`, { inputFields }])) };
    const outputs = [{ namespace: 'n', name: 'o', facets: { columnLineage } }];
    expect(() => parseEvent({ ...base, outputs })).toThrow(
      'The event has 20,100 input fields in its column lineage; at most 20,000 are possible.',
    );
  });

  it('stands in a body with at most 10,000 others, as a list or as lines', async () => {
    const [some, more] = [many(10_000, () => '{}'), many(10_001, () => '{}')];
    expect(await sentList(`[${some.join(',')}]`)).toHaveLength(10_000);
    expect(sentLines(some.join('\n\n'))).toHaveLength(10_000);
    await expect(sentList(`[${more.join(',')}]`)).rejects.toThrow(
      'The body has 10,001 events; at most 10,000 are possible. Send the others in further bodies.',
    );
    expect(() => sentLines(more.join('\n'))).toThrow(
      'The body has more than 10,000 events; at most 10,000 are possible.',
    );
  });

  it('is told the place of what is wrong in it, among thousands of data sets', async () => {
    const outputs = many(500, (at) => ({ namespace: 'n', name: at === 321 ? 7 : `d${at}` }));
    await expect(parseEventInTurns({ ...base, outputs }, {})).rejects.toThrow('outputs[321].name must be a string.');
  });
});
