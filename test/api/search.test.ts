import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Found {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
  edges: {
    cursor: string;
    score: number;
    node: { name: string };
    highlights: { field: string; text: string; matches: { start: number; end: number }[] }[];
  }[];
}

const SEARCH = `query ($query: String!, $filter: AssetFilter, $first: Int, $after: String) {
  search(query: $query, filter: $filter, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage endCursor }
    edges { cursor score node { name } highlights { field text matches { start end } } }
  }
}`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

/** A search among what this file registered. */
async function search(query: string, more: Record<string, unknown> = {}, as = owner): Promise<Found> {
  const filter = { namespaces: [server.namespace] };
  return (await as.data<{ search: Found }>(SEARCH, { query, filter, ...more })).search;
}

const names = (found: Found): string[] => found.edges.map((edge) => edge.node.name);

/** The stretches of text that are marked, by the place they stand in. */
const marked = (found: Found): [string, string][] =>
  found.edges.flatMap((edge) =>
    edge.highlights.flatMap(({ field, text, matches }) =>
      matches.map(({ start, end }): [string, string] => [field, text.slice(start, end)]),
    ),
  );

describe('Search finds an asset', () => {
  beforeAll(async () => {
    await seed.dataset('fct_orders.v2/daily', {
      description: 'Turnover of every Küche in Zürich',
      tags: ['gold-tier'],
      fields: [{ name: 'customer.emailAddress' }],
    });
    await seed.model('churnPredictorXL');
  });

  it.each([
    ['its whole name', 'fct_orders.v2/daily', 'fct_orders.v2/daily'],
    ['a word between underscores', 'orders', 'fct_orders.v2/daily'],
    ['a word after a slash', 'DAILY', 'fct_orders.v2/daily'],
    ['a word inside camelCase', 'predictor', 'churnPredictorXL'],
    ['the beginning of a word', 'turnov', 'fct_orders.v2/daily'],
    ['a tag', 'gold-tier', 'fct_orders.v2/daily'],
    ['a part of a tag', 'tier', 'fct_orders.v2/daily'],
    ['a field', 'customer.emailAddress', 'fct_orders.v2/daily'],
    ['a word inside the name of a field', 'address', 'fct_orders.v2/daily'],
    ['its description', 'every', 'fct_orders.v2/daily'],
    ['a word with its accent', 'zürich', 'fct_orders.v2/daily'],
    ['a word without its accent', 'kuche', 'fct_orders.v2/daily'],
    ['words from several places', 'orders gold email turnover', 'fct_orders.v2/daily'],
  ])('by %s', async (_what, query, name) => {
    expect(names(await search(query))).toEqual([name]);
  });

  it('by its namespace', async () => {
    expect(names(await search(server.namespace))).toContain('churnPredictorXL');
  });

  it('only when every word of the query occurs', async () => {
    expect(names(await search('orders nowhere'))).toEqual([]);
  });

  it('not for a query without words', async () => {
    for (const query of ['', '   ', '+-*?', '"'])
      expect(await search(query)).toMatchObject({ totalCount: 0, edges: [] });
  });
});

