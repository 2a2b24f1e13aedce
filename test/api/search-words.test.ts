import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchedTokens } from '../../src/catalog/text/searched.js';
import { scoreOf, searchQuery } from '../../src/catalog/text/search-query.js';
import { Bulk } from '../support/bulk.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Found {
  totalCount?: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  edges: { score: number; node: { id: string; name: string } }[];
  facets?: { name: string; buckets: { value: string; count: number }[] }[];
}

const search = (selected: string): string => `
  query ($query: String!, $filter: AssetFilter, $orderBy: SearchOrder, $first: Int, $after: String) {
    search(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after) { ${selected} }
  }`;
const HITS = search('pageInfo { hasNextPage endCursor } edges { score node { id name } }');
const FACETS = search('totalCount facets { name buckets { value count } } pageInfo { endCursor } edges { score }');

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

async function find(query: string, more: Record<string, unknown> = {}, as = owner, text = HITS): Promise<Found> {
  const filter = { namespaces: [server.namespace] };
  return (await as.data<{ search: Found }>(text, { query, filter, ...more })).search;
}

const names = (found: Found): string[] => found.edges.map(({ node }) => node.name);

/** All pages, each of so many hits; `between` is done between each two. */
async function pages(
  query: string,
  more: Record<string, unknown>,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<{ id: string; name: string }[]> {
  const collected: Found['edges'] = [];
  for (let after: string | null = null, more_ = true; more_;) {
    const page: Found = await find(query, { ...more, after });
    collected.push(...page.edges);
    after = page.pageInfo.endCursor;
    more_ = page.pageInfo.hasNextPage;
    await between();
  }
  return collected.map(({ node }) => node);
}

describe('A name, tag, field or description is found', () => {
  beforeAll(async () => {
    await seed.dataset('sales_by_region');
    await seed.dataset('Zürich', { tags: ['pii.email'] });
    await seed.dataset('the_bills', { description: 'Loaded from the billing system (v2.1).' });
    await seed.dataset('HTTPServerLog2', { fields: [{ name: 'Straße' }] });
    await seed.dataset('東京都の売上', { description: '매출 보고서' });
  });

  it.each([
    ['sales_by_region', 'sales_by_region'],
    ['by', 'sales_by_region'],
    ['salesByRegion', 'sales_by_region'],
    ['Zü', 'Zürich'],
    ['Zür', 'Zürich'],
    ['zur', 'Zürich'],
    ['Zu\u0308rich', 'Zürich'],
    ['ＺＵＲＩＣＨ', 'Zürich'],
    ['pii', 'Zürich'],
    ['email', 'Zürich'],
    ['pii.email', 'Zürich'],
    ['loaded from the billing system', 'the_bills'],
    ['Loaded from the billing system (v2.1).', 'the_bills'],
    ['the', 'the_bills'],
    ['http', 'HTTPServerLog2'],
    ['server log', 'HTTPServerLog2'],
    ['httpserv', 'HTTPServerLog2'],
    ['2', 'HTTPServerLog2'],
    ['STRASSE', 'HTTPServerLog2'],
    ['東京', '東京都の売上'],
    ['売', '東京都の売上'],
    ['보고서', '東京都の売上'],
  ])('by "%s": %s', async (query, name) => {
    expect(names(await find(query))).toContain(name);
  });

  it('after it was renamed and changed, by what it is now and no longer by what it was', async () => {
    const { id } = await seed.dataset('avocet_old', { description: 'oldwords', tags: ['oldtag'] });
    await owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
      input: { ref: id, name: 'avocet_new' },
    });
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
      input: { ref: id, description: 'newwords', tags: ['newtag'], fields: [{ name: 'newField' }] },
    });
    for (const query of ['avocet_new', 'newwords', 'newtag', 'newfield'])
      expect(names(await find(query)), query).toEqual(['avocet_new']);
    for (const query of ['avocet_old', 'oldwords', 'oldtag']) expect(names(await find(query)), query).toEqual([]);
  });

  it('by as many words as a query may have, of any script', async () => {
    await expect(find('売上東京都'.repeat(100))).resolves.toHaveProperty('edges');
    await expect(find('aB1_'.repeat(125))).resolves.toHaveProperty('edges');
    await expect(find('😀'.repeat(250))).resolves.toHaveProperty('edges');
  });
});

