import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_LINEAGE_PAGE } from '../../src/lineage/trace/lineage.js';
import { Bulk } from '../support/bulk.js';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** Graphs on which lineage goes wrong: in depth, in counts, in memory or in time. Exact answers are asserted, not times. */
interface Answer {
  nodes: { key: string; depth: number; asset: { name: string } }[];
  edges: { source: string; target: string; claims: { source: string }[] }[];
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const LINEAGE = `query ($of: [AssetRef!]!, $direction: Direction!, $depth: Int!, $first: Int! = 200, $after: String, $asOf: DateTime) {
  lineage(of: $of, direction: $direction, depth: $depth, first: $first, after: $after, asOf: $asOf) {
    nodes { key depth asset { name } } edges { source target claims { source } }
    totalCount completeness { complete hiddenNodes cutByDepth cutByPage } pageInfo { hasNextPage endCursor }
  }
}`;
const COMPLETE = { complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false };

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline({
    environment: {
      WEFTLINE_QUERY_TIMEOUT_MS: '300000',
      WEFTLINE_MAX_COST: '10000000',
      WEFTLINE_BODY_LIMIT_BYTES: '4194304',
    },
  });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

const lineage = async (of: string, direction: string, more: Record<string, unknown> = {}): Promise<Answer> =>
  (await owner.data<{ lineage: Answer }>(LINEAGE, { of: [of], direction, depth: 50, ...more })).lineage;

const depths = (answer: Answer): Record<string, number> =>
  Object.fromEntries(answer.nodes.map(({ asset, depth }) => [asset.name, depth]));

const ends = (answer: Answer): string[] => answer.edges.map(({ source, target }) => `${source} ${target}`);

/** All pages downstream; `between` is done after each. */
async function everyPage(
  of: string,
  first: number,
  more: Record<string, unknown> = {},
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Answer[]> {
  const pages: Answer[] = [];
  let after: string | null = null;
  do {
    const page: Answer = await lineage(of, 'DOWNSTREAM', { ...more, first, after });
    pages.push(page);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    await between();
  } while (after !== null);
  return pages;
}

const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, number) => `${word}${String(number).padStart(5, '0')}`);

const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);

/** A large graph, made for one test and deleted after it. */
async function withBulk(name: string, test: (bulk: Bulk) => Promise<void>): Promise<void> {
  const bulk = new Bulk(server, owner, `${server.namespace}-${name}`);
  try {
    await test(bulk);
  } finally {
    await bulk.clear();
  }
}

