/** What the import of MLflow does with servers that are none, break off, or say too much. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { afterEach, describe, expect, it } from 'vitest';
import type { Outgoing } from '../../../src/importers/events/outgoing.js';
import { Changes } from '../../../src/importers/mlflow/changes.js';
import { MlflowReader } from '../../../src/importers/mlflow/mlflow-events.js';
import { type Credentials, TrackingApi, TrackingUnreachable } from '../../../src/importers/mlflow/tracking-api.js';
import { TrackingServer } from '../../../src/importers/mlflow/tracking-server.js';
import { EventMaker } from '../../../src/importers/events/outgoing.js';

const ROOT = join(import.meta.dirname, '../../..');
let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

type Answer = (path: string, request: IncomingMessage, body: Record<string, unknown>) => Reply;
interface Reply {
  status?: number;
  type?: string;
  body?: unknown;
  /** It breaks off in the middle. */
  breaks?: boolean;
}

async function serve(answer: Answer): Promise<URL> {
  const listening = createServer((request, response) => void reply(request, response, answer));
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  return new URL(`http://127.0.0.1:${(listening.address() as AddressInfo).port}`);
}

async function reply(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
  const path = (request.url ?? '').replace('/api/2.0/mlflow/', '').replace(/\?.*/, '');
  const said = answer(path, request, body);
  response.writeHead(said.status ?? 200, { 'content-type': said.type ?? 'application/json' });
  if (said.breaks === true) {
    response.write('{"runs": [');
    response.destroy();
    return;
  }
  response.end(typeof said.body === 'string' ? said.body : JSON.stringify(said.body ?? {}));
}

const EXPERIMENT = { experiment_id: '1', name: 'points', creation_time: 1_795_000_000_000 };
const runOf = (more: object): object => ({
  info: {
    run_id: '0123456789abcdef0123456789abcdef',
    experiment_id: '1',
    status: 'FINISHED',
    start_time: 1_795_000_000_000,
    end_time: 1_795_000_001_000,
  },
  ...more,
});
/** A server with one experiment and this run. */
const withRun =
  (run: object, history: readonly object[] = []): Answer =>
  (path) => {
    if (path === 'experiments/search') return { body: { experiments: [EXPERIMENT] } };
    if (path === 'runs/search') return { body: { runs: [run] } };
    return { body: path === 'metrics/get-history' ? { metrics: history } : {} };
  };

async function read(address: URL, credentials: Credentials = null): Promise<Outgoing[]> {
  const signal = new AbortController().signal;
  const api = new TrackingApi({ server: address, credentials, signal, wait: () => Promise.resolve() });
  const reader = new MlflowReader(new TrackingServer(api), {
    namespace: 'mlflow://test',
    experiments: [],
    tell: () => undefined,
  });
  const events: Outgoing[] = [];
  for await (const event of reader.read()) events.push(event);
  return events;
}

const facetsOf = (event: Outgoing | undefined): Record<string, Record<string, unknown>> =>
  (event?.['run'] as { facets: Record<string, Record<string, unknown>> }).facets;

describe('A server that is none', () => {
  it.each<[string, Reply, RegExp]>([
    ['answers a page', { type: 'text/html', body: '<html>hello</html>' }, /is no answer of MLflow.*--tracking-uri/],
    [
      'has no such path',
      { status: 404, type: 'text/html', body: '<html>no</html>' },
      /^There is no MLflow server at .*404/,
    ],
    ['answers something else', { body: { experiments: [{ id: 1 }] } }, /no answer of MLflow at experiments\.0\./],
    ['asks who it is', { status: 401, body: {} }, /refused \(401\)\. Set MLFLOW_TRACKING_TOKEN/],
    ['sends elsewhere', { status: 302, body: {} }, /sends elsewhere \(302\)/],
    [
      'refuses',
      { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' } },
      /INVALID_PARAMETER_VALUE\): no/,
    ],
  ])('%s', async (_, answer, told) => {
    await expect(read(await serve(() => answer))).rejects.toThrow(told);
  });

  it('is not there', async () => {
    await expect(read(new URL('http://127.0.0.1:1'))).rejects.toThrow(/cannot be reached: .* It was tried 5 times/);
  });

  it('goes on with the same page', async () => {
    const address = await serve(() => ({ body: { experiments: [], next_page_token: 'again' } }));
    await expect(read(address)).rejects.toThrow(/without an end/);
  });
});

describe('A server that goes away', () => {
  it('is asked again, and what it said in the middle of an answer does not count', async () => {
    let asked = 0;
    const whole = withRun(runOf({}));
    const address = await serve((path, ...more) => {
      if (path === 'runs/search' && (asked += 1) < 3) return asked === 1 ? { breaks: true } : { status: 503 };
      return whole(path, ...more);
    });
    expect((await read(address)).map(({ eventType }) => eventType)).toEqual([undefined, 'START', 'COMPLETE']);
  });

  it('is told as away where it stays away', async () => {
    const address = await serve((path) =>
      path === 'runs/search' ? { breaks: true } : { body: { experiments: [EXPERIMENT] } },
    );
    await expect(read(address)).rejects.toBeInstanceOf(TrackingUnreachable);
  });
});

describe('Who asks', () => {
  it.each<[Credentials, string | undefined]>([
    [{ token: 'hush' }, 'Bearer hush'],
    [{ username: 'ada', password: 'hush' }, `Basic ${Buffer.from('ada:hush').toString('base64')}`],
    [null, undefined],
  ])('is said in each request: %j', async (credentials, header) => {
    const headers = new Set<string | undefined>();
    const address = await serve((_, { headers: { authorization } }) => {
      headers.add(authorization);
      return {};
    });
    await read(address, credentials);
    expect([...headers]).toEqual([header]);
  });
});

