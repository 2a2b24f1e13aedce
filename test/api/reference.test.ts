import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import type { AskedPages } from '../support/reference/ask-pages.js';
import type { Event } from '../support/reference/events.js';
import { BUILDER, ReferenceModel } from '../support/reference/model.js';
import {
  compare,
  compareEachPaged,
  paged,
  type Question,
  QUESTION_OF_NOW,
  questions,
} from '../support/reference/questions.js';
import { Replay } from '../support/reference/replay.js';
import { BEGINNING, grant, VIEWERS, type Wish, wishes } from '../support/reference/wishes.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * Lets random histories happen in Weftline and in a model of it (test/support/reference/model.ts), and asks both the
 * same questions, at any time of both clocks, as several people. To try others: WEFTLINE_TEST_SEED=<number>; a failure
 * prints its own.
 */
const SEED = Number(process.env['WEFTLINE_TEST_SEED'] ?? 5);
const HISTORIES = Number(process.env['WEFTLINE_TEST_HISTORIES'] ?? 22);
/** Of each history, at least: more than 3,000 in all. */
const COMPARISONS = 140;
/** A failing history is tried in so many smaller forms, and not for an hour. */
const SHRINKS = 40;

let server: TestWeftline;
let people: Map<string, Client>;
let admin: Client;
/** The server's clock: stands still unless a history moves it. */
let clock = Date.now();
let histories = 0;
let compared = 0;

beforeAll(async () => {
  server = await startTestWeftline({
    now: () => new Date(clock),
    environment: {
      // A busy machine may take long to plan a statement.
      WEFTLINE_QUERY_TIMEOUT_MS: '300000',
      WEFTLINE_MAX_COST: '100000000',
      WEFTLINE_MAX_RESPONSE_BYTES: '1000000000',
      WEFTLINE_MAX_TOKENS: '100000',
      WEFTLINE_MAX_ALIASES: '1000',
      WEFTLINE_MAX_ROOT_FIELDS: '1000',
    },
  });
  admin = await server.user({ role: 'ADMIN' });
  people = new Map();
  for (const name of [BUILDER, ...VIEWERS]) people.set(name, await server.user());
});

afterAll(() => server.stop());

interface History {
  wishes: Wish[];
  questions: Question[];
  paged: AskedPages[];
}

const history: fc.Arbitrary<History> = fc.record({
  wishes: fc.array(wishes, { minLength: 10, maxLength: 26, size: 'max' }),
  questions: fc.array(questions, { minLength: 20, maxLength: 36, size: 'max' }),
  paged: fc.array(paged, { minLength: 3, maxLength: 6, size: 'max' }),
});

/** Lets the history happen in both, asking on the way what is true now and at the end what ever was. */
async function live({ wishes, questions, paged }: History, events: Event[]): Promise<number> {
  // Behind the clock on the wall, where all of a history fits in: a moment is a millisecond.
  const beginning = Math.max(clock + 100, Date.now());
  const model = new ReferenceModel();
  const client = people.get(BUILDER);
  if (!client) throw new Error('Nobody builds.');
  const timeOf = (moment: number): string => new Date(beginning + moment).toISOString();
  const replay = new Replay(client, admin, people, `${server.namespace}-${++histories}`, timeOf);
  const happen = async (event: Event): Promise<void> => {
    clock = beginning + model.now;
    events.push(event);
    await replay.apply(event);
    model.apply(event);
  };
  for (const event of BEGINNING) await happen(event);
  let answers = 0;
  for (const wish of wishes) {
    model.now += 2;
    const event = grant(wish, model);
    if (event === null) continue;
    await happen(event);
    answers += await compare([QUESTION_OF_NOW], { model, replay }, people);
  }
  clock = beginning + ++model.now;
  answers += await compare(questions, { model, replay }, people);
  return answers + (await compareEachPaged(paged, { model, replay }, people));
}

describe('Weftline answers as the reference model does', () => {
  it('about random histories, at any time of both clocks, to whoever asks', { timeout: 900_000 }, async () => {
    let failures = 0;
    const property = fc.asyncProperty(history, async (each) => {
      if (failures > SHRINKS) return;
      const events: Event[] = [];
      try {
        compared += await live(each, events);
      } catch (error) {
        failures++;
        throw new Error(`${events.map((event) => JSON.stringify(event)).join('\n')}\n${String(error)}`, {
          cause: error,
        });
      }
    });
    await fc.assert(property, { seed: SEED, numRuns: HISTORIES });
    expect(compared).toBeGreaterThan(COMPARISONS * HISTORIES);
  });
});