describe('small graphs that are hard to walk', () => {
  it('walks a job that overwrites the data set it reads, from both ends', async () => {
    const [table, job] = [await seed.dataset('own-table'), await seed.transformation('overwrite')];
    await seed.flow([table.id, job.id], [job.id, table.id]);
    for (const direction of ['UPSTREAM', 'DOWNSTREAM', 'BOTH']) {
      const fromTable = await lineage(table.id, direction);
      expect(depths(fromTable)).toEqual({ overwrite: 1 });
      expect(ends(fromTable).sort()).toEqual([`${job.id} ${table.id}`, `${table.id} ${job.id}`].sort());
      expect(fromTable.completeness).toEqual(COMPLETE);
      expect(depths(await lineage(job.id, direction))).toEqual({ 'own-table': 1 });
    }
  });

  it('walks a ring once round, and both ways to the far side', async () => {
    const data = await Promise.all([1, 2, 3].map((number) => seed.dataset(`ring-d${number}`)));
    const jobs = await Promise.all([1, 2, 3].map((number) => seed.transformation(`ring-t${number}`)));
    const ring = [0, 1, 2].flatMap((place) => [data[place], jobs[place]]) as SeededAsset[];
    await seed.flow(...ring.map(({ id }, place) => [id, ring[(place + 1) % 6]?.id ?? ''] as const));
    const from = ring[0]?.id ?? '';
    const down = { 'ring-t1': 1, 'ring-d2': 2, 'ring-t2': 3, 'ring-d3': 4, 'ring-t3': 5 };
    const up = { 'ring-t3': 1, 'ring-d3': 2, 'ring-t2': 3, 'ring-d2': 4, 'ring-t1': 5 };
    const both = { 'ring-t1': 1, 'ring-t3': 1, 'ring-d2': 2, 'ring-d3': 2, 'ring-t2': 3 };
    for (const [direction, expected] of Object.entries({ DOWNSTREAM: down, UPSTREAM: up, BOTH: both })) {
      const answer = await lineage(from, direction);
      expect(depths(answer)).toEqual(expected);
      expect(ends(answer)).toHaveLength(6);
      expect(answer.completeness).toEqual(COMPLETE);
    }
    const near = await lineage(from, 'DOWNSTREAM', { depth: 3 });
    expect(near.completeness).toEqual({ ...COMPLETE, complete: false, cutByDepth: 1 });
  });

  it('gives the shallow way through a diamond, also where the depth cuts the deep one off', async () => {
    const [top, bottom] = [await seed.dataset('diamond-top'), await seed.dataset('diamond-bottom')];
    const short = await seed.transformation('diamond-short');
    await seed.flow([top.id, short.id], [short.id, bottom.id]);
    let last = top.id;
    for (const step of [1, 2, 3, 4]) {
      const job = await seed.transformation(`diamond-job${step}`);
      const next = step === 4 ? bottom : await seed.dataset(`diamond-data${step}`);
      await seed.flow([last, job.id], [job.id, next.id]);
      last = next.id;
    }
    const deep = await lineage(top.id, 'DOWNSTREAM');
    expect(depths(deep)).toMatchObject({ 'diamond-bottom': 2, 'diamond-job4': 7 });
    expect(deep).toMatchObject({ totalCount: 9, completeness: COMPLETE });
    expect(ends(deep)).toHaveLength(10);
    const shallow = await lineage(top.id, 'DOWNSTREAM', { depth: 2 });
    expect(depths(shallow)).toMatchObject({ 'diamond-short': 1, 'diamond-bottom': 2, 'diamond-data1': 2 });
    expect(shallow.totalCount).toBe(4);
    expect(shallow.completeness.cutByDepth).toBe(1);
  });

  it('keeps the lineage of an asset renamed five times, by each of its names and with the name it had', async () => {
    const [table, job] = [await seed.dataset('name-0'), await seed.transformation('reader')];
    await seed.flow([table.id, job.id]);
    const urns = [table.urn];
    const since = [new Date().toISOString()];
    for (const number of [1, 2, 3, 4, 5]) {
      const rename = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { urn updatedAt } } }';
      const { renameAsset } = await owner.data<{ renameAsset: { asset: { urn: string; updatedAt: string } } }>(rename, {
        input: { ref: table.id, name: `name-${number}` },
      });
      urns.push(renameAsset.asset.urn);
      since.push(renameAsset.asset.updatedAt);
    }
    for (const urn of urns) expect(depths(await lineage(urn, 'DOWNSTREAM'))).toEqual({ reader: 1 });
    expect(depths(await lineage(job.id, 'UPSTREAM'))).toEqual({ 'name-5': 1 });
    for (const [number, asOf] of since.entries()) {
      const { asset } = await owner.data<{ asset: { name: string } }>(
        'query ($ref: AssetRef!, $asOf: DateTime) { asset(ref: $ref, asOf: $asOf) { name } }',
        { ref: table.id, asOf },
      );
      expect(asset.name).toBe(`name-${number}`);
      expect(depths(await lineage(job.id, 'UPSTREAM', { asOf }))).toEqual({ [`name-${number}`]: 1 });
    }
  });
});