describe('A run', () => {
  it('that says very much is cut, and what was cut is named', async () => {
    const params = Array.from({ length: 200 }, (_, at) => ({ key: `p${at}`, value: 'x'.repeat(9_000) }));
    const [, , end] = await read(await serve(withRun(runOf({ data: { params } }))));
    expect(JSON.stringify(end).length).toBeLessThan(300_000);
    const { params: kept, cut } = facetsOf(end)['mlflow_run'] as {
      params: Record<string, string>;
      cut: { params: string[] };
    };
    expect(kept['p0']).toBe('x'.repeat(6_000));
    expect(cut.params).toContain('p0');
    expect(cut.params).toHaveLength(200);
  });

  it('with a long history keeps its first and its last point, and how many there were', async () => {
    const points = Array.from({ length: 30_000 }, (_, step) => ({
      key: 'loss',
      value: 1 / (step + 1),
      timestamp: 1_795_000_000_000 + step,
      step,
    }));
    const [, , end] = await read(await serve(withRun(runOf({ data: { metrics: points.slice(-1) } }), points)));
    const { metrics } = facetsOf(end)['mlflow_metricHistory'] as {
      metrics: [{ points: number; complete: boolean; history: { step: number }[] }];
    };
    const [{ history, ...counted }] = metrics;
    expect(counted).toEqual({ name: 'loss', points: 30_000, complete: false });
    expect([history[0]?.step, history.at(-1)?.step]).toEqual([0, 29_999]);
    expect(JSON.stringify(end).length).toBeLessThan(300_000);
  });

  it('is known by what is no UUID, has no times, or a source that tells no place', async () => {
    const dataset = { name: 'table', digest: 'd', source: '{"tags": {}}', schema: 'no json' };
    const run = {
      info: { run_id: 'not-a-uuid', experiment_id: '1', status: 'RUNNING' },
      inputs: { dataset_inputs: [{ dataset }] },
    };
    const [, start, end] = await read(await serve(withRun(run)));
    expect(start).toMatchObject({ eventTime: '2026-11-18T11:06:40.000Z', eventType: 'START' });
    expect(end).toMatchObject({ eventType: 'RUNNING', inputs: [{ namespace: 'mlflow://test', name: 'points/table' }] });
    expect((end?.['run'] as { runId: string }).runId).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it.each([
    ['/data/a.csv', 'file', '/data/a.csv'],
    ['s3a://bucket/a/b.parquet', 's3://bucket', 'a/b.parquet'],
    ['https://user:hush@data.example/a%20b.csv?key=hush', 'https://data.example', 'a b.csv'],
    ['abfss://box@account.dfs.core/a', 'abfss://box@account.dfs.core', 'a'],
  ])('reads data where it lies: %s', async (uri, namespace, name) => {
    const dataset = { name: 'table', digest: 'd', source: JSON.stringify({ uri }) };
    const [, , end] = await read(await serve(withRun(runOf({ inputs: { dataset_inputs: [{ dataset }] } }))));
    expect(end?.['inputs']).toMatchObject([{ namespace, name }]);
    expect(JSON.stringify(end)).not.toContain('hush');
  });

  it('says facets of ours as their schema asks', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    const schema = (file: string): AnySchemaObject =>
      JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as AnySchemaObject;
    ajv.addSchema(schema('../shared/openlineage-spec/OpenLineage.json'));
    ajv.addSchema(schema('schema/openlineage/WeftlineMlflow.json'));
    const metric = { key: 'loss', value: 'NaN', timestamp: 1, step: 0 };
    const [job, , end] = await read(await serve(withRun(runOf({ data: { metrics: [metric] } }), [metric])));
    const jobFacets = (job?.['job'] as { facets: Record<string, Record<string, unknown>> }).facets;
    const own = Object.entries({ ...jobFacets, ...facetsOf(end) }).filter(([name]) => name.startsWith('mlflow_'));
    expect(own.map(([name]) => name).sort()).toEqual(['mlflow_experiment', 'mlflow_metricHistory', 'mlflow_run']);
    for (const [name, facet] of own) {
      expect(ajv.validate(String(facet['_schemaURL']), facet), `${name}: ${ajv.errorsText()}`).toBe(true);
    }
  });
});

describe('What has changed', () => {
  const said = (eventTime: string, name: string, tag: string): Outgoing =>
    new EventMaker('urn:test').dataset(eventTime, { namespace: 'n', name, facets: { tags: { tag } } });
  const [BEFORE, NOW] = ['2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'];

  it('is said once, and of a change without a time of its own when it was noticed', () => {
    const changes = new Changes(() => new Date(NOW));
    expect(changes.of(said(BEFORE, 'a', '1'))).toEqual(said(BEFORE, 'a', '1'));
    changes.arrived();
    expect(changes.of(said(BEFORE, 'a', '1'))).toBeNull();
    expect(changes.of(said(BEFORE, 'a', '2'))).toEqual(said(NOW, 'a', '2'));
  });

  it('is said again where it did not arrive', () => {
    const changes = new Changes(() => new Date(NOW));
    changes.of(said(BEFORE, 'a', '1'));
    changes.lost();
    expect(changes.of(said(BEFORE, 'a', '1'))).toEqual(said(BEFORE, 'a', '1'));
  });
});