it('finds every name by itself, its parts and its beginnings, and scores it by what it holds alone', async () => {
  const words = [
    'fct',
    'Sales',
    'HTTP',
    'Ünïcode',
    'ß',
    '東京',
    '한국어',
    'ไทย',
    'Łódź',
    '42',
    'v2',
    '😀',
    'ΟΔΟΣ',
    'ё',
  ];
  const part = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }));
  const name = fc
    .array(fc.tuple(part, fc.constantFrom('_', '.', '-', '/', ' ', '')), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.flat().join('').trim().normalize('NFC'))
    .filter((each) => /[\p{L}\p{N}]/u.test(each) && !/[\p{C}\p{Z}]/u.test(each.replaceAll(' ', '')));
  const made = [...new Set(fc.sample(name, { numRuns: 60, seed: 8 }))];
  const namespace = `${server.namespace}-names`;
  const own = new Seed(owner, namespace);
  const registered = new Set<string>();
  for (const each of made) {
    await own.dataset(each).then(
      () => registered.add(each),
      () => undefined,
    );
  }
  expect(registered.size).toBeGreaterThan(40);
  const filter = { namespaces: [namespace] };
  const all = await Promise.all(
    [...registered].map(async (each) => ({
      name: each,
      held: await searchedTokens({ name: each, namespace, description: null, tags: [], fieldNames: [] }),
    })),
  );
  for (const { name: typed } of all) {
    const letters = [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(typed)].map(
      ({ segment }) => segment,
    );
    const queries = [typed, ...typed.split(/[_.\-/ ]/), letters.slice(0, 2).join(''), letters.slice(0, 5).join('')];
    for (const query of new Set(queries.filter((each) => searchQuery(each).words.length > 0))) {
      const found = await find(query, { filter, first: 200 });
      expect(names(found), `${JSON.stringify(query)} of ${JSON.stringify(typed)}`).toContain(typed);
      const asked = searchQuery(query);
      const expected = all.flatMap((each) => {
        const score = scoreOf(each.held, asked);
        return score === null ? [] : [[each.name, score] as const];
      });
      const told = found.edges.map(({ node, score }) => [node.name, score] as const);
      expect(new Map(told), JSON.stringify(query)).toEqual(new Map(expected));
    }
  }
}, 300_000);

