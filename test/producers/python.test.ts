/** A pipeline of plain Python reports with the client of OpenLineage, told a URL and a token alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { columnsInto, ProducerEnvironment, reportingTo, tellAsset, upstreamOf } from '../support/producers.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const PIPELINE = join(import.meta.dirname, 'programs/totals.py');

let server: TestWeftline;
let python: ProducerEnvironment;
let source: Client;
let folder: string;

beforeAll(async () => {
  python = await ProducerEnvironment.of('python');
  server = await startTestWeftline();
  source = await server.user();
  folder = mkdtempSync(join(tmpdir(), 'weftline-python-'));
  const environment = reportingTo(server, source);
  const ended = await python.run('python', [PIPELINE, server.namespace], { cwd: folder, environment });
  expect(ended, ended.output).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('openlineage-python', () => {
  it('makes what was read and written, and the way between', async () => {
    const totals = await tellAsset(source, 'dataset', server.namespace, 'totals');
    expect(totals?.fields).toEqual([
      { name: 'customer', type: 'VARCHAR' },
      { name: 'total', type: 'DOUBLE' },
    ]);
    expect(upstreamOf(totals)).toEqual(['DATASET orders', 'TRANSFORMATION totals']);
  });

  it('makes the ways between columns, with what is done to them', async () => {
    expect(await columnsInto(source, server.namespace, 'totals', 'customer')).toEqual([
      'orders.customer > totals.customer IDENTITY',
    ]);
    expect(await columnsInto(source, server.namespace, 'totals', 'total')).toEqual([
      'orders.amount > totals.total AGGREGATION',
      'orders.customer > totals.total GROUP_BY',
    ]);
  });

  it('makes the versions that it names, and the run between them', async () => {
    const totals = await tellAsset(source, 'dataset', server.namespace, 'totals');
    const job = await tellAsset(source, 'transformation', server.namespace, 'totals');
    const [run] = job?.runs?.nodes ?? [];
    expect(run).toMatchObject({
      state: 'SUCCEEDED',
      inputs: [{ version: '5613249541547248623' }],
      outputs: [{ version: '2' }],
    });
    expect(totals?.versions?.nodes).toEqual([
      expect.objectContaining({ version: '2', rowCount: 2, generatedBy: { externalId: run?.externalId } }),
    ]);
  });

  it('keeps what it measured and tested of that version', async () => {
    const orders = await tellAsset(source, 'dataset', server.namespace, 'orders');
    expect(orders?.versions?.nodes).toEqual([
      expect.objectContaining({ qualityStatus: { verdict: 'PASSED', passed: 1, failed: 0, warned: 0 } }),
    ]);
    const version = { version: '5613249541547248623' };
    expect(orders?.qualityHistory?.nodes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ assertion: 'positive', field: 'amount', success: true, version }),
        expect.objectContaining({ kind: 'METRIC', field: 'amount', metrics: { rowCount: null, min: 3, max: 10.5 } }),
      ]),
    );
  });

  it('tells what a run failed with, who may edit the job its words', async () => {
    const tell = (by: Client) => tellAsset(by, 'transformation', server.namespace, 'broken');
    const [broken, toAdmin] = [await tell(source), await tell(await server.user({ role: 'ADMIN' }))];
    const withheld: unknown = expect.stringMatching(/^Withheld: /);
    expect(broken?.runs?.nodes).toMatchObject([{ state: 'FAILED', error: withheld, outputs: [] }]);
    expect(toAdmin?.runs?.nodes).toMatchObject([{ state: 'FAILED', error: 'no order is negative, and one was' }]);
    expect(upstreamOf(broken)).toEqual(['DATASET orders', 'DATASET totals', 'TRANSFORMATION totals']);
  });
});
