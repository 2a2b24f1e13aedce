/** What events say of flows outright: the lineage facet, and lineage of a data set alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { datasetOf, facetOf, type Refused, reportTo, runEvent } from '../support/openlineage-events.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const ASSETS = `query ($n: [String!]) { assets(filter: { namespaces: $n }, first: 100) { nodes { id kind name
  ... on Dataset { fields { name } } } } }`;
const LINEAGE = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: UPSTREAM, depth: 5) { nodes { asset { id kind name } } edges { source target } } }`;
const FIELDS = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fieldLineage(direction: UPSTREAM, depth: 1, first: 50) {
  nodes { name dataset { name } } } } } }`;

let server: TestWeftline;
let source: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  source = await server.user();
});

afterAll(() => server.stop());

const report = (...events: object[]): Promise<Refused[]> => reportTo(server.address, source, events);
const place = (name: string): string => `${server.namespace}-${name}`;

interface Shown {
  id: string;
  kind: string;
  name: string;
}

async function assetsIn(namespace: string): Promise<Shown[]> {
  return (await source.data<{ assets: { nodes: Shown[] } }>(ASSETS, { n: [namespace] })).assets.nodes;
}

/** "from > to" by kind and name, all that lies above one. */
async function waysTo(namespace: string, kind: string, name: string): Promise<string[]> {
  const assets = await assetsIn(namespace);
  const of = assets.find((each) => each.kind === kind && each.name === name);
  if (!of) throw new Error(`There is no ${name} in ${namespace}.`);
  const { lineage } = await source.data<{ lineage: { edges: { source: string; target: string }[] } }>(LINEAGE, {
    of: [of.id],
  });
  const called = new Map(assets.map((each) => [each.id, `${each.kind} ${each.name}`]));
  return lineage.edges.map((edge) => `${called.get(edge.source) ?? '?'} > ${called.get(edge.target) ?? '?'}`).sort();
}

async function columnsAbove(namespace: string, name: string): Promise<string[]> {
  const of = (await assetsIn(namespace)).find((each) => each.kind === 'DATASET' && each.name === name);
  const { asset } = await source.data<{
    asset: { fieldLineage: { nodes: { name: string; dataset: { name: string } }[] } };
  }>(FIELDS, { ref: of?.id });
  return asset.fieldLineage.nodes
    .flatMap((each) => (each.dataset.name === name ? [] : [`${each.dataset.name}.${each.name}`]))
    .sort();
}

const input = (namespace: string, name: string, more: object = {}) => ({ type: 'DATASET', namespace, name, ...more });

function jobEvent(namespace: string, entries: readonly object[], name = 'build'): object {
  const { run: _run, eventType: _type, ...event } = runEvent({ namespace, job: name });
  return { ...event, job: { namespace, name, facets: { lineage: facetOf({ entries }) } } };
}

function datasetEvent(namespace: string, name: string, facets: object, at = '2026-11-01T03:00:00Z'): object {
  const {
    run: _run,
    eventType: _type,
    job: _job,
    inputs: _inputs,
    outputs: _outputs,
    ...event
  } = runEvent({
    ...{ namespace, job: 'none', at },
  });
  return { ...event, dataset: datasetOf(namespace, name, undefined, facets) };
}

describe('The lineage facet of a job', () => {
  it('is flows between data sets and the job, and between columns', async () => {
    const namespace = place('job');
    const entries = [
      {
        ...input(namespace, 'a'),
        inputs: [input(namespace, 'b'), { type: 'JOB' }, { type: 'JOB', namespace, name: 'another' }],
        fields: { x: { inputs: [input(namespace, 'b', { field: 'y' })] } },
      },
      { type: 'JOB', inputs: [input(namespace, 'c')] },
      { type: 'JOB', namespace, name: 'another', inputs: [input(namespace, 'not-mine')] },
      { ...input(namespace, 'source'), inputs: [], fields: {} },
    ];
    expect(await report(jobEvent(namespace, entries))).toEqual([]);
    expect(await waysTo(namespace, 'DATASET', 'a')).toEqual([
      'DATASET b > TRANSFORMATION build',
      'DATASET c > TRANSFORMATION build',
      'TRANSFORMATION build > DATASET a',
    ]);
    expect(await columnsAbove(namespace, 'a')).toEqual(['b.y']);
    // What goes into another job is that one's to say, and what comes from nowhere is no flow.
    expect((await assetsIn(namespace)).map(({ name }) => name).sort()).toEqual(['a', 'b', 'build', 'c']);
  });

  it('holds no more than a bounded number of names', async () => {
    const namespace = place('many');
    const inputs = Array.from({ length: 20_001 }, (_, number) => input(namespace, `s${number}`));
    expect(await report(jobEvent(namespace, [{ ...input(namespace, 'a'), inputs }]))).toMatchObject([
      { index: 0, reason: expect.stringContaining('at most 20000 are possible') as string, retriable: false },
    ]);
    expect(await assetsIn(namespace)).toEqual([]);
  });

  it('is refused where a name is none', async () => {
    const namespace = place('no-name');
    const entries = [{ ...input(namespace, 'a'), inputs: [input(namespace, 'b\u0000')] }];
    expect(await report(jobEvent(namespace, entries))).toMatchObject([{ index: 0, retriable: false }]);
  });
});

