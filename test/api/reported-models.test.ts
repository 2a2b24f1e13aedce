/** What events say to be a model is a model with versions, and what they say to serve is a deployment; each way to say it is a row. */
import { randomUUID } from 'node:crypto';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { datasetOf, facetOf, placedIn, reportTo, runEvent } from '../support/openlineage-events.js';
import { tellAsset, upstreamOf } from '../support/producers.js';
import { reportedGraph } from '../support/reported-graph.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';

type Event = Record<string, unknown>;

const DIGEST = `sha256:${'a'.repeat(64)}`;
const RUN = randomUUID();
const NAMESPACE = 'models';
const SERVED = `query ($ref: AssetRef!) { asset(ref: $ref) { kind ... on Deployment {
  current { modelVersion { version } } releases(first: 9) { nodes { until modelVersion { version } } } } } }`;

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

let placed = 0;
/** A place of its own for each row; why each event was refused. */
async function report(events: readonly Event[], prefix = newPrefix()): Promise<{ prefix: string; refused: string[] }> {
  const refused = await reportTo(server.address, source, placedIn(prefix, events));
  return { prefix, refused: refused.map(({ reason }) => reason) };
}
const newPrefix = (): string => `${server.namespace}-${(placed += 1)}:`;

const typed = (datasetType: string, facets: object = {}): object => ({
  datasetType: facetOf({ datasetType }),
  ...facets,
});
const named = (name: string, facets: object = {}): ReturnType<typeof datasetOf> =>
  datasetOf(NAMESPACE, name, undefined, facets);
const version = (datasetVersion: string): object => ({ version: facetOf({ datasetVersion }) });
const learnt = { weftline_modelVersion: facetOf({ metrics: { auc: 0.9, loss: 'NaN' }, parameters: { depth: 3 } }) };
const told = { weftline_version: facetOf({ digest: DIGEST, bytes: 12 }) };
const from = { fields: {}, dataset: [{ namespace: NAMESPACE, name: 'table', field: 'x' }] };
const of = { namespace: NAMESPACE, job: 'train', runId: RUN };
const alone = (fields: object): Event => {
  const { run: _run, eventType: _type, ...rest } = runEvent({ ...of });
  return { ...rest, ...fields };
};
const withJob = (event: Event, facets: object): Event => ({ ...event, job: { ...(event['job'] as object), facets } });

/** What is said, the versions of the model that follow, and what is upstream of it. */
const WAYS: readonly [string, Event[], object[], string[]][] = [
  [
    'an output of a run that completed',
    [runEvent({ ...of, inputs: [named('table')], outputs: [named('model', typed('MODEL'))] })],
    [{ version: RUN, generatedBy: { externalId: RUN } }],
    ['DATASET table', 'TRANSFORMATION train'],
  ],
  [
    'in other letters',
    [runEvent({ ...of, outputs: [named('model', typed(' Model '))] })],
    [{ version: RUN }],
    ['TRANSFORMATION train'],
  ],
  [
    'with a version, digest, metrics and parameters',
    [runEvent({ ...of, outputs: [named('model', typed('MODEL', { ...version('7'), ...told, ...learnt }))] })],
    [{ version: '7', digest: DIGEST, metrics: { auc: 0.9, loss: 'NaN' }, parameters: { depth: 3 } }],
    ['TRANSFORMATION train'],
  ],
  [
    'with metrics, and its version is the run',
    [runEvent({ ...of, outputs: [named('model', typed('MODEL', learnt))] })],
    [{ version: RUN, metrics: { auc: 0.9, loss: 'NaN' } }],
    ['TRANSFORMATION train'],
  ],
  [
    'a version while the run goes on',
    [runEvent({ ...of, type: 'RUNNING', outputs: [named('model', typed('MODEL', version('checkpoint')))] })],
    [{ version: 'checkpoint', generatedBy: { externalId: RUN } }],
    ['TRANSFORMATION train'],
  ],
  [
    'of a run that failed',
    [runEvent({ ...of, type: 'FAIL', outputs: [named('model', typed('MODEL'))] })],
    [],
    ['TRANSFORMATION train'],
  ],
  ['of a job alone', [alone({ outputs: [named('model', typed('MODEL'))] })], [], ['TRANSFORMATION train']],
  [
    'of a data set alone',
    [alone({ job: undefined, dataset: named('model', typed('MODEL', { ...version('7'), ...told })) })],
    [{ version: '7', digest: DIGEST, generatedBy: null }],
    [],
  ],
  [
    'at one of two places',
    [runEvent({ ...of, inputs: [named('model', typed('MODEL'))], outputs: [named('model', version('8'))] })],
    [{ version: '8', generatedBy: { externalId: RUN } }],
    ['TRANSFORMATION train'],
  ],
  [
    'with nothing that flows into it but by its columns',
    [runEvent({ ...of, outputs: [named('model', typed('MODEL', { columnLineage: facetOf(from) }))] })],
    [{ version: RUN }],
    ['DATASET table', 'TRANSFORMATION train'],
  ],
  [
    'into which a lineage facet of the job lets a table flow',
    [
      withJob(runEvent({ ...of, outputs: [named('model', typed('MODEL'))] }), {
        lineage: facetOf({
          entries: [
            {
              ...{ type: 'DATASET', namespace: NAMESPACE, name: 'model' },
              inputs: [{ type: 'DATASET', namespace: NAMESPACE, name: 'table' }],
            },
          ],
        }),
      }),
    ],
    [{ version: RUN }],
    ['DATASET table', 'TRANSFORMATION train'],
  ],
];

