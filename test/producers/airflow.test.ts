/** Airflow runs a DAG on PostgreSQL, and its provider of OpenLineage reports it, told a URL and a token alone. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Airflow } from '../support/airflow.js';
import type { Client } from '../support/client.js';
import { TestPostgres } from '../support/postgres.js';
import { columnsInto, reportingTo, tellAsset, type ToldAsset, upstreamOf } from '../support/producers.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const DAG = join(import.meta.dirname, 'programs/daily_sales.py');
const SHOP = `CREATE TABLE customers (id int PRIMARY KEY, name text, country text);
  CREATE TABLE arrived (id int, customer_id int, amount numeric(10, 2));
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, amount numeric(10, 2));
  CREATE TABLE sales (customer text, country text, total numeric(10, 2) CONSTRAINT total_is_positive CHECK (total > 0));
  INSERT INTO customers VALUES (1, 'ada', 'GB'), (2, 'grace', 'US')`;

let server: TestWeftline;
let postgres: TestPostgres;
let airflow: Airflow;
let source: Client;
let admin: Client;
let arrived: string;

beforeAll(async () => {
  airflow = await Airflow.of(DAG);
  arrived = join(airflow.folder, 'arrived.csv');
  postgres = await TestPostgres.start();
  await postgres.query('CREATE DATABASE shop');
  await postgres.query(SHOP, 'shop');
  server = await startTestWeftline();
  source = await server.user();
  admin = await server.user({ role: 'ADMIN' });
  const ended = await airflow.test('daily_sales', {
    ...reportingTo(server, source),
    // Of the jobs; tests share one graph.
    OPENLINEAGE_NAMESPACE: server.namespace,
    AIRFLOW_CONN_SHOP: postgres.url('shop'),
    ARRIVED_ORDERS: arrived,
  });
  // The last task fails, and so the whole.
  expect(ended, ended.output.slice(-4000)).toMatchObject({ code: 1 });
  expect(ended.output).toContain('Successfully emitted OpenLineage');
  expect(ended.output).not.toMatch(/Failed to emit|Failed to extract/);
});
afterAll(async () => {
  await server.stop();
  await postgres.stop();
  airflow.remove();
});

const tables = (): string => `postgres://127.0.0.1:${postgres.port}`;
const table = (name: string): Promise<ToldAsset | null> =>
  tellAsset(source, 'dataset', tables(), `shop.public.${name}`);
const task = (name: string, by = source): Promise<ToldAsset | null> =>
  tellAsset(by, 'transformation', server.namespace, `daily_sales${name === '' ? '' : `.${name}`}`);

interface Words {
  reported: {
    owners: { name: string }[];
    tags: { key: string; value: string; saidIn: string | null }[];
    descriptions: { text: string }[];
    jobTypes: { type: string }[];
  };
  reportedCode: { isSql: boolean; language: string | null; text: string | null; withheld: string | null }[];
  runs: { nodes: RunWords[] };
}

interface RunWords {
  root: { externalId: string | null } | null;
  processingEngine: { name: string | null; version: string } | null;
  nominalTime: { start: string } | null;
  startedAt: string;
  endedAt: string | null;
}

/** What Airflow said of a task in words; of the DAG, where no task is named. */
async function wordsOf(by: Client, name = ''): Promise<Words> {
  const job = `daily_sales${name === '' ? '' : `.${name}`}`;
  const ref = `urn:weft:transformation:${encodeURIComponent(server.namespace)}:${encodeURIComponent(job)}`;
  const words = `query ($ref: AssetRef!) { asset(ref: $ref) {
    reported { owners { name } tags { key value saidIn } descriptions { text } jobTypes { type } }
    ... on Transformation {
      reportedCode { isSql language text withheld }
      runs(first: 5) { nodes { root { externalId } processingEngine { name version } nominalTime { start } startedAt endedAt } }
    }
  } }`;
  return (await by.data<{ asset: Words }>(words, { ref })).asset;
}

