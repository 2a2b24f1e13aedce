/** Events of real producers come into the graph, and the graph says what they said. */
import { randomUUID } from 'node:crypto';
import type { Driver } from 'neo4j-driver';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { type Corpus, expectedOf, placedIn, type Refused, reportTo } from '../support/openlineage-events.js';
import { eventsOf } from '../support/openlineage.js';
import { reportedGraph } from '../support/reported-graph.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let driver: Driver;
let source: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  driver = openSharedDriver();
  source = await server.user();
});

afterAll(async () => {
  await driver.close();
  await server.stop();
});

/** What is said to come from something by an event of its own, without a job, comes from one that is called as it. */
const STAND_INS: Partial<Record<Corpus, [string, string][]>> = {
  python: [['postgres://db.acme.example:5432', 'sales.public.enriched']],
};

const report = (by: Client, events: readonly unknown[]): Promise<Refused[]> => reportTo(server.address, by, events);

describe.each<Corpus>(['dbt', 'airflow', 'python', 'python_old'])('What %s sends', (corpus) => {
  const prefix = (): string => `${server.namespace}-${corpus}:`;
  const named = (namespace: string, name: string): string => `${prefix()}${namespace} ${name}`;

  it('is taken as a whole', async () => {
    expect(await report(source, placedIn(prefix(), eventsOf(corpus)))).toEqual([]);
  });

  it('makes its jobs, data sets and runs', async () => {
    const { job_list: jobs, dataset_list: datasets, runs_first_last: runs } = expectedOf(corpus);
    const names = async (kind: string): Promise<string[]> =>
      column(
        'MATCH (a:Asset {kind: $kind}) WHERE a.namespace STARTS WITH $prefix RETURN a.namespace + " " + a.name AS it',
        { kind, prefix: prefix() },
      );
    const all = [...jobs, ...(STAND_INS[corpus] ?? [])];
    expect(await names('TRANSFORMATION')).toEqual(all.map(([namespace, name]) => named(namespace, name)).sort());
    expect(await names('DATASET')).toEqual(
      expect.arrayContaining(datasets.map(([namespace, name]) => named(namespace, name))),
    );
    const ended = await column(
      `MATCH (r:Run)-[:RUN_OF]->(t:Asset) WHERE t.namespace STARTS WITH $prefix RETURN r.externalId + ' ' + t.name + ' ' + r.state AS it`,
      { prefix: prefix() },
    );
    expect(ended).toEqual(
      Object.entries(runs)
        .flatMap(([id, { jobs: of, terminal_kinds: ends }]) => of.map((job) => `${id} ${job} ${stateOf(ends)}`))
        .sort(),
    );
  });

  it('makes its flows', async () => {
    const { inputs, outputs } = expectedOf(corpus);
    const flows = await column(
      `MATCH (a:Asset)-[c:FEEDS]->(b:Asset) WHERE a.namespace STARTS WITH $prefix
       RETURN DISTINCT a.namespace + ' ' + a.name + ' > ' + b.namespace + ' ' + b.name AS it`,
      { prefix: prefix() },
    );
    const expected = [...inputs, ...outputs].map(([a, b, c, d]) => `${named(a, b)} > ${named(c, d)}`);
    expect(flows).toEqual(expect.arrayContaining(expected));
  });

  it('gives data sets the fields of the latest schema', async () => {
    for (const [key, fields] of Object.entries(expectedOf(corpus).schemas)) {
      const [namespace = '', name = ''] = key.split('|');
      const present = await column(
        `MATCH (f:Field)-[:FIELD_OF]->(a:Asset {namespace: $namespace, name: $name, kind: 'DATASET'}) WHERE f.removedAt IS NULL RETURN f.name AS it`,
        { namespace: prefix() + namespace, name },
      );
      expect(present, key).toEqual(expect.arrayContaining(fields));
    }
  });

  it('makes its flows between columns', async () => {
    const flows = await column(
      `MATCH (x:Field)-[c:FEEDS_FIELD]->(y:Field), (x)-[:FIELD_OF]->(a:Asset), (y)-[:FIELD_OF]->(b:Asset) WHERE a.namespace STARTS WITH $prefix
       RETURN DISTINCT a.namespace + ' ' + a.name + '.' + x.name + ' > ' + b.namespace + ' ' + b.name + '.' + y.name AS it`,
      { prefix: prefix() },
    );
    const { columns, column_edges: count } = expectedOf(corpus);
    // Of very many only the count is kept.
    if (typeof columns === 'string') {
      expect(flows.length).toBeGreaterThanOrEqual(count);
      return;
    }
    const expected = columns.map(([a, b, x, c, d, y]) => `${named(a, b)}.${x} > ${named(c, d)}.${y}`);
    expect(flows).toEqual(expect.arrayContaining(expected));
  });

  it('changes nothing when it is sent again', async () => {
    const before = await reportedGraph(driver, prefix());
    await report(source, placedIn(prefix(), eventsOf(corpus)));
    expect(await reportedGraph(driver, prefix())).toEqual(before);
  });

  it('makes the same graph in whatever order and however often it comes', async () => {
    const expected = await reportedGraph(driver, prefix());
    const other = `${server.namespace}-${corpus}-again:`;
    const events = placedIn(other, eventsOf(corpus));
    const shuffled =
      fc.sample(fc.shuffledSubarray([...events, ...events.slice(0, 5)], { minLength: events.length + 5 }), 1)[0] ?? [];
    for (let start = 0; start < shuffled.length; start += 37) await report(source, shuffled.slice(start, start + 37));
    expect(await reportedGraph(driver, other)).toEqual(expected);
  });
});

