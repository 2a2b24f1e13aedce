/** PySpark with the listener of OpenLineage reads, sums and writes, told a URL and a token alone. */
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { columnsInto, ProducerEnvironment, tellAsset, upstreamOf } from '../support/producers.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const PIPELINE = join(import.meta.dirname, 'programs/sums.py');

let server: TestWeftline;
let source: Client;
let folder: string;

beforeAll(async () => {
  const spark = await ProducerEnvironment.of('spark');
  server = await startTestWeftline();
  source = await server.user();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-spark-')));
  writeFileSync(join(folder, 'orders.csv'), 'customer,amount\nada,10.5\ngrace,7.25\nada,3.0\n');
  const jar = readdirSync(spark.folder).find((name) => name.startsWith('openlineage-spark'));
  const settings = {
    'spark.master': 'local[1]',
    'spark.driver.host': '127.0.0.1',
    'spark.driver.bindAddress': '127.0.0.1',
    'spark.ui.enabled': 'false',
    'spark.app.name': 'sums',
    'spark.jars': join(spark.folder, jar ?? ''),
    'spark.extraListeners': 'io.openlineage.spark.agent.OpenLineageSparkListener',
    'spark.openlineage.transport.type': 'http',
    'spark.openlineage.transport.url': server.address,
    'spark.openlineage.transport.auth.type': 'api_key',
    'spark.openlineage.transport.auth.apiKey': source.token ?? '',
    // Of the jobs; tests share one graph.
    'spark.openlineage.namespace': server.namespace,
  };
  const args = Object.entries(settings).flatMap(([key, value]) => ['--conf', `${key}=${value}`]);
  const PATH = `${join(spark.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  // spark-submit looks for Java there first.
  const java = process.env['JAVA_HOME'] === undefined ? {} : { JAVA_HOME: process.env['JAVA_HOME'] };
  const environment = { PATH, PYSPARK_PYTHON: spark.program('python'), ...java };
  const ended = await spark.run('spark-submit', [...args, PIPELINE, folder], { cwd: folder, environment });
  expect(ended, ended.output.slice(-4000)).toMatchObject({ code: 0 });
}, 500_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('PySpark with the listener of OpenLineage', () => {
  it('makes what was read and written, with fields, and the way between', async () => {
    const sums = await tellAsset(source, 'dataset', 'file', join(folder, 'sums'));
    expect(sums?.fields).toEqual([
      { name: 'customer', type: 'string' },
      { name: 'total', type: 'double' },
    ]);
    expect(upstreamOf(sums)).toEqual(expect.arrayContaining([`DATASET ${join(folder, 'orders.csv')}`]));
    expect(sums?.upstream.nodes.some(({ asset }) => asset?.kind === 'TRANSFORMATION')).toBe(true);
  });

  it('makes the ways between columns', async () => {
    const [orders, sums] = [join(folder, 'orders.csv'), join(folder, 'sums')];
    // It is taken as it is, and the rows are grouped by it: so no one word says what is done to it.
    const flows = (await columnsInto(source, 'file', sums, 'customer')).map((flow) => flow.trim());
    expect(flows).toContain(`${orders}.customer > ${sums}.customer`);
  });

  it('makes a version of what was written, with its rows, of a run that is part of the application', async () => {
    const sums = await tellAsset(source, 'dataset', 'file', join(folder, 'sums'));
    expect(sums?.versions?.nodes).toEqual([expect.objectContaining({ rowCount: 2 })]);
    const application = await tellAsset(source, 'transformation', server.namespace, 'sums');
    expect(application?.runs?.nodes).toEqual([expect.objectContaining({ state: 'SUCCEEDED' })]);
  });
});
