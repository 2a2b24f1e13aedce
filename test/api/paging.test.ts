import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Page {
  totalCount: number;
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/** One list of the API with seven rows in it. */
interface List {
  query: (content: string) => string;
  of: Record<string, unknown>;
  /** Adds one row. */
  insert: () => Promise<unknown>;
  /** Whether a new row comes at the end of the list, and not at its beginning. */
  growsAtEnd: boolean;
}

const LISTS = ['assets', 'versions', 'runs', 'audit of an asset', 'audit'];
const ROWS = 7;
const VARIABLES = '$first: Int, $after: String, $last: Int, $before: String';
const ARGUMENTS = 'first: $first, after: $after, last: $last, before: $before';
const PAGE = 'edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const UPDATE = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }';

let server: TestWeftline;
let owner: Client;
const lists = new Map<string, List>();

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  const seed = new Seed(owner, server.namespace);
  const [dataset, transformation] = [await seed.dataset('paged'), await seed.transformation('paged')];
  const [changed, audited] = [await seed.dataset('changed'), await seed.dataset('audited')];
  let count = 0;
  const change = ({ id }: SeededAsset) => owner.data(UPDATE, { input: { ref: id, description: `change ${++count}` } });
  const listed = new Seed(owner, `${server.namespace}-listed`);
  lists.set('assets', {
    query: (content) =>
      `query (${VARIABLES}, $of: [String!]) { list: assets(${ARGUMENTS}, filter: { namespaces: $of }) { ${content} } }`,
    of: { of: [`${server.namespace}-listed`] },
    insert: () => listed.model(`model ${++count}`),
    growsAtEnd: true,
  });
  lists.set('versions', {
    query: below('Dataset', 'versions'),
    of: { of: dataset.id },
    insert: () => seed.datasetVersion(dataset.id, `v${++count}`),
    growsAtEnd: false,
  });
  lists.set('runs', {
    query: below('Transformation', 'runs'),
    of: { of: transformation.id },
    insert: () => seed.run(transformation.id, [], []),
    growsAtEnd: false,
  });
  lists.set('audit of an asset', {
    query: below('Asset', 'audit'),
    of: { of: changed.id },
    insert: () => change(changed),
    growsAtEnd: false,
  });
  lists.set('audit', {
    query: (content) =>
      `query (${VARIABLES}, $of: ID) { list: audit(${ARGUMENTS}, filter: { target: $of }) { ${content} } }`,
    of: { of: audited.id },
    insert: () => change(audited),
    growsAtEnd: false,
  });
});

afterAll(() => server.stop());

const below = (type: string, field: string) => (content: string) =>
  `query (${VARIABLES}, $of: AssetRef!) { asset(ref: $of) { ... on ${type} { list: ${field}(${ARGUMENTS}) { ${content} } } } }`;

function listNamed(name: string): List {
  const list = lists.get(name);
  if (!list) throw new Error(`There is no list ${name}.`);
  return list;
}

async function page(name: string, args: Record<string, unknown>, content = PAGE): Promise<Page> {
  const { query, of } = listNamed(name);
  const data = await owner.data<{ list?: Page; asset?: { list: Page } }>(query(content), { ...of, ...args });
  const found = data.list ?? data.asset?.list;
  if (!found) throw new Error('The answer holds no list.');
  return found;
}

const ids = (found: Page): string[] => found.edges.map((edge) => edge.node.id);