it('keeps each of more flows than one statement takes, once, however often the event comes', async () => {
  const namespace = `${server.namespace}-wide`;
  const columns = Array.from({ length: 4_100 }, (_each, at) => `c${at}`);
  const facet = { _producer: 'https://producer.example', _schemaURL: 'https://producer.example/schema' };
  const schema = { ...facet, fields: columns.map((name) => ({ name, type: 'int' })) };
  const from = (field: string): object => ({ inputFields: [{ namespace, name: 'read', field }] });
  const event = {
    ...{ eventType: 'COMPLETE', eventTime: '2026-11-29T12:00:00Z', producer: facet._producer },
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/definitions/RunEvent',
    ...{ run: { runId: randomUUID() }, job: { namespace, name: 'copy' } },
    inputs: [{ namespace, name: 'read', facets: { schema } }],
    outputs: [
      {
        ...{ namespace, name: 'written' },
        facets: {
          schema,
          columnLineage: { ...facet, fields: Object.fromEntries(columns.map((name) => [name, from(name)])) },
        },
      },
    ],
  };
  const read = `MATCH (d:Asset {namespace: $namespace, name: 'read'}) MATCH (c:Field) WHERE c.key STARTS WITH d.id + ':'`;
  const stated = (): Promise<string[]> =>
    column(`${read} MATCH (:LineageReport)-[:STATES]->(:ClaimedFlow {sourceId: c.id}) RETURN c.name AS it`, {
      namespace,
    });
  const claimed = (): Promise<string[]> =>
    column(`${read} MATCH (c)-[:FEEDS_FIELD]->(:Field) RETURN c.name AS it`, { namespace });
  expect(await report(source, [event])).toEqual([]);
  expect(await stated()).toEqual(columns.toSorted());
  expect(await claimed()).toEqual(columns.toSorted());
  expect(await report(source, [event, event])).toEqual([]);
  expect(await stated()).toEqual(columns.toSorted());
  expect(await claimed()).toEqual(columns.toSorted());
});

/** FAIL outdoes what else is said of the end. */
const stateOf = (ends: readonly string[]): string =>
  ends.includes('FAIL')
    ? 'FAILED'
    : ends.includes('ABORT')
      ? 'CANCELLED'
      : ends.includes('COMPLETE')
        ? 'SUCCEEDED'
        : 'RUNNING';

async function column(statement: string, parameters: Record<string, unknown>): Promise<string[]> {
  const { records } = await driver.executeQuery(statement, parameters);
  return records.map((record) => String(record.get('it'))).sort();
}