describe('Airflow with its provider of OpenLineage', () => {
  it('makes the tables that tasks read and write, and the way between', async () => {
    const best = await table('best_customer');
    expect(best?.fields).toEqual([
      { name: 'customer', type: 'text' },
      { name: 'total', type: 'numeric' },
    ]);
    expect(upstreamOf(best)).toEqual([
      'DATASET shop.public.arrived',
      'DATASET shop.public.customers',
      'DATASET shop.public.orders',
      'DATASET shop.public.sales',
      'TRANSFORMATION daily_sales.close_books',
      'TRANSFORMATION daily_sales.load_orders.query.2',
      'TRANSFORMATION daily_sales.rank_customers',
      'TRANSFORMATION daily_sales.sum_orders',
    ]);
    expect(upstreamOf(await tellAsset(source, 'dataset', 'file', arrived))).toEqual([
      'TRANSFORMATION daily_sales.fetch_orders',
    ]);
  });

  it('makes the ways between columns', async () => {
    const flows = await columnsInto(source, tables(), 'shop.public.best_customer', 'total');
    expect(flows.map((flow) => flow.trim().split(' ').slice(0, 3).join(' '))).toEqual([
      'shop.public.arrived.amount > shop.public.orders.amount',
      'shop.public.orders.amount > shop.public.sales.total',
      'shop.public.sales.total > shop.public.best_customer.total',
    ]);
  });

  it('makes a version of what a task wrote, of a run that is part of the run of the DAG', async () => {
    const [dag] = (await task(''))?.runs?.nodes ?? [];
    const [run] = (await task('sum_orders'))?.runs?.nodes ?? [];
    expect(run).toMatchObject({ state: 'SUCCEEDED', error: null, parent: { externalId: dag?.externalId } });
    expect(run?.inputs).toHaveLength(1);
    // What failed wrote none.
    expect((await table('sales'))?.versions?.nodes).toEqual([
      expect.objectContaining({ version: run?.externalId, generatedBy: { externalId: run?.externalId } }),
    ]);
    const [ranked] = (await task('rank_customers'))?.runs?.nodes ?? [];
    expect(ranked).toMatchObject({
      inputs: [{ version: run?.externalId }],
      outputs: [{ version: ranked?.externalId }],
    });
  });

  it('makes a run of each query that a task of Python asks, as part of that task and of the whole', async () => {
    const [dag] = (await task(''))?.runs?.nodes ?? [];
    const [load] = (await task('load_orders'))?.runs?.nodes ?? [];
    const [query] = (await task('load_orders.query.2'))?.runs?.nodes ?? [];
    expect(load).toMatchObject({ state: 'SUCCEEDED', parent: { externalId: dag?.externalId } });
    expect(query).toMatchObject({ state: 'SUCCEEDED', parent: { externalId: load?.externalId } });
    const { runs } = await wordsOf(source, 'load_orders.query.2');
    expect(runs.nodes).toMatchObject([{ root: { externalId: dag?.externalId } }]);
  });

  it('tells what a task failed with, who may edit it its words, and that the whole failed by it', async () => {
    const [failed] = (await task('close_books', admin))?.runs?.nodes ?? [];
    expect(failed).toMatchObject({ state: 'FAILED', outputs: [] });
    expect(failed?.error).toContain('new row for relation "sales" violates check constraint "total_is_positive"');
    const [toSource] = (await task('close_books'))?.runs?.nodes ?? [];
    expect(toSource?.error).toMatch(/^Withheld: /);
    expect((await task('', admin))?.runs?.nodes).toMatchObject([{ state: 'FAILED', error: 'task_failure' }]);
  });

  it('keeps the code of tasks, the SQL and that of the shell, for who may edit them', async () => {
    const { reportedCode: ranking } = await wordsOf(admin, 'rank_customers');
    expect(ranking).toMatchObject([{ isSql: true, withheld: null }]);
    expect(ranking[0]?.text).toContain('create table best_customer as select customer, total from sales');
    const { reportedCode: fetching } = await wordsOf(admin, 'fetch_orders');
    expect(fetching).toMatchObject([{ isSql: false, language: 'bash' }]);
    expect(fetching[0]?.text).toContain('id,customer_id,amount');
    const { reportedCode: toSource } = await wordsOf(source, 'rank_customers');
    expect(toSource).toMatchObject([{ isSql: true, text: null }]);
    expect(toSource[0]?.withheld).not.toBeNull();
  });

  it('keeps what a DAG says of itself and its tasks: owner, tags, description, kind, engine and times', async () => {
    const [dag, sum] = [await wordsOf(source), await wordsOf(source, 'sum_orders')];
    const said = {
      owners: [{ name: 'sales-data' }],
      tags: [{ key: 'sales', value: 'sales', saidIn: 'AIRFLOW' }],
      descriptions: [{ text: 'Sums what each customer ordered' }],
    };
    expect(dag.reported).toEqual({ ...said, jobTypes: [{ type: 'DAG' }] });
    expect(sum.reported).toEqual({ ...said, jobTypes: [{ type: 'TASK' }] });
    const [run] = sum.runs.nodes;
    expect(run).toMatchObject({ processingEngine: { name: 'Airflow', version: '3.3.2' } });
    expect([run?.nominalTime?.start, run?.endedAt].map((time) => Number.isNaN(Date.parse(time ?? '')))).toEqual([
      false,
      false,
    ]);
  });
});
