import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../src/neo4j/graph.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const WRITERS = 8;
const TRANSACTIONS = `// test.transactions
SHOW TRANSACTIONS YIELD metaData, status, currentQuery WHERE metaData.app = 'weftline'
RETURN metaData.requestId AS request, status, currentQuery AS query`;

const UPDATE = `mutation($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { revision } } }`;
const RENAME = `mutation($input: RenameAssetInput!) { renameAsset(input: $input) { asset { revision } } }`;
const RETIRE = `mutation($input: RetireAssetInput!) { retireAsset(input: $input) { asset { revision } } }`;
const REGISTER = `mutation($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { id } } }`;

interface Writer {
  client: Client;
  namespace: string;
  asset: { id: string; urn: string };
}

let server: TestWeftline;
let writers: Writer[];

beforeAll(async () => {
  server = await startTestWeftline();
  writers = [];
  for (let n = 1; n <= WRITERS; n++) {
    const [client, namespace] = [await server.user(), `${server.namespace}-${n}`];
    writers.push({ client, namespace, asset: await new Seed(client, namespace).dataset('own') });
  }
});

afterAll(() => server.stop());

/**
 * Lets all write at once and holds each before its commit until all are there, with all their locks: if one waits for
 * another, they never are. Gives how many came, and the statements that were met waiting.
 */
async function meet(write: (writer: Writer) => Promise<unknown>): Promise<{ met: number; waiting: string[] }> {
  const { graph } = server;
  const own = graph.write.bind(graph);
  const [begun, there, waiting] = [new Set<string>(), new Set<string>(), [] as string[]];
  const over = new AbortController();
  const held: Graph['write'] = (by, work) =>
    own(by, async (tx) => {
      if (by.operation !== '/graphql') return work(tx);
      begun.add(by.requestId);
      const result = await work(tx);
      there.add(by.requestId);
      while (there.size < WRITERS && !over.signal.aborted) await delay(5);
      return result;
    });
  graph.write = held;
  const written = Promise.all(writers.map(write)).finally(() => over.abort());
  try {
    while (there.size < WRITERS && !over.signal.aborted && waiting.length === 0) {
      await delay(20);
      const seen = await graph.read({ requestId: 'test', operation: 'test' }, TRANSACTIONS, {});
      const blocked = seen.filter((row) => begun.has(row.text('request')) && row.text('status').startsWith('Blocked'));
      waiting.push(...blocked.map((row) => row.text('query')));
    }
    over.abort();
    await written;
    return { met: there.size, waiting };
  } finally {
    over.abort();
    graph.write = own;
  }
}

describe('Writers who share neither asset nor namespace', () => {
  it.each([
    [
      'an asset by its id',
      ({ client, asset }: Writer) => client.data(UPDATE, { input: { ref: asset.id, tags: ['by-id'] } }),
    ],
    [
      'an asset by its urn',
      ({ client, asset }: Writer) => client.data(UPDATE, { input: { ref: asset.urn, tags: ['by-urn'] } }),
    ],
    ['its name', ({ client, asset }: Writer) => client.data(RENAME, { input: { ref: asset.id, name: 'own renamed' } })],
    [
      'that it is retired',
      ({ client, asset }: Writer) => client.data(RETIRE, { input: { ref: asset.id, retired: true } }),
    ],
    [
      'a new asset with fields',
      ({ client, namespace }: Writer) =>
        client.data(REGISTER, { input: { namespace, name: 'new', fields: [{ name: 'a' }, { name: 'b' }] } }),
    ],
    [
      'the first asset of a namespace',
      ({ client, namespace }: Writer) =>
        client.data(REGISTER, { input: { namespace: `${namespace}-new`, name: 'first' } }),
    ],
  ])('do not wait for one another: %s', { timeout: 300_000 }, async (_what, write) => {
    expect(await meet(write)).toEqual({ met: WRITERS, waiting: [] });
  });
});
