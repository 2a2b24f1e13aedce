/** The importers of files and of PostgreSQL send to a real server, and the graph says what they read. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { PASSWORD, TestPostgres } from '../support/postgres.js';
import { tellAsset, upstreamOf } from '../support/producers.js';
import { reportedGraph } from '../support/reported-graph.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { type Outcome, WeftCommand } from '../support/weft-command.js';

let server: TestWeftline;
let driver: Driver;
let source: Client;
let weft: WeftCommand;
let folder: string;

beforeAll(async () => {
  server = await startTestWeftline();
  driver = openSharedDriver();
  source = await server.user();
  weft = await WeftCommand.build();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-imports-')));
});
afterAll(async () => {
  weft.remove();
  await driver.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const bringIn = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  weft.run(['import', ...args], { WEFTLINE_URL: server.address, WEFTLINE_TOKEN: source.token ?? '', ...more });

describe('npx weft import files', () => {
  const FILES = ['orders.csv', 'orders.parquet', 'events.jsonl'];

  beforeAll(async () => {
    writeFileSync(join(folder, 'orders.csv'), 'id,amount\n1,10.5\n2,\n3,7.25\n');
    writeFileSync(
      join(folder, 'events.jsonl'),
      '{"kind":"visit","at":{"page":"/"}}\n{"kind":"order","at":{"page":"/cart"}}\n',
    );
    const duck = await (await DuckDBInstance.create()).connect();
    const [from, to] = [join(folder, 'orders.csv'), join(folder, 'orders.parquet')];
    await duck.run(`COPY (SELECT * FROM read_csv('${from}')) TO '${to}' (FORMAT parquet)`);
    duck.closeSync();
  });

  it('makes of each a data set with fields, a version and what was measured of it', async () => {
    const outcome = await bringIn(['files', folder]);
    expect(outcome.stdout).toBe(`3 of 3 events were taken by ${server.address}.\n`);
    for (const name of FILES.slice(0, 2)) {
      const asset = await tellAsset(source, 'dataset', 'file', join(folder, name));
      expect(
        asset?.fields?.map((field) => field.name),
        name,
      ).toEqual(['id', 'amount']);
      const amount = asset?.qualityHistory?.nodes.find(({ field }) => field === 'amount');
      expect(amount, name).toMatchObject({ kind: 'METRIC', metrics: { min: 7.25, max: 10.5 } });
    }
    const events = await tellAsset(source, 'dataset', 'file', join(folder, 'events.jsonl'));
    expect(events?.fields?.map((field) => field.name)).toEqual(expect.arrayContaining(['kind', 'at', 'at.page']));
  });

  it('changes nothing the second time', async () => {
    const before = await reportedGraph(driver, 'file');
    expect((await bringIn(['files', folder])).code).toBe(0);
    expect(await reportedGraph(driver, 'file')).toEqual(before);
  });
});

describe('npx weft import postgres', () => {
  let postgres: TestPostgres;
  const TABLES = `CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL);
    COMMENT ON TABLE customers IS 'Who buys';
    CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customers, amount numeric(10, 2));
    CREATE VIEW sums AS SELECT c.name, sum(o.amount) AS amount FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.name`;

  beforeAll(async () => {
    postgres = await TestPostgres.start('track_commit_timestamp=on');
    await postgres.query('CREATE DATABASE shop');
    await postgres.query(TABLES, 'shop');
  });
  afterAll(() => postgres.stop());

  const bringInShop = (): Promise<Outcome> =>
    bringIn(['postgres', `postgres://weftline@127.0.0.1:${postgres.port}/shop`], { PGPASSWORD: PASSWORD });
  const namespace = (): string => `postgres://127.0.0.1:${postgres.port}`;

  it('makes tables, and views with what they read', async () => {
    const outcome = await bringInShop();
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const customers = await tellAsset(source, 'dataset', namespace(), 'shop.public.customers');
    expect(customers?.fields).toEqual([
      { name: 'id', type: 'integer' },
      { name: 'name', type: 'text' },
    ]);
    const sums = await tellAsset(source, 'dataset', namespace(), 'shop.public.sums');
    expect(upstreamOf(sums)).toEqual([
      'DATASET shop.public.customers',
      'DATASET shop.public.orders',
      'TRANSFORMATION shop.public.sums',
    ]);
  });

  it('changes nothing the second time', async () => {
    const before = await reportedGraph(driver, namespace());
    expect((await bringInShop()).code).toBe(0);
    expect(await reportedGraph(driver, namespace())).toEqual(before);
  });
});
