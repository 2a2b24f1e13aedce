import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  LineageReceiver,
  type ReceivedDataset,
  type ReceivedEvent,
  schemaFaults,
} from '../../support/lineage-receiver.js';
import { PASSWORD, TestPostgres } from '../../support/postgres.js';
import { WeftCommand } from '../../support/weft-command.js';

let postgres: TestPostgres;
let weft: WeftCommand;
let receiver: LineageReceiver;

const SHOP = `
CREATE SCHEMA sales;
CREATE TYPE sales.place AS (street text, city varchar(40));
CREATE TABLE sales.customers (id bigint PRIMARY KEY, name text NOT NULL UNIQUE, home sales.place, tags text[]);
COMMENT ON TABLE sales.customers IS 'Who buys';
COMMENT ON COLUMN sales.customers.name IS 'as they wrote it';
CREATE TABLE public.orders (id int, line int, customer bigint REFERENCES sales.customers (id), amount numeric(10, 2), PRIMARY KEY (id, line));
CREATE TABLE public."odd ""name"" № 1" ("a b" int);
CREATE VIEW sales.totals AS SELECT c.name, sum(o.amount) AS amount FROM sales.customers c JOIN public.orders o ON o.customer = c.id GROUP BY c.name;
CREATE MATERIALIZED VIEW sales.best AS SELECT name FROM sales.totals WHERE amount > 100;
INSERT INTO sales.customers SELECT g, 'n' || g FROM generate_series(1, 50) g;
ANALYZE;`;

beforeAll(async () => {
  [postgres, weft] = await Promise.all([TestPostgres.start('track_commit_timestamp=on'), WeftCommand.build()]);
  await postgres.query('CREATE DATABASE shop');
  await postgres.query(SHOP, 'shop');
});
afterAll(async () => {
  weft.remove();
  await postgres.stop();
});
beforeEach(async () => {
  receiver = await new LineageReceiver().start();
});
afterEach(() => receiver.stop());

const settings = (): Record<string, string> => ({ WEFTLINE_URL: receiver.url.href, WEFTLINE_TOKEN: 'a-token' });
const importShop = (...more: string[]) => weft.run(['import', 'postgres', postgres.url('shop'), ...more], settings());

async function events(): Promise<ReceivedEvent[]> {
  const outcome = await importShop();
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  return receiver.events;
}

const outputOf = (all: readonly ReceivedEvent[], name: string): ReceivedDataset => {
  const datasets = all.flatMap(({ dataset, outputs }) => dataset ?? outputs ?? []);
  return datasets.find((each) => each.name === name) as ReceivedDataset;
};

