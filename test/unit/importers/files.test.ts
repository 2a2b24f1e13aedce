import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Duck } from '../../../src/importers/files/duck.js';
import { fileEvents, type Tally } from '../../../src/importers/files/file-events.js';
import { searchFor, type Unread } from '../../../src/importers/files/find-files.js';
import { type ReceivedDataset, type ReceivedEvent, schemaFaults } from '../../support/lineage-receiver.js';

let duck: Duck;
let folder: string;

beforeAll(async () => {
  duck = await Duck.open();
});
afterAll(() => duck.close());
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-files-test-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Imported {
  events: ReceivedEvent[];
  unread: Unread[];
  tally: Tally;
}

async function imported(given = folder, maxFiles = 100): Promise<Imported> {
  const tally: Tally = { read: 0, beyond: 0, unread: 0 };
  const unread: Unread[] = [];
  const events: ReceivedEvent[] = [];
  const tell = (each: Unread): void => void unread.push(each);
  for await (const event of fileEvents(await searchFor(given, maxFiles), duck, { tally, tell }))
    events.push(event as unknown as ReceivedEvent);
  return { events, unread, tally };
}

const write = (name: string, text: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, new Date('2026-01-02T03:04:05.678Z'), new Date('2026-01-02T03:04:05.678Z'));
  return path;
};
const only = async (given = folder): Promise<ReceivedDataset> => {
  const { events, unread } = await imported(given);
  expect([events.length, unread]).toEqual([1, []]);
  return events[0]?.dataset as ReceivedDataset;
};
const metrics = (dataset: ReceivedDataset): Record<string, unknown> => dataset.facets?.['dataQualityMetrics'] ?? {};
const namesIn = ({ events }: Imported): string[] =>
  events.map(({ dataset }) => dataset?.name.slice(folder.length + 1) ?? '');

describe('a file of rows', () => {
  it('is a data set with its columns, digest and the profile of each column', async () => {
    const path = write('orders.csv', 'id,amount,city\n1,1.5,Ulm\n2,2.5,Ulm\n3,,Köln\n4,10.5,\n');
    const dataset = await only();
    expect([dataset.namespace, dataset.name]).toEqual(['file', path]);
    expect(dataset.facets?.['schema']?.['fields']).toEqual([
      { name: 'id', type: 'BIGINT' },
      { name: 'amount', type: 'DOUBLE' },
      { name: 'city', type: 'VARCHAR' },
    ]);
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(dataset.facets?.['version']?.['datasetVersion']).toBe(`sha256:${digest}`);
    expect(metrics(dataset)).toMatchObject({ rowCount: 4, lastUpdated: '2026-01-02T03:04:05.678Z' });
    expect(metrics(dataset)['columnMetrics']).toEqual({
      id: { count: 4, nullCount: 0, distinctCount: 4, min: 1, max: 4, quantiles: { 0.25: 1, 0.5: 2, 0.75: 3 } },
      amount: {
        count: 3,
        nullCount: 1,
        distinctCount: 3,
        min: 1.5,
        max: 10.5,
        quantiles: { 0.25: 1.5, 0.5: 2.5, 0.75: 10.5 },
      },
      city: { count: 3, nullCount: 1, distinctCount: 2 },
    });
  });

  it('may be Parquet, with what lies in its columns', async () => {
    const path = join(folder, 'nested.parquet');
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(
      `COPY (SELECT {'a': 1, 'deep': [{'b': 'x'}]} AS s, MAP {'k': 1.5} AS m, 'NaN'::DOUBLE AS n, 9007199254740993::BIGINT AS big) TO '${path}'`,
    );
    connection.closeSync();
    const dataset = await only();
    expect(dataset.facets?.['schema']?.['fields']).toMatchObject([
      {
        name: 's',
        fields: [
          { name: 'a', type: 'INTEGER' },
          { name: 'deep', fields: [{ name: 'element', fields: [{ name: 'b', type: 'VARCHAR' }] }] },
        ],
      },
      { name: 'm', fields: [{ name: 'key', type: 'VARCHAR' }, { name: 'value' }] },
      { name: 'n', type: 'DOUBLE' },
      { name: 'big', type: 'BIGINT' },
    ]);
    expect(metrics(dataset)['columnMetrics']).toMatchObject({
      n: { count: 1, nullCount: 0 },
      s: { count: 1, nullCount: 0 },
    });
  });

  it.each([
    ['rows.json', '[{"a": 1, "b": {"c": true}}, {"a": 2}]'],
    ['rows.ndjson', '{"a": 1, "b": {"c": true}}\n{"a": 2}\n'],
    ['rows.jsonl.gz', gzipSync('{"a": 1, "b": {"c": true}}\n{"a": 2}\n')],
  ])('may be JSON: %s', async (name, text) => {
    write(name, text);
    const dataset = await only();
    expect(dataset.facets?.['schema']?.['fields']).toMatchObject([
      { name: 'a', type: 'BIGINT' },
      { name: 'b', fields: [{ name: 'c', type: 'BOOLEAN' }] },
    ]);
    expect(metrics(dataset)['rowCount']).toBe(2);
  });

  it.each([
    "it's.csv",
    'two\nlines.csv',
    'a "quoted" name.csv',
    'with [signs]*.csv',
    "');DROP TABLE x;--.csv",
    'ünï©ode №.csv',
    '{a,b}.csv',
    '$1.csv',
  ])('may have any name, which is never part of a statement: %j', async (name) => {
    const path = write(name, 'a,b\n1,2\n');
    expect((await only()).name).toBe(path);
    expect((await only(path)).name).toBe(path);
  });

  it('may have columns of any name', async () => {
    write('columns.csv', '"a ""quoted"" one","b;DROP",__proto__,""\n1,2,3,4\n');
    const fields = (await only()).facets?.['schema']?.['fields'] as { name: string }[];
    expect(fields.map(({ name }) => name).slice(0, 3)).toEqual(['a "quoted" one', 'b;DROP', '__proto__']);
  });

  it('makes events that hold to the official schemas, the same each time', async () => {
    write('one.csv', 'a,b\n1,x\n2,y\n');
    write('two.json', '[{"a": {"b": [1, 2]}}]');
    const { events } = await imported();
    expect(schemaFaults(events)).toEqual([]);
    expect(JSON.stringify((await imported()).events)).toBe(JSON.stringify(events));
    expect(events[0]?.eventTime).toBe('2026-01-02T03:04:05.678Z');
  });
});

