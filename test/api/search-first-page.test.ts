/** Of many hits of one score, Lucene gives some: which the first page holds must not depend on that. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchedTokens } from '../../src/catalog/text/searched.js';
import { scoreOf, searchQuery } from '../../src/catalog/text/search-query.js';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const REGISTER = `mutation ($assets: [AssetToRegisterInput!]!) { registerAssets(input: { assets: $assets }) { outcomes { asset { id } } } }`;
const SEARCH = `query ($query: String!, $filter: AssetFilter, $first: Int!, $after: String) {
  search(query: $query, filter: $filter, first: $first, after: $after) { edges { node { id } } pageInfo { endCursor hasNextPage } }
}`;
interface Found {
  search: { edges: { node: { id: string } }[]; pageInfo: { endCursor: string | null; hasNextPage: boolean } };
}
interface Registered {
  registerAssets: { outcomes: { asset: { id: string } | null }[] };
}
/** More than are looked at before those of one score are walked. */
const ASSETS = 1_200;

let server: TestWeftline;
let owner: Client;
let word: string;
/** By id, what each hit is worth. */
const scores = new Map<string, number>();
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  word = `first${server.namespace.replace(/[^a-z0-9]/gi, '').toLowerCase()}`;
  // Few have the word in their name and come first; most have it in their description, all with the same score; one in thirty is rare. Some
  // hold words that only begin so, where such a hit is worth more than one in a description, and where it is worth less.
  const assets = Array.from({ length: ASSETS }, (_, at) => ({
    ...{ namespace: server.namespace, name: at % 40 === 0 ? `${word} ${at}` : `named ${at}` },
    description: `tells of ${word}${at % 50 === 3 || at % 50 === 4 ? 'ly' : ''}`,
    tags: [at % 30 === 7 ? 'rare' : 'frequent', ...(at % 50 === 4 ? [`${word}s`] : [])],
  }));
  for (const half of [assets.slice(0, ASSETS / 2), assets.slice(ASSETS / 2)]) {
    const { registerAssets } = await owner.data<Registered>(REGISTER, { assets: half.map((dataset) => ({ dataset })) });
    const ids = registerAssets.outcomes.map(({ asset }) => asset?.id ?? '');
    for (const [index, texts] of half.entries()) {
      const held = await searchedTokens({ ...texts, fieldNames: [] });
      scores.set(ids[index] ?? '', scoreOf(held, searchQuery(word)) ?? 0);
    }
  }
  expect(scores.size).toBe(ASSETS);
}, 120_000);
afterAll(() => server.stop());

async function page(more: Record<string, unknown>): Promise<Found['search']> {
  return (await owner.data<Found>(SEARCH, { query: word, ...more })).search;
}
const worthOf = (id: string): number => scores.get(id) ?? 0;
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
    // The way by which hits are found is another once it is known that they are many.
    expect(hits).toEqual(hits.toSorted((a, b) => worthOf(b) - worthOf(a) || (a < b ? -1 : 1)));
    for (const first of [1, 2, 3, 7, 20]) {
      const found = await page({ filter, first });
      expect(idsOf(found), `the first ${first}`).toEqual(hits.slice(0, first));
      expect(found.pageInfo.hasNextPage, `the first ${first}`).toBe(count > first);
    }
  });

  it('holds what was registered or named otherwise since it was asked for the last time', async () => {
    expect(idsOf(await page({ first: 3 }))).toHaveLength(3);
    const dataset = { namespace: server.namespace, name: `${word} ${word}`, description: `tells of ${word}` };
    const { registerAssets } = await owner.data<Registered>(REGISTER, { assets: [{ dataset }] });
    const id = registerAssets.outcomes[0]?.asset?.id ?? '';
    const seen = await all(200);
    expect(seen).toContain(id);
    const renamed = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { __typename } }';
    await owner.data(renamed, { input: { ref: id, name: 'named as all' } });
    const again = await all(200);
    // The youngest of those of one score is the last of them.
    const [before, place] = [seen.indexOf(id), again.indexOf(id)];
    expect(place).toBeGreaterThan(before);
    expect(worthOf(again[place - 1] ?? '')).toBe(3);
    expect(again.slice(place + 1).every((each) => worthOf(each) < 3)).toBe(true);
  });

  it('leads on to each hit once, by pages of any size', async () => {
    expect(await all(70)).toEqual(await all(200));
  });
});