describe('The hits of a word that many assets hold', () => {
  let ordered: string[];

  beforeAll(async () => {
    const bulk = new Bulk(server, owner, server.namespace);
    const begin = (count: number, words: string): string[] =>
      Array.from({ length: count }, (_, place) => `${words} ${place}`);
    const low = await bulk.assets('model', begin(700, 'grey heron'));
    const high = await bulk.assets('dataset', begin(150, 'heron'));
    const more = await bulk.assets('model', begin(700, 'white heron'));
    const byId = (assets: readonly { id: string }[]): string[] => assets.map(({ id }) => id).sort();
    ordered = [...byId(high), ...byId([...low, ...more])];
  }, 120_000);

  it('come each once, in the order of one list, whatever else is written meanwhile', async () => {
    let writes = 0;
    const write = (): Promise<unknown> =>
      seed.dataset(`unrelated ${writes++}`, { description: 'heroic words of something else' });
    const seen = await pages('heron', { first: 200 }, write);
    expect(seen.map(({ id }) => id)).toEqual(ordered);
    expect(writes).toBeGreaterThan(7);
  });

  it('are narrowed by a filter that few of them meet', async () => {
    const filter = { namespaces: [server.namespace], nameContains: 'white heron 69' };
    const seen = await pages('heron', { first: 3, filter });
    expect(seen.map(({ name }) => name).sort()).toEqual(
      ['', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `white heron 69${digit}`).sort(),
    );
  });

  it('are ordered by name, and by their last change', async () => {
    const filter = { namespaces: [server.namespace], kinds: ['DATASET'] };
    const byName = await pages('heron', { first: 50, orderBy: 'NAME', filter });
    expect(byName.map(({ name }) => name)).toEqual(byName.map(({ name }) => name).sort());
    expect(byName).toHaveLength(150);

    const last = ordered[77] ?? '';
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
      input: { ref: last, description: 'changed last' },
    });
    const byChange = await pages('heron', { first: 50, orderBy: 'UPDATED', filter });
    expect(byChange[0]?.id).toBe(last);
    expect(new Set(byChange.map(({ id }) => id))).toEqual(new Set(ordered.slice(0, 150)));
    expect(byChange).toHaveLength(150);
  });

  it.each(['RELEVANCE', 'NAME', 'UPDATED'])(
    'come each once by %s, whatever becomes of the hits meanwhile',
    async (orderBy) => {
      const namespace = `${server.namespace}-${orderBy.toLowerCase()}`;
      const own = new Seed(owner, namespace);
      const made: string[] = [];
      for (let place = 0; place < 12; place++) made.push((await own.dataset(`curlew ${place % 4} ${place}`)).id);
      const filter = { namespaces: [namespace] };
      let turn = 0;
      const disturb = async (): Promise<void> => {
        const [seen = '', unseen = ''] = [made[turn % 12], made[(turn + 7) % 12]];
        for (const ref of [seen, unseen]) {
          await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
            input: { ref, description: `curlew ${turn}`, tags: ['curlew'] },
          });
          await owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
            input: { ref, name: `${turn % 2 === 0 ? 'a' : 'z'} ${ref.slice(-6)} curlew ${turn}` },
          });
        }
        await own.dataset(`curlew new ${turn++}`);
      };
      const seen = await pages('curlew', { first: 3, orderBy, filter }, disturb);
      expect(seen.map(({ id }) => id).sort()).toEqual([...made].sort());
      expect(await pages('curlew', { first: 200, filter })).toHaveLength(12 + turn);
    },
  );

  it('lead on with a cursor of this order alone', async () => {
    const { pageInfo } = await find('heron', { first: 1, orderBy: 'NAME' });
    for (const orderBy of ['RELEVANCE', 'UPDATED'])
      expect(await owner.code(HITS, { query: 'heron', orderBy, after: pageInfo.endCursor })).toBe('BAD_USER_INPUT');
  });

  it('are counted by kind, namespace, tag and owner, for each caller what they see', async () => {
    const namespace = `${server.namespace}-facets`;
    const own = new Seed(owner, namespace);
    await own.dataset('dotterel a', { tags: ['gold', 'pii'] });
    await own.dataset('dotterel b', { tags: ['gold'] });
    await own.model('dotterel c', { visibility: 'RESTRICTED', tags: ['secret'] });
    const counted = async (as: Client): Promise<Record<string, Record<string, number>>> => {
      const { facets = [] } = await find('dotterel', { filter: null }, as, FACETS);
      return Object.fromEntries(
        facets.map(({ name, buckets }) => [
          name,
          Object.fromEntries(buckets.map(({ value, count }) => [value, count])),
        ]),
      );
    };
    const { viewer } = await owner.data<{ viewer: { id: string } }>('{ viewer { id } }');
    expect(await counted(owner)).toEqual({
      kind: { DATASET: 2, MODEL: 1 },
      namespace: { [namespace]: 3 },
      tag: { gold: 2, pii: 1, secret: 1 },
      owner: { [viewer.id]: 3 },
    });
    expect(await counted(await server.user())).toEqual({
      kind: { DATASET: 2 },
      namespace: { [namespace]: 2 },
      tag: { gold: 2, pii: 1 },
      owner: { [viewer.id]: 2 },
    });
  });
});