describe('What search answers', () => {
  it('has the hit in the name before those in tags and descriptions', async () => {
    await seed.dataset('about b', { description: 'mentions kestrel once' });
    await seed.dataset('tagged c', { tags: ['kestrel'] });
    await seed.dataset('kestrel');
    const found = await search('kestrel');
    expect(names(found)).toEqual(['kestrel', 'tagged c', 'about b']);
    const scores = found.edges.map((edge) => edge.score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('marks exactly where the words stand, also after emoji and with accents', async () => {
    await seed.dataset('🧵🧵 petrelÜbersicht petrel_petrels', {
      description: 'Das große PETREL-Buch',
      tags: ['petrel'],
      fields: [{ name: 'no_match' }, { name: 'x.petrelId' }],
    });
    const found = await search('petrel ubersicht');
    expect(marked(found)).toEqual([
      ['name', 'petrel'],
      ['name', 'Übersicht'],
      ['name', 'petrel'],
      ['name', 'petrel'],
      ['tags', 'petrel'],
      ['fields', 'petrel'],
      ['description', 'PETREL'],
    ]);
    expect(found.edges[0]?.highlights[0]?.matches[0]).toEqual({ start: 5, end: 11 });
  });

  it('holds what was written just before, and no longer what was changed', async () => {
    const { id } = await seed.dataset('osprey');
    expect(names(await search('osprey'))).toEqual(['osprey']);
    const rename = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }';
    await owner.data(rename, { input: { ref: id, name: 'goshawk' } });
    expect(names(await search('osprey'))).toEqual([]);
    expect(names(await search('goshawk'))).toEqual(['goshawk']);
  });

  it('is narrowed by the filter, and without retired assets unless they are asked for', async () => {
    await seed.model('merlin model', { tags: ['a'] });
    const { id } = await seed.dataset('merlin data');
    await owner.data('mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }', {
      input: { ref: id },
    });
    expect(names(await search('merlin'))).toEqual(['merlin model']);
    const filter = { namespaces: [server.namespace], includeRetired: true };
    expect(names(await search('merlin', { filter }))).toHaveLength(2);
    expect(names(await search('merlin', { filter: { ...filter, kinds: ['DATASET'] } }))).toEqual(['merlin data']);
  });

  it('neither shows nor counts what the caller may not see', async () => {
    await seed.dataset('hobby hidden', { visibility: 'RESTRICTED', description: 'hobby' });
    await seed.dataset('hobby open');
    const stranger = await server.user();
    expect(await search('hobby', {}, owner)).toMatchObject({ totalCount: 2 });
    const found = await search('hobby', {}, stranger);
    expect(names(found)).toEqual(['hobby open']);
    expect(found.totalCount).toBe(1);
    expect(await search('hobby hidden', {}, stranger)).toMatchObject({ totalCount: 0, edges: [] });
  });
});

describe('The query is taken literally', () => {
  const SYNTAX = '+ - && || ! ( ) { } [ ] ^ " ~ * ? : \\ / < > = @ # $ \' ; ,'.split(' ');

  beforeAll(async () => {
    await seed.dataset('bittern one');
    await seed.dataset('bittern two');
  });

  it.each(SYNTAX)('with %s before, inside and after a word', async (sign) => {
    for (const query of [
      `${sign}bittern`,
      `bittern${sign}`,
      `bittern ${sign} one`,
      `${sign}bittern${sign}one${sign}`,
    ]) {
      const found = await search(query);
      expect(names(found), query).toContain('bittern one');
      expect(found.totalCount, query).toBe(names(found).length);
    }
  });

  it.each(['bittern OR one', 'bittern AND two', 'NOT bittern', 'bittern TO two'])(
    'with %s as plain words, which no asset holds all of',
    async (query) => {
      expect(names(await search(query))).toEqual([]);
    },
  );

  it.each(['name:bittern', 'bittern AND (one', '[a TO z]', '*:*', 'bittern~2', '/.*/', '\\', '"unfinished'])(
    'and %s is no syntax error',
    async (query) => {
      await expect(search(query)).resolves.toHaveProperty('totalCount');
    },
  );

  it('up to 500 characters of many words, of which the first twenty count', async () => {
    await expect(search('b '.repeat(250))).resolves.toHaveProperty('totalCount');
    await expect(search('x'.repeat(500))).resolves.toMatchObject({ totalCount: 0 });
    const many = Array.from({ length: 120 }, (_, i) => `w${i}`).join(' ');
    await expect(search(many)).resolves.toMatchObject({ totalCount: 0 });
  });

  it('and is refused beyond 500 characters', async () => {
    const error = await owner.error(SEARCH, { query: 'x'.repeat(501) });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('501 characters; at most 500');
  });

  it('with emoji, alone and next to letters', async () => {
    await seed.dataset('🦉 owl');
    await seed.dataset('night🦇bat');
    expect(names(await search('🦉'))).toEqual(['🦉 owl']);
    expect(names(await search('night🦇bat'))).toEqual(['night🦇bat']);
    expect(marked(await search('🦉'))).toEqual([['name', '🦉']]);
  });
});

describe('Paging through hits', () => {
  beforeAll(async () => {
    await Promise.all(
      Array.from({ length: 11 }, (_, i) => seed.dataset(`wren ${i}`, { description: 'wren '.repeat(i) })),
    );
  });

  it('gives each of them once, in the order of one large page', async () => {
    const whole = names(await search('wren', { first: 200 }));
    expect(whole).toHaveLength(11);
    const collected: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const found: Found = await search('wren', { first: 3, after });
      expect(found).toMatchObject({
        totalCount: 11,
        pageInfo: { hasNextPage: page < 3, hasPreviousPage: page > 0 },
      });
      collected.push(...names(found));
      after = found.pageInfo.endCursor;
    }
    expect(collected).toEqual(whole);
  });

  it('refuses a cursor of another list, and one that is none', async () => {
    const assets = 'query ($filter: AssetFilter) { assets(first: 1, filter: $filter) { pageInfo { endCursor } } }';
    const { assets: page } = await owner.data<{ assets: { pageInfo: { endCursor: string } } }>(assets, {});
    for (const after of [page.pageInfo.endCursor, 'nonsense', '']) {
      const error = await owner.error(SEARCH, { query: 'wren', after });
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain('is not a cursor of this list');
    }
  });
});