describe('large graphs', () => {
  it('a copy is no different from what the product writes', { timeout: 300_000 }, () =>
    withBulk('copies', async (bulk) => {
      const own = new Seed(owner, bulk.namespace);
      const [data, job] = [await own.dataset('made'), await own.transformation('maker')];
      await own.flow([data.id, job.id]);
      const [copiedData] = await bulk.assets('dataset', ['copied']);
      const [copiedJob] = await bulk.assets('transformation', ['copier']);
      if (!copiedData || !copiedJob) throw new Error('Nothing was copied.');
      await bulk.flows([[copiedData.id, copiedJob.id, copiedJob.id]]);
      expect(await shapeOf(copiedData.id)).toEqual(await shapeOf(data.id));
      expect(await shapeOf(copiedJob.id)).toEqual(await shapeOf(job.id));
    }),
  );

  it('answers 100 times 100 flows with each node and edge once', { timeout: 600_000 }, () =>
    withBulk('fan', async (bulk) => {
      const [source, sink] = (await bulk.assets('dataset', ['source', 'sink'])) as [SeededAsset, SeededAsset];
      const [split] = (await bulk.assets('transformation', ['split'])) as [SeededAsset];
      const middle = await bulk.assets('dataset', numbered('d', 100));
      const jobs = await bulk.assets('transformation', numbered('t', 100));
      await bulk.flows([
        [source.id, split.id, split.id],
        ...middle.map(({ id }) => [split.id, id, split.id] as const),
        ...jobs.flatMap((job) => middle.map(({ id }) => [id, job.id, job.id] as const)),
        ...jobs.map((job) => [job.id, sink.id, job.id] as const),
      ]);
      const pages = await everyPage(source.id, MAX_LINEAGE_PAGE);
      const nodes = pages.flatMap((page) => page.nodes);
      expect(nodes.map((node) => node.depth)).toEqual([1, ...times(100, 2), ...times(100, 3), 4]);
      expect(new Set(nodes.map((node) => node.key)).size).toBe(202);
      const edges = pages.flatMap(ends);
      expect(edges).toHaveLength(1 + 100 + 10_000 + 100);
      expect(new Set(edges).size).toBe(edges.length);
      expect(pages[0]?.totalCount).toBe(202);
      expect(pages[0]?.completeness).toMatchObject({ hiddenNodes: 0, cutByDepth: 0 });
      const up = await lineage(sink.id, 'UPSTREAM', { first: 1 });
      expect(up).toMatchObject({ totalCount: 202, nodes: [{ depth: 1, asset: { name: 't00000' } }] });
    }),
  );

  it('walks a chain of 2,000 to its end', { timeout: 600_000 }, () =>
    withBulk('chain', async (bulk) => {
      const LINKS = 2_000;
      const data = await bulk.assets('dataset', numbered('d', LINKS / 2 + 1));
      const jobs = await bulk.assets('transformation', numbered('t', LINKS / 2));
      await bulk.flows(
        jobs.flatMap((job, place) => [
          [data[place]?.id ?? '', job.id, job.id] as const,
          [job.id, data[place + 1]?.id ?? '', job.id] as const,
        ]),
      );
      const [start, end] = [data[0]?.id ?? '', data.at(-1)?.id ?? ''];
      const nodes = (await everyPage(start, MAX_LINEAGE_PAGE, { depth: LINKS })).flatMap((page) => page.nodes);
      expect(nodes.map(({ depth }) => depth)).toEqual(Array.from({ length: LINKS }, (_, place) => place + 1));
      expect(nodes.at(-1)?.key).toBe(end);
      for (const [depth, cutByDepth] of [
        [50, 1],
        [LINKS - 1, 1],
        [LINKS, 0],
        [10_000, 0],
      ] as const) {
        const { totalCount, completeness } = await lineage(end, 'UPSTREAM', { depth, first: MAX_LINEAGE_PAGE });
        expect(totalCount).toBe(Math.min(depth, LINKS));
        expect(completeness).toMatchObject({ hiddenNodes: 0, cutByDepth, cutByPage: depth > MAX_LINEAGE_PAGE });
      }
    }),
  );

  it('counts all 50,000 consumers of a hub, and gives them page by page', { timeout: 900_000 }, () =>
    withBulk('hub', async (bulk) => {
      const hub = await new Seed(owner, bulk.namespace).dataset('hub');
      const jobs = await bulk.consumers(hub.id, numbered('t', 50_000));
      const first = await lineage(hub.id, 'DOWNSTREAM', { first: MAX_LINEAGE_PAGE });
      expect(first.totalCount).toBe(jobs.length);
      expect(first.completeness).toEqual({ ...COMPLETE, complete: false, cutByPage: true });
      expect(first.nodes.map((node) => node.asset.name)).toEqual(numbered('t', MAX_LINEAGE_PAGE));
      expect(ends(first)).toEqual(first.nodes.map(({ key }) => `${hub.id} ${key}`));
      const second = await lineage(hub.id, 'DOWNSTREAM', { first: MAX_LINEAGE_PAGE, after: first.pageInfo.endCursor });
      expect(second.nodes.map(({ key }) => key)).toEqual(
        jobs.slice(MAX_LINEAGE_PAGE, 2 * MAX_LINEAGE_PAGE).map(({ id }) => id),
      );
      expect(depths(await lineage(jobs.at(-1)?.id ?? '', 'UPSTREAM'))).toEqual({ hub: 1 });
    }),
  );

  it('pages through all consumers of a hub while others are added', { timeout: 900_000 }, () =>
    withBulk('busy-hub', async (bulk) => {
      const { hub, jobs } = await makeHub(bulk, 8 * MAX_LINEAGE_PAGE);
      // Some come before all that were read, some after.
      const later = await bulk.assets(
        'transformation',
        ['a', 'm', 'z'].flatMap((word) => numbered(word, 2)),
      );
      const keys = await everyKey(hub.id, async () => {
        const next = later.pop();
        if (next) await seed.flow([hub.id, next.id]);
      });
      expect(new Set(keys).size).toBe(keys.length);
      const known = new Set(jobs.map(({ id }) => id));
      expect(keys.filter((key) => known.has(key))).toEqual(jobs.map(({ id }) => id));
      expect((await lineage(hub.id, 'DOWNSTREAM', { first: 1 })).totalCount).toBe(jobs.length + 6);
    }),
  );
});