describe('npx weft import postgres', () => {
  it('sends events that hold to the official schemas, and the second time the same', async () => {
    const sent = JSON.stringify(await events());
    expect(schemaFaults(receiver.events)).toEqual([]);
    receiver.events.length = 0;
    expect(JSON.stringify(await events())).toBe(sent);
  });

  it('tells of tables by the names that others report them by', async () => {
    const all = await events();
    const names = all.flatMap(({ dataset, outputs }) => dataset ?? outputs ?? []);
    expect(names.map(({ name }) => name)).toEqual([
      'shop.public.odd "name" № 1',
      'shop.public.orders',
      'shop.sales.best',
      'shop.sales.customers',
      'shop.sales.totals',
    ]);
    expect(new Set(names.map(({ namespace }) => namespace))).toEqual(
      new Set([`postgres://127.0.0.1:${postgres.port}`]),
    );
  });

  it('tells of columns, types, what lies in them, comments, keys, owners and rows', async () => {
    const all = await events();
    const customers = outputOf(all, 'shop.sales.customers').facets;
    expect(customers?.['schema']?.['fields']).toEqual([
      { name: 'id', type: 'bigint' },
      { name: 'name', type: 'text', description: 'as they wrote it' },
      {
        name: 'home',
        type: 'sales.place',
        fields: [
          { name: 'street', type: 'text' },
          { name: 'city', type: 'character varying(40)' },
        ],
      },
      { name: 'tags', type: 'text[]' },
    ]);
    expect(customers?.['documentation']?.['description']).toBe('Who buys');
    expect(customers?.['ownership']?.['owners']).toEqual([{ name: 'weftline' }]);
    expect(customers?.['tags']?.['tags']).toEqual([
      { key: 'primary_key', value: 'true', source: 'POSTGRES', field: 'id' },
      { key: 'unique_key', value: 'true', source: 'POSTGRES', field: 'name' },
      { key: 'row_estimate', value: '50', source: 'POSTGRES' },
    ]);
    const keys = outputOf(all, 'shop.public.orders').facets?.['tags']?.['tags'] as { key: string }[];
    expect(keys).toContainEqual({
      key: 'foreign_key',
      value: 'shop.sales.customers.id',
      source: 'POSTGRES',
      field: 'customer',
    });
    expect(keys.filter(({ key }) => key === 'primary_key')).toHaveLength(2);
  });

  it('tells what a view reads, by which query, and which columns it needs', async () => {
    const all = await events();
    const view = all.find(({ job }) => job?.name === 'shop.sales.totals');
    expect(view?.inputs?.map(({ name }) => name).sort()).toEqual(['shop.public.orders', 'shop.sales.customers']);
    expect(view?.job?.facets['sql']?.['query']).toContain('sum(o.amount)');
    expect(view?.job?.facets['jobType']?.['jobType']).toBe('VIEW');
    const needed = view?.outputs?.[0]?.facets?.['columnLineage']?.['dataset'] as { name: string; field: string }[];
    expect(needed.map(({ name, field }) => `${name}.${field}`).sort()).toEqual([
      'shop.public.orders.amount',
      'shop.public.orders.customer',
      'shop.sales.customers.id',
      'shop.sales.customers.name',
    ]);
    const best = all.find(({ job }) => job?.name === 'shop.sales.best');
    expect(best?.inputs?.map(({ name }) => name)).toEqual(['shop.sales.totals']);
    expect(best?.outputs?.[0]?.facets?.['datasetType']).toMatchObject({ datasetType: 'VIEW', subType: 'MATERIALIZED' });
  });

  it('tells a change with a later time', async () => {
    const timeOf = (name: string) => receiver.events.find(({ dataset }) => dataset?.name === name)?.eventTime ?? '';
    await events();
    const [before, other] = [timeOf('shop.public.orders'), timeOf('shop.sales.customers')];
    receiver.events.length = 0;
    await postgres.query('ALTER TABLE public.orders ADD COLUMN note text', 'shop');
    await events();
    expect(Date.parse(timeOf('shop.public.orders'))).toBeGreaterThan(Date.parse(before));
    expect(timeOf('shop.sales.customers')).toBe(other);
  });

  it('takes the time and the name of the server that it is told', async () => {
    await importShop('--at', '2026-01-02T03:04:05Z', '--dataset-namespace', 'postgres://db.example:5432');
    expect(new Set(receiver.events.map(({ eventTime }) => eventTime))).toEqual(new Set(['2026-01-02T03:04:05.000Z']));
    expect(receiver.events[0]?.dataset?.namespace).toBe('postgres://db.example:5432');
  });

  it.each([
    ['http://127.0.0.1/shop', 2],
    ['postgres://hush-not-told', 2],
    ['not an address hush-not-told', 2],
    ['postgres://weftline:hush-not-told@127.0.0.1:1/shop', 1],
    ['postgres://weftline:hush%2Dnot-told@127.0.0.1:1/shop', 1],
  ])('tells what is wrong without the password: %s', async (url, code) => {
    const outcome = await weft.run(['import', 'postgres', url], settings());
    expect([outcome.code, outcome.stderr.includes(PASSWORD), outcome.stderr.includes('    at ')]).toEqual([
      code,
      false,
      false,
    ]);
    expect(receiver.requests).toEqual([]);
  });

  it('tells of a database that is not there', async () => {
    const outcome = await weft.run(['import', 'postgres', postgres.url('nowhere')], settings());
    expect([outcome.code, outcome.stderr]).toEqual([
      1,
      `The database 127.0.0.1:${postgres.port}/nowhere could not be read, and nothing was sent: database "nowhere" does not exist.\n`,
    ]);
  });
});

describe('a database that goes away halfway', () => {
  let proxy: Server;
  const sockets = new Set<Socket>();

  /** Lets bytes of the database through until some have come, and then drops the line. */
  async function cutAfter(bytes: number): Promise<number> {
    proxy = createServer((near) => {
      const far = new (near.constructor as typeof Socket)();
      far.connect(postgres.port, '127.0.0.1');
      let come = 0;
      for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
      near.pipe(far);
      far.on('data', (chunk: Buffer) => {
        come += chunk.byteLength;
        if (come <= bytes) near.write(chunk);
        else for (const socket of [near, far]) socket.destroy();
      });
    });
    await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
    return (proxy.address() as AddressInfo).port;
  }

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => proxy.close(done));
  });

  it.each([0, 500, 1_000, 2_000])('has nothing of it sent, after %s bytes', async (bytes) => {
    const port = await cutAfter(bytes);
    const url = `postgres://weftline:${PASSWORD}@127.0.0.1:${port}/shop`;
    const outcome = await weft.run(['import', 'postgres', url], settings());
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/could not be read, and nothing was sent/);
    expect(outcome.stderr).not.toContain(PASSWORD);
    expect(receiver.requests).toEqual([]);
  });
});
