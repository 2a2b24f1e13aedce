import fc from 'fast-check';
import { getNamedType, getNullableType, GraphQLID, GraphQLString, isListType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, GraphqlAnswer } from '../support/client.js';
import { least, type Place, placesOf } from '../support/inputs.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
let places: Place[];
beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_BODY_LIMIT_BYTES: '4000000' } });
  admin = await server.user({ role: 'ADMIN' });
  places = placesOf(server.weftline.schema);
});
afterAll(() => server.stop());

const isText = ({ type }: Place): boolean =>
  [GraphQLString, GraphQLID].some((scalar) => getNullableType(type) === scalar);
const isList = ({ type }: Place): boolean => isListType(getNullableType(type));

/** The limit that the schema tells. */
function told({ description }: Place, unit: 'characters' | 'items'): number {
  const number = new RegExp(`at most ([\\d,]+) ${unit}`, 'i').exec(description)?.[1];
  return Number(number?.replaceAll(',', ''));
}

/** Characters of one, two and four bytes, some of which are two UTF-16 units. */
const textOf = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), { minLength: 1, maxLength: 20 })
    .map((some) => Array.from({ length }, (_, index) => some[index % some.length]).join(''));

const refusedFor = (answer: GraphqlAnswer<unknown>, place: Place, what: string): boolean =>
  answer.errors?.some(({ message }) => message.startsWith(`\`${place.path}\` has ${what};`)) ?? false;

/** Over /graphql, but what is a subscription over /graphql/stream. */
async function answerOf(place: Place, value: unknown): Promise<GraphqlAnswer<unknown>> {
  const variables = place.variables(value);
  if (!place.operation.startsWith('subscription')) return admin.ask(place.operation, variables);
  const stop = new AbortController();
  const { refused, events } = await admin.open(place.operation, variables, stop.signal);
  if (!refused) {
    stop.abort();
    return { data: null };
  }
  return (await events.next()).value as GraphqlAnswer<unknown>;
}

/** One place of each coordinate: the limit hangs on that, and what is accepted costs a statement. */
const once = (some: readonly Place[]): Place[] => [...new Map(some.map((each) => [each.coordinate, each])).values()];

/** A few at a time. */
async function ofEach(some: readonly Place[], look: (place: Place) => Promise<void>): Promise<void> {
  const left = [...some];
  const work = async (): Promise<void> => {
    for (let place = left.pop(); place; place = left.pop()) await look(place);
  };
  await Promise.all([work(), work(), work(), work()]);
}

const samples = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, count);

describe('every text of the schema', () => {
  it('is refused with one character more than the schema tells, and where it stands', async () => {
    const texts = places.filter(isText);
    expect(texts.length).toBeGreaterThan(200);
    await ofEach(texts, async (place) => {
      const most = told(place, 'characters');
      const [text = ''] = samples(textOf(most + 1), 1);
      const answer = await answerOf(place, text);
      expect(refusedFor(answer, place, `${most + 1} characters`), `${place.field} ${JSON.stringify(answer)}`).toBe(
        true,
      );
      expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    });
  });

  it('is not refused for its length with as many as the schema tells, whatever characters these are', async () => {
    await ofEach(once(places.filter(isText)), async (place) => {
      const most = told(place, 'characters');
      const [text = ''] = samples(textOf(most), 1);
      const answer = await answerOf(place, text);
      expect(refusedFor(answer, place, `${most} characters`), `${place.field} ${place.path}`).toBe(false);
      expect(answer.errors?.map(({ extensions }) => extensions.code) ?? [], place.field).not.toContain('INTERNAL');
    });
  });

  it('is refused when half of a character is in it, which could not be kept', async () => {
    await ofEach(once(places.filter(isText)), async (place) => {
      const answer = await answerOf(place, 'half \ud83d');
      expect(answer.errors?.[0], place.field).toMatchObject({
        message: `\`${place.path}\` is not valid Unicode: it has a lone surrogate, half of a character.`,
        extensions: { code: 'BAD_USER_INPUT' },
      });
    });
  });
});

describe('every list of the schema', () => {
  it('is refused with one item more than the schema tells', async () => {
    const lists = places.filter(isList);
    expect(lists.length).toBeGreaterThan(30);
    await ofEach(lists, async (place) => {
      const most = told(place, 'items');
      const item = least(getNamedType(place.type));
      const answer = await answerOf(place, Array(most + 1).fill(item));
      expect(refusedFor(answer, place, `${most + 1} items`), `${place.field} ${JSON.stringify(answer)}`).toBe(true);
      expect(answer.errors?.[0]?.extensions.code).toMatch(/^(BAD_USER_INPUT|LIMIT_EXCEEDED)$/);
    });
  });
});