describe('What a data set is said to come from', () => {
  const of = (namespace: string) => ({
    columnLineage: facetOf({ fields: { id: { inputFields: [{ namespace, name: 'orders', field: 'order_id' }] } } }),
  });

  it('by an output of a run adds to what the event lists', async () => {
    const namespace = place('output');
    const lineage = facetOf({
      inputs: [input(namespace, 'customers')],
      fields: { id: { inputs: [input(namespace, 'orders', { field: 'order_id' })] } },
    });
    expect(
      await report(runEvent({ namespace, job: 'load', outputs: [datasetOf(namespace, 'mart', ['id'], { lineage })] })),
    ).toEqual([]);
    expect(await waysTo(namespace, 'DATASET', 'mart')).toEqual([
      'DATASET customers > TRANSFORMATION load',
      'DATASET orders > TRANSFORMATION load',
      'TRANSFORMATION load > DATASET mart',
    ]);
    expect(await columnsAbove(namespace, 'mart')).toEqual(['orders.order_id']);
  });

  it('by an event of its own is stated of a job that is called as it, in whatever order and however often', async () => {
    const ways: string[][] = [];
    for (const [number, order] of [
      [0, 1],
      [1, 0, 1, 0],
    ].entries()) {
      const namespace = place(`own-${number}`);
      const events = [
        datasetEvent(namespace, 'mart', of(namespace)),
        datasetEvent(
          namespace,
          'mart',
          { lineage: facetOf({ inputs: [input(namespace, 'customers')] }) },
          '2026-11-02T03:00:00Z',
        ),
      ];
      for (const each of order) expect(await report(events[each] ?? {})).toEqual([]);
      ways.push(await waysTo(namespace, 'DATASET', 'mart'));
      expect(await columnsAbove(namespace, 'mart')).toEqual(['orders.order_id']);
    }
    expect(ways[0]).toEqual([
      'DATASET customers > TRANSFORMATION mart',
      'DATASET orders > TRANSFORMATION mart',
      'TRANSFORMATION mart > DATASET mart',
    ]);
    expect(ways[1]).toEqual(ways[0]);
  });

  it('is nothing where an event of its own names nothing', async () => {
    const namespace = place('nothing');
    expect(await report(datasetEvent(namespace, 'mart', { lineage: facetOf({ inputs: [] }) }))).toEqual([]);
    expect((await assetsIn(namespace)).map(({ kind, name }) => `${kind} ${name}`)).toEqual(['DATASET mart']);
  });
});

describe('A schema that is told of late', () => {
  const PAST = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { name } } } }`;
  const ofSchema = (namespace: string, fields: readonly string[], at: string) =>
    runEvent({ namespace, job: `load-${at}`, at, outputs: [datasetOf(namespace, 'orders', fields)] });

  it('leaves the fields it had that are there no more as those that were removed', async () => {
    const kept: string[][] = [];
    for (const [number, order] of [
      [0, 1],
      [1, 0],
    ].entries()) {
      const namespace = place(`late-${number}`);
      const events = [
        ofSchema(namespace, ['id', 'former'], '2026-11-01T03:00:00Z'),
        ofSchema(namespace, ['id', 'added'], '2026-11-02T03:00:00Z'),
      ];
      for (const each of order) expect(await report(events[each] ?? {})).toEqual([]);
      const [dataset] = (await assetsIn(namespace)).filter(({ kind }) => kind === 'DATASET');
      const { asset } = await source.data<{ asset: { fields: { name: string }[] } }>(PAST, { ref: dataset?.id });
      expect(asset.fields.map(({ name }) => name)).toEqual(['id', 'added']);
      kept.push(
        await server.graph
          .read(
            { requestId: 'test', operation: 'test' },
            'MATCH (f:Field)-[:FIELD_OF]->(a:Asset {id: $id}) RETURN f.name + " " + f.type + " " + (f.removedAt IS NULL) AS it ORDER BY it',
            {
              id: dataset?.id ?? '',
            },
          )
          .then((rows) => rows.map((row) => row.text('it'))),
      );
    }
    expect(kept[0]).toEqual(['added string true', 'former string false', 'id string true']);
    expect(kept[1]).toEqual(kept[0]);
  });
});

describe('A job that serves a model', () => {
  const model = (namespace: string) =>
    datasetOf(namespace, 'churn', undefined, { datasetType: facetOf({ datasetType: 'MODEL' }) });
  const ofType = (namespace: string, jobType: string, inputs: readonly object[]) => {
    const event = runEvent({ namespace, job: 'churn-api', inputs, outputs: [datasetOf(namespace, 'scores', ['id'])] });
    const facets = { jobType: facetOf({ jobType, processingType: 'STREAMING', integration: 'KSERVE' }) };
    return { ...event, job: { namespace, name: 'churn-api', facets } };
  };

  it('is a deployment, that the model feeds and the scores come from', async () => {
    const namespace = place('serving');
    const events = [ofType(namespace, 'Serving', [model(namespace)]), ofType(namespace, 'Serving', [model(namespace)])];
    expect(await report(...events)).toEqual([]);
    expect(await report(...events)).toEqual([]);
    expect(await waysTo(namespace, 'DATASET', 'scores')).toEqual([
      'DEPLOYMENT churn-api > DATASET scores',
      'MODEL churn > DEPLOYMENT churn-api',
    ]);
    expect((await assetsIn(namespace)).filter(({ kind }) => kind === 'DEPLOYMENT')).toHaveLength(1);
  });

  it('is none where it does something else, and reads nothing but models', async () => {
    const namespace = place('not-serving');
    await report(ofType(namespace, 'TRAINING', [model(namespace)]));
    expect((await assetsIn(namespace)).map(({ kind }) => kind).sort()).toEqual(['DATASET', 'MODEL', 'TRANSFORMATION']);
    const [refused] = await report(ofType(namespace, 'SERVING', [datasetOf(namespace, 'features', ['id'])]));
    expect(refused?.reason).toContain('What serves reads models');
  });
});
