import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WeftlineError } from '../../../src/errors.js';
import { parseEvent } from '../../../src/openlineage/event/parse.js';
import { officialSchema, recordedEvents, type SentEvent } from '../../support/openlineage.js';

const official = officialSchema();

/** What ours says is wrong; null: nothing. */
function ours(event: unknown): string | null {
  try {
    parseEvent(event);
    return null;
  } catch (error) {
    if (error instanceof WeftlineError) return error.message;
    throw error;
  }
}

/** What the official schemas know nothing of: bounds of what can be kept. */
const BOUND =
  /has the (control|invisible) character|are possible|must not be empty|half of a surrogate pair|nests deeper/;

function expectSameVerdict(event: unknown): boolean {
  const isValid = official(event);
  const fault = ours(event);
  if (fault !== null && BOUND.test(fault)) return isValid;
  if (isValid !== (fault === null)) {
    const theirs = JSON.stringify(official.errors?.slice(0, 3));
    throw new Error(`Ours: ${fault ?? 'valid'}. Theirs: ${theirs}. The event: ${JSON.stringify(event)}`);
  }
  return isValid;
}

type Container = Record<string | number, unknown>;
interface Place {
  holder: Container;
  key: string;
}

/** Each value in a document, and where it hangs. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Container;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}

const FACET = { _producer: 'somebody', _schemaURL: 'nowhere', 'spark.exception': [{ deep: [[1]] }] };
const VALUES: readonly unknown[] = [
  ...[null, 0, 1.5, -7, 1e300, true, 'text', 'START', 'JOB', 'DATASET', [], {}, [[]], ['text'], [{}], { type: 'JOB' }],
  ...[FACET, { ...FACET, _deleted: true }, { a: FACET }, { tags: FACET }, [{ namespace: 'n', name: 'x', field: 'f' }]],
];
const KEYS = [
  'x',
  'a-b.c',
  '__proto__',
  'job',
  'run',
  'dataset',
  'inputs',
  'facets',
  '_deleted',
  'type',
  'name',
  'fields',
];

type Mutation = (places: readonly Place[], one: number, other: number) => void;

const define = (holder: Container, key: string, value: unknown): unknown =>
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });

const pick = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  leaveOut: (places, one) => {
    const { holder, key } = pick(places, one);
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  },
  replace: (places, one, other) => {
    const { holder, key } = pick(places, one);
    define(holder, key, structuredClone(pick(VALUES, other)));
  },
  add: (places, one, other) => {
    const { holder } = pick(places, one);
    if (Array.isArray(holder)) holder.push(structuredClone(pick(VALUES, other)));
    else define(holder, pick(KEYS, one), structuredClone(pick(VALUES, other)));
  },
  copy: (places, one, other) => {
    const [from, to] = [pick(places, one), pick(places, other)];
    define(to.holder, to.key, structuredClone(from.holder[from.key]));
  },
  rename: (places, one, other) => {
    const { holder, key } = pick(places, one);
    if (Array.isArray(holder)) return;
    define(holder, pick(KEYS, other), holder[key]);
    Reflect.deleteProperty(holder, key);
  },
  wrap: (places, one) => {
    const { holder, key } = pick(places, one);
    define(holder, key, [holder[key]]);
  },
};

const index = fc.integer({ min: 0, max: 1_000_000 });
const mutation = fc.record({ how: fc.constantFrom(...Object.keys(MUTATIONS)), one: index, other: index });

/** The spec lets a time be any text, and a name be empty; an event needs both to be of use, so these are left alone. */
function withBoundsKept(event: SentEvent): SentEvent {
  return typeof event['eventTime'] === 'string' ? { ...event, eventTime: '2026-11-29T12:00:00Z' } : event;
}

describe('the schema of OpenLineage events', () => {
  const events = recordedEvents();

  it('takes each event that a real producer sent, as the official schemas do', () => {
    expect(events.length).toBeGreaterThan(500);
    for (const event of events) expect(expectSameVerdict(event)).toBe(true);
  });

  it('says the same as the official schemas of events that were changed at random', () => {
    const seen = { valid: 0, invalid: 0 };
    const changed = fc.tuple(fc.constantFrom(...events), fc.array(mutation, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(changed, ([sent, mutations]) => {
        const event = structuredClone(sent);
        for (const { how, one, other } of mutations) MUTATIONS[how]?.(placesIn(event), one, other);
        seen[expectSameVerdict(withBoundsKept(event)) ? 'valid' : 'invalid'] += 1;
      }),
      { numRuns: 12_000, endOnFailure: true },
    );
    // Both verdicts were met often, or the comparison says little.
    expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(2_000);
  });

  it('says the same of each facet with each of its values changed', () => {
    // One event for each facet of each place: all its values are replaced by all others, one at a time.
    const samples = new Map<string, SentEvent>();
    for (const event of events) {
      for (const { holder, key } of placesIn(event)) {
        const facet = holder[key] as Partial<typeof FACET> | null;
        if (typeof facet === 'object' && facet?._producer !== undefined && !samples.has(key)) samples.set(key, event);
      }
    }
    expect(samples.size).toBeGreaterThan(40);
    let compared = 0;
    for (const [facet, sent] of samples) {
      const paths = placesIn(structuredClone(sent)).length;
      for (let at = 0; at < paths; at += 1) {
        const event = structuredClone(sent);
        const { holder, key } = pick(placesIn(event), at);
        if (facet !== key && !placesIn(event[facet]).length && at % 7 !== 0) continue;
        define(holder, key, structuredClone(pick(VALUES, at)));
        expectSameVerdict(withBoundsKept(event));
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(500);
  });
});
