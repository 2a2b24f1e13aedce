/** What producers say of things stands beside what people wrote, for who may see it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant } from '../support/access.js';
import type { Client } from '../support/client.js';
import { datasetOf, facetOf, type Refused, reportTo, runEvent } from '../support/openlineage-events.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const SAID = `reported {
  descriptions { text contentType producer saidAt reportedBy { ... on User { id } } }
  owners { name type } tags { key value saidIn field } types { type subType } dataSources { name uri }
  jobTypes { type processing integration } codeLocations { type url repository revision path branch tag }
} reportedFacets(first: 50) { totalCount nodes { name body withheld schemaUrl producer reportedBy { ... on User { id } } } }`;
const ASSET = `query ($ref: AssetRef!) { asset(ref: $ref) { id description tags owners { role } ${SAID}
  ... on Transformation { reportedCode { isSql language text withheld } runs { nodes {
    error failure { message stackTrace } facets nominalTime { start end } processingEngine { name version adapterVersion }
    tags { key value source } root { externalId } reportedFacets { totalCount nodes { name body withheld saidAt } } } } } } }`;

let server: TestWeftline;
let source: Client;
let reader: Client;
let admin: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [source, reader, admin] = await Promise.all([server.user(), server.user(), server.user({ role: 'ADMIN' })]);
});

afterAll(() => server.stop());

const report = (by: Client, ...events: object[]): Promise<Refused[]> => reportTo(server.address, by, events);
const place = (name: string): string => `${server.namespace}-${name}`;

interface Facet {
  name: string;
  body: Record<string, unknown> | null;
  withheld: string | null;
}

interface Answer {
  description: string | null;
  tags: string[];
  owners: object[];
  reported: Record<string, Record<string, unknown>[]>;
  reportedFacets: { totalCount: number; nodes: Facet[] };
  reportedCode: Record<string, unknown>[];
  runs: { nodes: (Record<string, unknown> & { reportedFacets: { totalCount: number; nodes: Facet[] } })[] };
}

async function shownTo(by: Client, namespace: string, name: string): Promise<Answer> {
  return (await by.data<{ asset: Answer }>(ASSET, { ref: await refOf(namespace, name) })).asset;
}

async function refOf(namespace: string, name: string): Promise<string> {
  const { assets } = await admin.data<{ assets: { nodes: { id: string; name: string }[] } }>(
    'query ($n: [String!]) { assets(filter: { namespaces: $n }, first: 100) { nodes { id name } } }',
    { n: [namespace] },
  );
  const found = assets.nodes.find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name} in ${namespace}.`);
  return found.id;
}

const facetsOfOrders = (description: string) => ({
  documentation: facetOf({ description, contentType: 'text/markdown' }),
  ownership: facetOf({ owners: [{ name: 'team:sales', type: 'MAINTAINER' }, { name: 'jane' }] }),
  tags: facetOf({
    tags: [
      { key: 'pii', value: 'true', source: 'DBT', field: 'email' },
      { key: 'tier', value: '1' },
    ],
  }),
  datasetType: facetOf({ datasetType: 'TABLE', subType: 'EXTERNAL' }),
  dataSource: facetOf({ name: 'warehouse', uri: 'postgres://bob:hunter2@db:5432/shop?password=hunter2' }),
});

describe('What a producer says of a data set', () => {
  it('is shown beside what people wrote, and changes none of it', async () => {
    const namespace = place('beside');
    const owner = await server.user();
    const seed = new Seed(owner, namespace);
    const { id } = await seed.dataset('orders', { description: 'By hand', tags: ['gold'] });
    await grant(owner, id, source.userId, ['EDIT']);
    expect(
      await report(
        source,
        runEvent({
          namespace,
          job: 'load',
          outputs: [datasetOf(namespace, 'orders', ['id'], facetsOfOrders('By *dbt*'))],
        }),
      ),
    ).toEqual([]);
    const shown = await shownTo(owner, namespace, 'orders');
    expect(shown).toMatchObject({ description: 'By hand', tags: ['gold'], owners: [{ role: 'OWNER' }] });
    expect(shown.reported).toEqual({
      descriptions: [
        {
          text: 'By *dbt*',
          contentType: 'text/markdown',
          producer: 'https://example.org/tests',
          saidAt: '2026-11-01T03:00:00.000Z',
          reportedBy: { id: source.userId },
        },
      ],
      owners: [
        { name: 'team:sales', type: 'MAINTAINER' },
        { name: 'jane', type: null },
      ],
      tags: [
        { key: 'pii', value: 'true', saidIn: 'DBT', field: 'email' },
        { key: 'tier', value: '1', saidIn: null, field: null },
      ],
      types: [{ type: 'TABLE', subType: 'EXTERNAL' }],
      dataSources: [{ name: 'warehouse', uri: 'postgres://db:5432/shop' }],
      jobTypes: [],
      codeLocations: [],
    });
  });

  it('is kept by source, and the latest of each by the time of its event, in whatever order they come', async () => {
    const namespace = place('by-source');
    const second = await server.user();
    const said = (text: string, hour: string) =>
      runEvent({
        namespace,
        job: `load-${text}`,
        at: `2026-11-01T${hour}:00:00Z`,
        outputs: [datasetOf(namespace, 'orders', ['id'], { documentation: facetOf({ description: text }) })],
      });
    await report(source, said('newer', '05'));
    await report(source, said('older', '04'), said('older', '04'));
    await report(second, said('another', '06'));
    const { reported } = await shownTo(reader, namespace, 'orders');
    expect(reported['descriptions']?.map(({ text }) => text)).toEqual(['another', 'newer']);
  });

  it('is gone once its producer takes it back, also when that comes first', async () => {
    const namespace = place('taken-back');
    const said = (hour: string, facets: object) =>
      runEvent({
        namespace,
        job: 'load',
        at: `2026-11-01T${hour}:00:00Z`,
        outputs: [datasetOf(namespace, 'orders', ['id'], facets)],
      });
    const back = said('07', { documentation: facetOf({ _deleted: true }), tags: facetOf({ _deleted: true }) });
    await report(source, back);
    await report(source, said('06', facetsOfOrders('Text')));
    const { reported, reportedFacets } = await shownTo(reader, namespace, 'orders');
    expect(reported).toMatchObject({ descriptions: [], tags: [], types: [{ type: 'TABLE' }] });
    expect(reportedFacets.nodes.map(({ name }) => name)).toEqual(['dataSource', 'datasetType', 'ownership']);
    expect(reportedFacets.totalCount).toBe(3);
  });

  it('is shown in bounds, however much was said', async () => {
    const namespace = place('bounds');
    const tags = Array.from({ length: 1_000 }, (_, number) => ({ key: `k${number}`, value: 'v'.repeat(3_000) }));
    await report(
      source,
      runEvent({
        namespace,
        job: 'load',
        outputs: [
          datasetOf(namespace, 'orders', ['id'], {
            documentation: facetOf({ description: '😀'.repeat(20_000) }),
            tags: facetOf({ tags: tags.slice(0, 150) }),
          }),
          datasetOf(namespace, 'large', ['id'], { tags: facetOf({ tags }) }),
        ],
      }),
    );
    const { reported } = await shownTo(source, namespace, 'orders');
    expect([...String(reported['descriptions']?.[0]?.['text'])]).toHaveLength(10_000);
    expect(reported['tags']).toHaveLength(150);
    expect(String(reported['tags']?.[0]?.['value'])).toHaveLength(2_000);
    // Of what is too large to be kept only its size is known.
    expect((await shownTo(source, namespace, 'large')).reported['tags']).toEqual([]);
  });

  it('tells nothing to who may not see the data set', async () => {
    const namespace = place('hidden');
    const owner = await server.user();
    const { id } = await new Seed(owner, namespace).dataset('secret', { visibility: 'RESTRICTED' });
    await grant(owner, id, source.userId, ['EDIT']);
    await report(
      source,
      runEvent({ namespace, job: 'load', outputs: [datasetOf(namespace, 'secret', ['id'], facetsOfOrders('x'))] }),
    );
    expect(await reader.data(ASSET, { ref: id })).toEqual({ asset: null });
    expect((await owner.data<{ asset: Answer }>(ASSET, { ref: id })).asset.reported['descriptions']).toHaveLength(1);
  });
});

describe('What a producer says of a job and its runs', () => {
  const namespace = () => place('jobs');
  const runId = randomUUID();
  const rootId = randomUUID();

  beforeAll(async () => {
    const named = (job: string, id: string) => ({ run: { runId: id }, job: { namespace: namespace(), name: job } });
    const event = runEvent({
      namespace: namespace(),
      job: 'build',
      runId,
      type: 'FAIL',
      runFacets: {
        nominalTime: facetOf({ nominalStartTime: '2026-11-01T00:00:00Z', nominalEndTime: '2026-11-01T01:00:00+01:00' }),
        processing_engine: facetOf({ name: 'spark', version: '3.5.8', openlineageAdapterVersion: '1.53.0' }),
        errorMessage: facetOf({ message: 'no table secret_t', programmingLanguage: 'JAVA', stackTrace: 'at secret' }),
        tags: facetOf({ tags: [{ key: 'client', value: '1.54', source: 'OPENLINEAGE_CLIENT' }] }),
        parent: facetOf({ ...named('dag', rootId), root: named('dag', rootId) }),
        environmentVariables: facetOf({ environmentVariables: [{ name: 'TOKEN', value: 'hunter2' }] }),
        'spark.logicalPlan': facetOf({ plan: 'hunter2' }),
      },
    });
    const job = {
      ...(event['job'] as object),
      facets: {
        jobType: facetOf({ jobType: 'MODEL', processingType: 'BATCH', integration: 'DBT' }),
        documentation: facetOf({ description: 'Builds it' }),
        sql: facetOf({ query: 'select * from secret_t', dialect: 'duckdb' }),
        sourceCode: facetOf({ language: 'PYTHON', sourceCode: 'print("hunter2")' }),
        sourceCodeLocation: facetOf({
          ...{ type: 'git', url: 'https://token:x@git.example.org/shop/-/blob/a.sql?private_token=hunter2' },
          ...{ repoUrl: 'https://token:x@git.example.org/shop', path: 'a.sql', version: 'abc', branch: 'main' },
        }),
        'my-custom': facetOf({ anything: 'hunter2' }),
      },
    };
    const start = runEvent({ namespace: namespace(), job: 'dag', runId: rootId, type: 'START' });
    expect(await report(source, { ...event, job }, start)).toEqual([]);
  });

  it('is shown to who may EDIT the job as a whole', async () => {
    const shown = await shownTo(admin, namespace(), 'build');
    expect(shown.reported).toMatchObject({
      descriptions: [{ text: 'Builds it' }],
      jobTypes: [{ type: 'MODEL', processing: 'BATCH', integration: 'DBT' }],
      codeLocations: [
        {
          ...{
            type: 'git',
            url: 'https://git.example.org/shop/-/blob/a.sql',
            repository: 'https://git.example.org/shop',
          },
          ...{ revision: 'abc', path: 'a.sql', branch: 'main', tag: null },
        },
      ],
    });
    expect(shown.reportedCode).toEqual(
      expect.arrayContaining([
        { isSql: true, language: 'duckdb', text: 'select * from secret_t', withheld: null },
        { isSql: false, language: 'PYTHON', text: 'print("hunter2")', withheld: null },
      ]),
    );
    expect(shown.reportedFacets.nodes.every(({ withheld, body }) => withheld === null && body !== null)).toBe(true);
    expect(shown.reportedFacets.nodes.find(({ name }) => name === 'my-custom')?.body).toMatchObject({
      anything: 'hunter2',
    });
    expect(shown.runs.nodes[0]).toMatchObject({
      error: 'no table secret_t',
      failure: { message: 'no table secret_t', stackTrace: 'at secret' },
      nominalTime: { start: '2026-11-01T00:00:00.000Z', end: '2026-11-01T00:00:00.000Z' },
      processingEngine: { name: 'spark', version: '3.5.8', adapterVersion: '1.53.0' },
      tags: [{ key: 'client', value: '1.54', source: 'OPENLINEAGE_CLIENT' }],
      root: { externalId: rootId },
    });
    const facets = shown.runs.nodes[0]?.reportedFacets;
    expect(facets?.totalCount).toBe(7);
    expect(facets?.nodes.find(({ name }) => name === 'environmentVariables')).toMatchObject({
      saidAt: '2026-11-01T03:00:00.000Z',
      withheld: null,
    });
  });

  it('is shown to who sees the job without code, settings and words of failures, and says so', async () => {
    const shown = await shownTo(reader, namespace(), 'build');
    const withheld = expect.stringMatching(/^Withheld: /) as unknown;
    expect(shown.reported).toMatchObject({ descriptions: [{ text: 'Builds it' }], jobTypes: [{ type: 'MODEL' }] });
    expect(shown.reportedCode.map(({ text }) => text)).toEqual([null, null]);
    expect(shown.reportedCode.map((each) => each['withheld'])).toEqual([withheld, withheld]);
    const open = shown.reportedFacets.nodes.filter((each) => each.withheld === null).map(({ name }) => name);
    expect(open).toEqual(['documentation', 'jobType']);
    expect(shown.runs.nodes[0]).toMatchObject({ error: withheld, failure: null, processingEngine: { name: 'spark' } });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|secret_t|at secret/);
    expect(shown.runs.nodes[0]?.['facets']).toMatchObject({
      environmentVariables: { $withheld: withheld },
      nominalTime: { nominalStartTime: '2026-11-01T00:00:00Z' },
    });
  });

  it('comes in pages by name, of several jobs at once', async () => {
    const PAGE = `query ($ref: AssetRef!, $first: Int, $after: String, $last: Int, $before: String, $name: String) { asset(ref: $ref) {
      reportedFacets(first: $first, after: $after, last: $last, before: $before, name: $name) { totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } }`;
    interface Page {
      asset: {
        reportedFacets: {
          totalCount: number;
          nodes: { name: string }[];
          pageInfo: { hasNextPage: boolean; endCursor: string; startCursor: string };
        };
      };
    }
    const ref = await refOf(namespace(), 'build');
    const names: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const { asset }: Page = await reader.data<Page>(PAGE, { ref, first: 2, after });
      names.push(...asset.reportedFacets.nodes.map(({ name }) => name));
      ({ hasNextPage: more, endCursor: after } = asset.reportedFacets.pageInfo);
      expect(asset.reportedFacets.totalCount).toBe(6);
    }
    expect(names).toEqual(['documentation', 'jobType', 'my-custom', 'sourceCode', 'sourceCodeLocation', 'sql']);
    const { asset: last } = await reader.data<Page>(PAGE, { ref, last: 2 });
    expect(last.reportedFacets.nodes.map(({ name }) => name)).toEqual(['sourceCodeLocation', 'sql']);
    const { startCursor: before } = last.reportedFacets.pageInfo;
    const { asset: earlier } = await reader.data<Page>(PAGE, { ref, last: 2, before });
    expect(earlier.reportedFacets.nodes.map(({ name }) => name)).toEqual(['my-custom', 'sourceCode']);
    const { asset: one } = await reader.data<Page>(PAGE, { ref, name: 'sql' });
    expect(one.reportedFacets).toMatchObject({ totalCount: 1, nodes: [{ name: 'sql' }] });
    expect(await reader.code(PAGE, { ref, first: 0 })).toBe('BAD_USER_INPUT');
    expect(await reader.code(PAGE, { ref, after: 'nonsense' })).toBe('BAD_USER_INPUT');
  });
});
