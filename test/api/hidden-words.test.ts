import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * What one is told must be the same, byte for byte, whether or not there are assets that one may not see: with the same
 * words, in the same namespaces, many or few. Only lineage counts what it withholds, on purpose.
 */
const SEARCH = `query ($query: String!, $filter: AssetFilter, $after: String) {
  search(query: $query, filter: $filter, first: 2, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor score node { id name } highlights { field text matches { start end } } }
  }
}`;
const ASSETS = `query ($filter: AssetFilter, $after: String) {
  assets(filter: $filter, first: 2, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } }
  }
}`;
const ORPHANS = `query ($namespaces: [String!], $after: String) {
  orphans(namespaces: $namespaces, first: 2, after: $after) {
    totalCount pageInfo { hasNextPage } edges { node { id } }
  }
}`;
const NAMESPACE = 'query ($name: String!) { namespace(name: $name) { id name visibility } }';
const NO_SUCH = '00000000-0000-7000-8000-000000000000';

interface Described {
  kind: 'dataset' | 'model' | 'transformation';
  /** Numbers of the words of which it is made. */
  name: number[];
  description: number[];
  tags: number[];
  fields: number[];
  elsewhere: boolean;
}

const words = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 });
const described: fc.Arbitrary<Described> = fc.record({
  kind: fc.constantFrom('dataset', 'model', 'transformation'),
  name: words,
  description: words,
  tags: words,
  fields: words,
  elsewhere: fc.boolean(),
});

let server: TestWeftline;
let owner: Client;
let stranger: Client;
let keeper: Client;
let worlds = 0;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, stranger, keeper] = await Promise.all([server.user(), server.user(), server.user()]);
});
afterAll(() => server.stop());

interface World {
  namespaces: readonly [string, string];
  words: string[];
}

/** Words that nobody else in the database has, some of them beginnings of others. */
function newWorld(): World {
  const base = `${server.namespace.replace(/[^a-z0-9]/g, '')}${++worlds}`;
  return {
    namespaces: [`${base}-here`, `${base}-there`],
    words: [`${base}a`, `${base}ab`, `${base}abc`, `${base}b`, `${base}ü`],
  };
}

async function register(as: Client, world: World, given: Described, index: string, visibility: string): Promise<void> {
  const text = (numbers: number[], between: string): string => numbers.map((n) => world.words[n]).join(between);
  const seed = new Seed(as, world.namespaces[given.elsewhere ? 1 : 0]);
  await seed[given.kind](`${text(given.name, '_')}.${index}`, {
    visibility,
    description: text(given.description, ' and '),
    tags: [...new Set(given.tags.map((n) => world.words[n] ?? ''))],
    ...(given.kind === 'dataset' && {
      fields: [...new Set(given.fields)].map((n) => ({ name: `${world.words[n]}Id` })),
    }),
  });
}

/** A cursor of search says when its first page was read, which is another time whenever it is asked. */
function withoutTime(value: unknown): unknown {
  const key = typeof value === 'string' ? /^\["search","(\S+) \d+ (.*)"\]$/.exec(decoded(value)) : null;
  return key ? `search ${key[1] ?? ''} ${key[2] ?? ''}` : value;
}

const decoded = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');

/** Every page of a list, as the bytes that were answered but for the time a search began. */
async function pages(as: Client, query: string, variables: Record<string, unknown>): Promise<string[]> {
  const answers: string[] = [];
  let after: string | null = null;
  do {
    const answer: Record<string, { pageInfo: { hasNextPage: boolean; endCursor?: string } }> = await as.data(query, {
      ...variables,
      after,
    });
    answers.push(JSON.stringify(answer, (_member, value: unknown) => withoutTime(value)));
    const [list] = Object.values(answer);
    after = list?.pageInfo.hasNextPage ? (list.pageInfo.endCursor ?? null) : null;
  } while (after !== null);
  return answers;
}

/** All that a person can ask about these words. */
async function toldTo(as: Client, { namespaces, words: known }: World): Promise<Record<string, string[]>> {
  const [first = '', , third = '', fourth = '', umlaut = ''] = known;
  const queries = [...known, first.slice(0, -1), third.slice(0, -1), `${first} ${fourth}`, `${third}_${first}`, umlaut];
  const told: Record<string, string[]> = {};
  for (const query of queries) {
    told[`search ${query}`] = await pages(as, SEARCH, { query });
    told[`search here ${query}`] = await pages(as, SEARCH, { query, filter: { namespaces: [namespaces[0]] } });
  }
  for (const filter of [{ namespaces }, { tags: [first] }, { nameContains: third }, { owners: [owner.userId] }])
    told[`assets ${JSON.stringify(filter)}`] = await pages(as, ASSETS, { filter });
  told['orphans'] = await pages(as, ORPHANS, { namespaces });
  for (const name of namespaces) told[`namespace ${name}`] = [JSON.stringify(await as.data(NAMESPACE, { name }))];
  return told;
}