describe('A model', () => {
  it.each(WAYS)('is said: %s', async (_how, events, versions, upstream) => {
    const { prefix, refused } = await report(events);
    expect(refused).toEqual([]);
    const model = await tellAsset(source, 'model', prefix + NAMESPACE, 'model');
    expect(model?.versions?.nodes).toEqual(versions.map((each) => expect.objectContaining(each) as unknown));
    expect(upstreamOf(model)).toEqual(expect.arrayContaining(upstream));
    expect(await tellAsset(source, 'dataset', prefix + NAMESPACE, 'model')).toBeNull();
  });

  it('is refused where one event calls it something else too, and where it tells metrics that are none', async () => {
    const both = runEvent({ ...of, inputs: [named('m', typed('TABLE'))], outputs: [named('m', typed('MODEL'))] });
    expect((await report([both])).refused).toEqual([expect.stringContaining('is a MODEL, and that it is a TABLE')]);
    const wrong = { weftline_modelVersion: facetOf({ metrics: { auc: 'high' } }) };
    const measured = runEvent({ ...of, outputs: [named('m', typed('MODEL', wrong))] });
    expect((await report([measured])).refused).toEqual([
      expect.stringContaining('The metric "auc" is the text "high"'),
    ]);
  });

  it('is beside a data set of its name where several events say one and the other, whichever came first', async () => {
    const said = [undefined, 'MODEL', 'TABLE'].map((type, day) =>
      runEvent({
        ...of,
        runId: randomUUID(),
        at: `2026-11-0${day + 1}T03:00:00Z`,
        outputs: [named('m', type === undefined ? {} : typed(type))],
      }),
    );
    const graphs = [];
    for (const events of [said, [...said].reverse()]) {
      const prefix = newPrefix();
      for (const event of events) expect((await report([event], prefix)).refused).toEqual([]);
      graphs.push(await reportedGraph(driver, prefix));
      const kinds = [];
      for (const kind of ['dataset', 'model'] as const) {
        const asset = await tellAsset(source, kind, prefix + NAMESPACE, 'm');
        kinds.push([asset?.kind, asset?.versions?.nodes.length]);
      }
      expect(kinds).toEqual([
        ['DATASET', 2],
        ['MODEL', 1],
      ]);
    }
    expect(graphs[1]).toEqual(graphs[0]);
  });

  it('has of what several events tell of a version what the latest did, in whatever order they come', async () => {
    const tellsAt = (day: number, facet: object): Event =>
      alone({
        ...{ eventTime: `2026-11-0${day}T03:00:00Z`, job: undefined },
        dataset: named('m', typed('MODEL', { ...version('1'), ...facet })),
      });
    const measuredAt = (day: number, auc: number): Event =>
      tellsAt(day, { weftline_modelVersion: facetOf({ metrics: { auc } }) });
    const said = [measuredAt(1, 0.1), measuredAt(3, 0.3), tellsAt(2, { ...told, ...learnt })];
    for (const events of [said, [...said].reverse()]) {
      const prefix = newPrefix();
      for (const event of events) await report([event], prefix);
      expect((await tellAsset(source, 'model', prefix + NAMESPACE, 'm'))?.versions?.nodes).toEqual([
        expect.objectContaining({ metrics: { auc: 0.3 }, parameters: { depth: 3 }, digest: DIGEST }),
      ]);
    }
  });
});

const jobType = (type: string): object => ({
  jobType: facetOf({ processingType: 'SERVICE', integration: 'TEST', jobType: type }),
});
const serves = (type: string, more: Partial<Parameters<typeof runEvent>[0]> = {}): Event =>
  withJob(
    runEvent({ ...of, job: 'serve', type: 'START', inputs: [named('m', typed('MODEL', version('1')))], ...more }),
    jobType(type),
  );
const release = (until: string | null): object => ({ until, modelVersion: { version: '1' } });

describe('A deployment', () => {
  const ways: [string, Event[], object[]][] = [
    ['a job of the type SERVING that runs', [serves('SERVING')], [release(null)]],
    ['one of the type MODEL_SERVING', [serves('MODEL_SERVING')], [release(null)]],
    ['in other letters', [serves('serving')], [release(null)]],
    [
      'one that ran to its end',
      [serves('SERVING'), serves('SERVING', { type: 'COMPLETE', at: '2026-11-02T03:00:00Z' })],
      [release('2026-11-02T03:00:00.000Z')],
    ],
    ['one of which no version is named', [serves('SERVING', { inputs: [named('m', typed('MODEL'))] })], []],
    [
      'a job alone',
      [
        withJob(
          alone({ job: { namespace: NAMESPACE, name: 'serve' }, inputs: [named('m', typed('MODEL'))] }),
          jobType('SERVING'),
        ),
      ],
      [],
    ],
  ];
  it.each(ways)('is said: %s', async (_how, events, releases) => {
    const { prefix, refused } = await report(events);
    expect(refused).toEqual([]);
    const urn = (kind: string): string =>
      `urn:weft:${kind}:${encodeURIComponent(prefix + NAMESPACE)}:${encodeURIComponent('serve')}`;
    const { asset } = await source.data<{ asset: { kind: string; releases: { nodes: object[] } } | null }>(SERVED, {
      ref: urn('deployment'),
    });
    expect([asset?.kind, asset?.releases.nodes]).toEqual(['DEPLOYMENT', releases]);
    const model = await tellAsset(source, 'model', prefix + NAMESPACE, 'm');
    expect(model?.kind).toBe('MODEL');
  });

  it('is refused where it reads data', async () => {
    const { refused } = await report([serves('SERVING', { inputs: [named('table')] })]);
    expect(refused).toEqual([expect.stringContaining('What serves reads models')]);
  });
});