describe.each(LISTS)('The list %s', (name) => {
  beforeAll(async () => {
    const have = ids(await page(name, {})).length;
    for (let n = have; n < ROWS; n += 1) await listNamed(name).insert();
  });

  it('is read forward page by page, each row once', async () => {
    const whole = await page(name, {});
    expect(ids(whole)).toHaveLength(ROWS);
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    const [first, second] = [await page(name, { first: 3 }), await page(name, { first: 3, after: cursor(whole, 2) })];
    const third = await page(name, { first: 3, after: second.pageInfo.endCursor });
    expect([...ids(first), ...ids(second), ...ids(third)]).toEqual(ids(whole));
    expect([first, second, third].map((each) => each.pageInfo.hasNextPage)).toEqual([true, true, false]);
    expect([first, second, third].map((each) => each.pageInfo.hasPreviousPage)).toEqual([false, true, true]);
  });

  it('is read backward page by page, in the same order', async () => {
    const whole = await page(name, {});
    const last = await page(name, { last: 3 });
    const middle = await page(name, { last: 3, before: last.pageInfo.startCursor });
    const first = await page(name, { last: 3, before: middle.pageInfo.startCursor });
    expect([...ids(first), ...ids(middle), ...ids(last)]).toEqual(ids(whole));
    expect([first, middle, last].map((each) => each.pageInfo.hasPreviousPage)).toEqual([false, true, true]);
    expect([first, middle, last].map((each) => each.pageInfo.hasNextPage)).toEqual([true, true, false]);
  });

  it('is cut between two cursors', async () => {
    const whole = await page(name, {});
    const between = await page(name, { first: 10, after: cursor(whole, 1), before: cursor(whole, 5) });
    expect(ids(between)).toEqual(ids(whole).slice(2, 5));
    const empty = await page(name, { first: 10, after: cursor(whole, 6) });
    expect(empty).toMatchObject({ edges: [], pageInfo: { hasNextPage: false, startCursor: null, endCursor: null } });
  });

  it('keeps its pages apart while others insert', async () => {
    const whole = await page(name, {});
    const first = await page(name, { first: 3 });
    await listNamed(name).insert();
    const rest = await page(name, { first: 20, after: first.pageInfo.endCursor });
    const before = [...ids(first), ...ids(rest)].slice(0, ROWS);
    expect(before).toEqual(ids(whole));
    expect(ids(rest)).toHaveLength(ROWS - 3 + (listNamed(name).growsAtEnd ? 1 : 0));
  });

  it.each([
    [{ first: 0 }, 'BAD_USER_INPUT', '"first"'],
    [{ first: -1 }, 'BAD_USER_INPUT', '"first"'],
    [{ last: 0 }, 'BAD_USER_INPUT', '"last"'],
    [{ first: 201 }, 'LIMIT_EXCEEDED', '1 to 200'],
    [{ last: 201 }, 'LIMIT_EXCEEDED', '1 to 200'],
    [{ first: 2, last: 2 }, 'BAD_USER_INPUT', 'not both'],
    [{ after: 'nonsense' }, 'BAD_USER_INPUT', 'not a cursor of this list'],
  ])('refuses %j', async (args, code, words) => {
    const { query, of } = listNamed(name);
    const error = await owner.error(query(PAGE), { ...of, ...args });
    expect(error.extensions.code).toBe(code);
    expect(error.message).toContain(words);
  });

  it('is counted by a statement of its own, and only when that is selected', async () => {
    const statementsOf = async (content: string): Promise<string[]> => {
      server.statements.length = 0;
      await page(name, { first: 2 }, content);
      return [...server.statements];
    };
    const without = await statementsOf(PAGE);
    const counted = await statementsOf(`totalCount ${PAGE}`);
    expect(counted).toHaveLength(without.length + 1);
    expect(counted.filter((each) => !without.includes(each))).toEqual([expect.stringMatching(/\.count/)]);
    expect((await page(name, { first: 2 }, `totalCount ${PAGE}`)).totalCount).toBe(ids(await page(name, {})).length);
  });
});

describe('A cursor', () => {
  it('of one list is refused by another', async () => {
    const after = (await page('versions', { first: 1 })).pageInfo.endCursor;
    const { query, of } = listNamed('assets');
    const error = await owner.error(query(PAGE), { ...of, after });
    expect(error.message).toContain('is not a cursor of this list');
  });
});

function cursor(found: Page, index: number): string | undefined {
  return found.edges[index]?.cursor;
}