describe('What is told to a viewer', () => {
  it('is the same bytes with and without assets that they may not see', { timeout: 300_000 }, async () => {
    const some = fc.array(described, { minLength: 2, maxLength: 5 });
    const property = fc.asyncProperty(some, some, async (seen, hidden) => {
      const world = newWorld();
      for (const [index, each] of seen.entries()) await register(owner, world, each, `s${index}`, 'DISCOVERABLE');
      const before = [await toldTo(stranger, world), await toldTo(owner, world)];
      for (const [index, each] of hidden.entries()) await register(keeper, world, each, `h${index}`, 'RESTRICTED');
      expect([await toldTo(stranger, world), await toldTo(owner, world)]).toEqual(before);
      const all = await keeper.data<{ assets: { totalCount: number } }>(ASSETS, {
        filter: { namespaces: world.namespaces },
      });
      expect(all.assets.totalCount).toBe(seen.length + hidden.length);
    });
    await fc.assert(property, { numRuns: 4, endOnFailure: true });
  });

  it('has the same scores when hidden assets hold a word a hundred times as often', { timeout: 120_000 }, async () => {
    const world = newWorld();
    const [word = ''] = world.words;
    const here = new Seed(owner, world.namespaces[0]);
    await here.dataset(`${word} of mine`);
    await here.dataset('another', { description: `${word} in passing` });
    const before = await pages(stranger, SEARCH, { query: word });
    const long = new Seed(keeper, world.namespaces[1]);
    for (let i = 0; i < 4; i++)
      await long.dataset(`${word} ${i}`, {
        visibility: 'RESTRICTED',
        description: `${word} `.repeat(200),
        fields: Array.from({ length: 40 }, (_, n) => ({ name: `${word}${n}` })),
      });
    expect(await pages(stranger, SEARCH, { query: word })).toEqual(before);
  });
});

describe('The order of search', () => {
  it('is: the name, its beginning, a part of it, then tags, fields and description', async () => {
    const world = newWorld();
    const [word = '', longer = ''] = world.words;
    const seed = new Seed(owner, world.namespaces[0]);
    await seed.dataset('said', { description: `of ${word}` });
    await seed.dataset('columned', { fields: [{ name: word }] });
    await seed.dataset('tagged', { tags: [word] });
    await seed.dataset(`the ${word}`);
    await seed.dataset(longer);
    await seed.dataset(`${word}_daily`);
    await seed.dataset(word.toUpperCase());
    const answer = await stranger.data<{ search: { edges: { node: { name: string } }[] } }>(
      SEARCH.replace('first: 2', 'first: 50'),
      { query: word },
    );
    expect(answer.search.edges.map(({ node }) => node.name)).toEqual([
      ...[word.toUpperCase(), `${word}_daily`, longer, `the ${word}`, 'tagged', 'columned', 'said'],
    ]);
  });

  it('puts the name that is typed with its words in their order first', async () => {
    const world = newWorld();
    const [a = '', , , b = ''] = world.words;
    const seed = new Seed(owner, world.namespaces[0]);
    await seed.dataset(`${b}_${a}`);
    await seed.dataset(`${a}_${b}`);
    const answer = await stranger.data<{ search: { edges: { node: { name: string } }[] } }>(SEARCH, {
      query: `${a} ${b}`,
    });
    expect(answer.search.edges.map(({ node }) => node.name)).toEqual([`${a}_${b}`, `${b}_${a}`]);
  });
});

describe('A cursor of search', () => {
  const cursorOf = (place: string): string => Buffer.from(JSON.stringify(['search', place])).toString('base64url');

  it.each([
    ['of an earlier release', cursorOf(`6.65 ${NO_SUCH}`), 'earlier release'],
    ['without a number', cursorOf(`x 1 much ${NO_SUCH}`), 'earlier release'],
    ['of another question', cursorOf(`x 1 11 ${NO_SUCH}`), 'another question'],
    ['that is none', 'bm9uZQ', 'is not a cursor of this list'],
  ])('%s is refused with what to do', async (_what, after, said) => {
    const error = await stranger.error(SEARCH, { query: 'word', after });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain(said);
  });

  it('leads on only with the same query and filter', async () => {
    const world = newWorld();
    const [word = ''] = world.words;
    const seed = new Seed(owner, world.namespaces[0]);
    for (let i = 0; i < 3; i++) await seed.dataset(`${word} ${i}`);
    const { search } = await stranger.data<{ search: { pageInfo: { endCursor: string } } }>(SEARCH, { query: word });
    const after = search.pageInfo.endCursor;
    expect((await stranger.ask(SEARCH, { query: word, after })).errors).toBeUndefined();
    for (const other of [{ query: `${word} 1` }, { query: word, filter: { kinds: ['DATASET'] } }])
      expect(await stranger.code(SEARCH, { ...other, after })).toBe('BAD_USER_INPUT');
  });
});
