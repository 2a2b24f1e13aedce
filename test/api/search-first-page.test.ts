/** Of many hits of one score, Lucene gives some: which the first page holds must not depend on that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const REGISTER = `mutation ($assets: [AssetToRegisterInput!]!) { registerAssets(input: { assets: $assets }) { registeredCount } }`;
const SEARCH = `query ($query: String!, $filter: AssetFilter, $first: Int!, $after: String) {
  search(query: $query, filter: $filter, first: $first, after: $after) { edges { node { id } } pageInfo { endCursor hasNextPage } }
}`;
interface Found {
  search: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
}
/** More than are looked at before those of one score are walked. */
const ASSETS = 1_200;

let server: TestWeftline;
let owner: Client;
let word: string;
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  word = `first${server.namespace.replace(/[^a-z0-9]/gi, '').toLowerCase()}`;
  // Few have the word in their name and come first; most have it in their description, all with the same score; one in thirty is rare.
  const assets = Array.from({ length: ASSETS }, (_, at) => ({
    dataset: {
      ...{ namespace: server.namespace, name: at % 40 === 0 ? `${word} ${at}` : `named ${at}` },
      ...{ description: `tells of ${word}`, tags: at % 30 === 7 ? ['rare'] : ['frequent'] },
    },
  }));
  for (const half of [assets.slice(0, ASSETS / 2), assets.slice(ASSETS / 2)]) {
    const { registerAssets } = await owner.data<{ registerAssets: { registeredCount: number } }>(REGISTER, {
      assets: half,
    });
    expect(registerAssets.registeredCount).toBe(half.length);
  }
}, 120_000);
afterAll(() => server.stop());

async function page(more: Record<string, unknown>): Promise<Found['search']> {
  return (await owner.data<Found>(SEARCH, { query: word, ...more })).search;
}
const idsOf = ({ edges }: Found['search']): string[] => edges.map(({ node }) => node.id);

/** All hits, by pages of so many. */
async function all(first: number, filter: object = {}): Promise<string[]> {
  const read: string[] = [];
  let after: string | null = null;
  do {
    const found: Found['search'] = await page({ filter, first, after });
    read.push(...idsOf(found));
    after = found.pageInfo.hasNextPage ? found.pageInfo.endCursor : null;
  } while (after !== null);
  return read;
}

describe('The first page of a search', () => {
  it.each([
    ['all hits', {}, ASSETS],
    ['what most of them have', { tags: ['frequent'] }, (ASSETS * 29) / 30],
    ['what few of them have', { tags: ['rare'] }, ASSETS / 30],
    ['a kind that none is of', { kinds: ['MODEL'] }, 0],
  ])('holds the first of %s, however large it is', async (_what, filter, count) => {
    const hits = await all(200, filter);
    expect(new Set(hits).size).toBe(count);
    for (const first of [1, 2, 3, 7, 20]) {
      const found = await page({ filter, first });
      expect(idsOf(found), `the first ${first}`).toEqual(hits.slice(0, first));
      expect(found.pageInfo.hasNextPage, `the first ${first}`).toBe(count > first);
    }
  });

  it('leads on to each hit once, by pages of any size', async () => {
    expect(await all(70)).toEqual(await all(200));
  });
});
