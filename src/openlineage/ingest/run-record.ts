/**
 * What the events of one run say of it together. Each is merged into what is known, and the result is the same in whatever order they
 * come and however often: times are the least and the greatest, an end is the gravest, of a facet the latest is kept.
 */
import { z } from 'zod';
import type { EventType, Facets, RunEvent } from '../event/event.js';
import type { RunState } from '../../lineage/runs/run.js';
import { isLater, type Stamp, stampOf } from '../reading/stamp.js';

const time = z.number();
/** Times in milliseconds; null: no such event. */
const runRecord = z.object({
  first: time,
  start: time.nullable(),
  last: time,
  ends: z.object({ FAIL: time.optional(), ABORT: time.optional(), COMPLETE: time.optional() }),
  /** When each facet was said; one without a body was taken back. */
  stamps: z.record(z.string(), z.string()),
});
export type RunRecord = z.infer<typeof runRecord>;

/** As it was kept; null: it cannot be read, and is made anew from what comes. */
export const readRunRecord = (stored: unknown): RunRecord | null => runRecord.nullable().catch(null).parse(stored);

type FinalType = 'FAIL' | 'ABORT' | 'COMPLETE';
/** The gravest first: Spark says COMPLETE of an application after it said FAIL of it. */
const ENDS: readonly [FinalType, RunState][] = [
  ['FAIL', 'FAILED'],
  ['ABORT', 'CANCELLED'],
  ['COMPLETE', 'SUCCEEDED'],
];

/** Facets of a run as text, at most: what is beyond it is left out, the largest first, and said in its place. */
const MOST_CHARACTERS = 500_000;

export interface KnownRun {
  record: RunRecord | null;
  facets: Record<string, unknown>;
}

/** The run with one more event, which happened at `at` by our clock at the latest. */
export function withEvent({ record, facets }: KnownRun, event: RunEvent, at: Date): KnownRun {
  const time = at.getTime();
  const final = finalOf(event.eventType);
  const before = record ?? { first: time, start: null, last: time, ends: {}, stamps: {} };
  const merged = mergeFacets(before.stamps, facets, event.runFacets, stampOf(event));
  return {
    record: {
      first: Math.min(before.first, time),
      start: event.eventType === 'START' ? Math.min(before.start ?? time, time) : before.start,
      last: Math.max(before.last, time),
      ends: final ? { ...before.ends, [final]: Math.min(before.ends[final] ?? time, time) } : before.ends,
      stamps: merged.stamps,
    },
    facets: merged.facets,
  };
}

/** How the run stands by all that is known of it. */
export function standingOf({ first, start, last, ends }: RunRecord) {
  const [final, state] = ENDS.find(([type]) => ends[type] !== undefined) ?? [null, 'RUNNING' as const];
  const startedAt = start ?? first;
  const endedAt = final === null ? null : Math.max(ends[final] ?? startedAt, startedAt);
  return {
    state,
    startedAt: new Date(startedAt),
    endedAt: endedAt === null ? null : new Date(endedAt),
    aliveAt: last > startedAt ? new Date(last) : null,
  };
}

/** What is stored of the facets: those that are too much together are named. */
export function storedFacets(facets: Record<string, unknown>): string {
  const text = JSON.stringify(inOrder(facets));
  if (text.length <= MOST_CHARACTERS) return text;
  const sizes = Object.entries(facets).map(([name, body]) => ({ name, size: JSON.stringify(body).length }));
  const kept: Record<string, unknown> = { ...facets };
  let size = text.length;
  for (const each of sizes.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))) {
    if (size <= MOST_CHARACTERS) break;
    kept[each.name] = {
      $omitted: `This facet has ${each.size} characters; those of a run have ${MOST_CHARACTERS} at most.`,
    };
    size -= each.size;
  }
  return JSON.stringify(inOrder(kept));
}

/** What is stored must not tell in which order things came. */
const inOrder = (facets: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(facets).sort(([a], [b]) => (a < b ? -1 : 1)));

const finalOf = (type: EventType | null): FinalType | null =>
  ENDS.map(([final]) => final).find((final) => final === type) ?? null;

function mergeFacets(
  stamps: RunRecord['stamps'],
  known: Record<string, unknown>,
  said: Facets,
  stamp: Stamp,
): { stamps: RunRecord['stamps']; facets: Record<string, unknown> } {
  const later = Object.entries(said).filter(([name]) => isLater(stamp, stamps[name]));
  if (later.length === 0) return { stamps, facets: known };
  const facets = new Map(Object.entries(known));
  for (const [name, body] of later) {
    if (body['_deleted'] === true) facets.delete(name);
    else facets.set(name, body);
  }
  return {
    stamps: { ...stamps, ...Object.fromEntries(later.map(([name]) => [name, stamp])) },
    facets: Object.fromEntries(facets),
  };
}