describe('what is no table', () => {
  it('is told and counted, and the rest is read', async () => {
    write('a.csv', 'a,b\n1,2\n');
    write('empty.csv', '');
    write('torn.parquet', 'PAR1 and no more');
    write('torn.json', '{"a": [1, 2');
    write('bytes.json.gz', 'this is not compressed');
    write('z.csv', 'a,b\n1,2\n');
    write('notes.txt', 'not asked for');
    const { events, unread, tally } = await imported();
    expect(events.map(({ dataset }) => dataset?.name)).toEqual([join(folder, 'a.csv'), join(folder, 'z.csv')]);
    expect(unread.map(({ path }) => path.slice(folder.length + 1)).sort()).toEqual([
      'bytes.json.gz',
      'empty.csv',
      'torn.json',
      'torn.parquet',
    ]);
    expect(tally).toEqual({ read: 2, beyond: 0, unread: 4 });
  });

  it('may vanish or change while it is read, and is not believed then', async () => {
    const path = write('b.csv', 'a\n1\n');
    write('c.csv', 'a\n1\n');
    const changing = {
      read: (...asked: Parameters<Duck['read']>) => {
        if (asked[0].endsWith('b.csv')) writeFileSync(path, 'a\n1\n2\n');
        else rmSync(asked[0]);
        return duck.read(...asked);
      },
    } as Duck;
    const unread: Unread[] = [];
    const tally: Tally = { read: 0, beyond: 0, unread: 0 };
    const tell = (each: Unread): void => void unread.push(each);
    const events = [];
    for await (const event of fileEvents(await searchFor(folder, 9), changing, { tally, tell })) events.push(event);
    expect([events, tally.unread]).toEqual([[], 2]);
    expect(unread[0]?.why).toBe('it was changed while it was read');
  });
});

describe('the files of a folder', () => {
  it('are found below it, each once, whatever links lead there, and hidden ones are left alone', async () => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    mkdirSync(join(folder, '.hidden'));
    write('deep/er/a.csv', 'a\n1\n');
    write('.hidden/b.csv', 'a\n1\n');
    symlinkSync('..', join(folder, 'deep/circle'));
    symlinkSync(join(folder, 'deep/er/a.csv'), join(folder, 'again.csv'));
    symlinkSync('self.csv', join(folder, 'self.csv'));
    symlinkSync('nowhere.csv', join(folder, 'lost.csv'));
    const found = await imported();
    expect(namesIn(found)).toEqual(['deep/er/a.csv']);
    expect(found.unread.map(({ why }) => why).sort()).toEqual([
      'it is not there any more, or the link leads nowhere',
      'its links lead in a circle',
    ]);
  });

  it('are those that a pattern names', async () => {
    mkdirSync(join(folder, 'x'));
    for (const name of ['a.csv', 'b.json', 'x/c.csv', 'x/d.csv'])
      write(name, name.endsWith('json') ? '[{"a":1}]' : 'a\n1\n');
    expect(namesIn(await imported(`${folder}/*.csv`))).toEqual(['a.csv']);
    expect(namesIn(await imported(`${folder}/**/*.csv`))).toEqual(['a.csv', 'x/c.csv', 'x/d.csv']);
    expect(namesIn(await imported(`${folder}/x/{c,e}.csv`))).toEqual(['x/c.csv']);
  });

  it('are no more than was allowed, and how many more there are is told', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) write(`${name}.csv`, 'a\n1\n');
    const found = await imported(folder, 3);
    expect(namesIn(found)).toEqual(['a.csv', 'b.csv', 'c.csv']);
    expect(found.tally).toEqual({ read: 3, beyond: 2, unread: 0 });
  });

  it('are told where a folder may not be read', async () => {
    mkdirSync(join(folder, 'closed'));
    write('a.csv', 'a\n1\n');
    chmodSync(join(folder, 'closed'), 0);
    const found = await imported();
    chmodSync(join(folder, 'closed'), 0o700);
    expect(namesIn(found)).toEqual(['a.csv']);
    // The superuser may read it all the same.
    const isSuperuser = process.getuid?.() === 0;
    expect(found.unread.map(({ why }) => why)).toEqual(isSuperuser ? [] : ['you may not read it']);
  });
});

describe('the engine that reads files', () => {
  it('fetches nothing from a network, and cannot be made to', async () => {
    await expect(duck.read('https://127.0.0.1:1/x.csv', 'csv')).rejects.toThrow();
    await expect(duck.read('s3://bucket/x.parquet', 'parquet')).rejects.toThrow();
  });
});