/** A data set that so many transformations read. */
async function makeHub(bulk: Bulk, consumers: number): Promise<{ hub: SeededAsset; jobs: SeededAsset[] }> {
  const [hub] = (await bulk.assets('dataset', ['hub'])) as [SeededAsset];
  const jobs = await bulk.assets('transformation', numbered('t', consumers));
  await bulk.flows(jobs.map(({ id }) => [hub.id, id, id]));
  return { hub, jobs };
}

/** The keys of all nodes downstream, in their order; `between` is done after each page. */
async function everyKey(of: string, between: () => Promise<unknown>): Promise<string[]> {
  const query = `query ($of: AssetRef!, $first: Int!, $after: String) {
    lineage(of: [$of], direction: DOWNSTREAM, first: $first, after: $after) { nodes { key } pageInfo { hasNextPage endCursor } } }`;
  const keys: string[] = [];
  for (let after: string | null = null, left = true; left; await between()) {
    const { lineage: page }: { lineage: Pick<Answer, 'nodes' | 'pageInfo'> } = await owner.data(query, {
      ...{ of, first: MAX_LINEAGE_PAGE, after },
    });
    keys.push(...page.nodes.map(({ key }) => key));
    [after, left] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return keys;
}

const SHAPE = `MATCH (a:Asset {id: $id})
CALL (a) {
  RETURN 'asset' AS what, labels(a) AS labels, keys(a) AS names
  UNION ALL
  MATCH (a)-[r]->(b) RETURN 'to ' + type(r) AS what, labels(b) AS labels, keys(r) + keys(b) AS names
  UNION ALL
  MATCH (a)<-[r]-(b) WHERE NOT b:AuditEntry RETURN 'from ' + type(r) AS what, labels(b) AS labels, keys(r) + keys(b) AS names
  UNION ALL
  MATCH (report:LineageReport)-[states:STATES]->(flow:ClaimedFlow), (stream:ClaimStream {id: flow.streamId})
  WHERE flow.sourceId = a.id OR flow.targetId = a.id
  RETURN 'statement' AS what, labels(report) + labels(flow) + labels(stream) AS labels,
         keys(report) + keys(states) + keys(flow) + keys(stream) AS names
}
RETURN what, labels, names`;

/** What hangs on an asset: relationships, labels and the names of all properties. */
async function shapeOf(id: string): Promise<string[]> {
  const rows = await server.graph.read({ requestId: 'test', operation: 'test' }, SHAPE, { id });
  const sorted = (row: (typeof rows)[number], name: string): string => row.texts(name).sort().join(' ');
  return rows.map((row) => `${row.text('what')}: ${sorted(row, 'labels')}: ${sorted(row, 'names')}`).sort();
}
