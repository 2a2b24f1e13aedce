/** `npx weft import mlflow` of a real tracking server, filled by the real client. */
import { once } from 'node:events';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { schemaFaults } from '../support/lineage-receiver.js';
import { MlflowServer } from '../support/mlflow-server.js';
import { tellAsset, type ToldAsset, toldFacet, type ToldRun, upstreamOf } from '../support/producers.js';
import { reportedGraph } from '../support/reported-graph.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { type Outcome, WeftCommand } from '../support/weft-command.js';

const FILL = join(import.meta.dirname, 'programs/experiments.py');

let server: TestWeftline;
let driver: Driver;
let source: Client;
/** Who may read what the facets of runs say. */
let reader: Client;
let mlflow: MlflowServer;
let weft: WeftCommand;

beforeAll(async () => {
  mlflow = await MlflowServer.start();
  server = await startTestWeftline();
  driver = openSharedDriver();
  source = await server.user();
  reader = await server.user({ role: 'ADMIN' });
  weft = await WeftCommand.build();
  const filled = await mlflow.python([FILL, mlflow.uri, 'points']);
  expect(filled, filled.output).toMatchObject({ code: 0 });
});
afterAll(async () => {
  weft.remove();
  await driver.close();
  await server.stop();
  await mlflow.stop();
});

const settings = (): Record<string, string> => ({ WEFTLINE_URL: server.address, WEFTLINE_TOKEN: source.token ?? '' });
const bringIn = (...args: string[]): Promise<Outcome> =>
  weft.run(['import', 'mlflow', '--tracking-uri', mlflow.uri, ...args], settings());
const asset = (kind: 'dataset' | 'model' | 'transformation', name: string): Promise<ToldAsset | null> =>
  tellAsset(reader, kind, mlflow.namespace, name);

describe('npx weft import mlflow', () => {
  it('brings in all that is there, deleted things too', async () => {
    const outcome = await bringIn();
    expect(outcome.stderr).toBe('5 runs of 3 experiments, and 1 registered models with 1 versions were read.\n');
    expect(outcome.code).toBe(0);
    const job = await asset('transformation', 'points');
    const runs = Object.fromEntries((job?.runs?.nodes ?? []).map((run) => [nameOf(run), run]));
    expect(Object.fromEntries(Object.entries(runs).map(([name, { state }]) => [name, state]))).toEqual({
      parent: 'SUCCEEDED',
      child: 'SUCCEEDED',
      broken: 'FAILED',
      gone: 'SUCCEEDED',
    });
    expect(runs['child']?.parent?.externalId).toBe(runs['parent']?.externalId);
    expect(toldFacet(runs['gone'], 'mlflow_run')).toMatchObject({ lifecycleStage: 'deleted' });
    expect((await asset('transformation', 'points-gone'))?.runs?.nodes).toEqual([
      expect.objectContaining({ state: 'CANCELLED' }),
    ]);
  });

  it('keeps parameters, tags, and metrics with their history', async () => {
    const { runs } = (await asset('transformation', 'points')) ?? {};
    const parent = runs?.nodes.find((run) => nameOf(run) === 'parent');
    expect(toldFacet(parent, 'mlflow_run')).toMatchObject({
      params: { epochs: '3', long: 'x'.repeat(6_000) },
      tags: { team: 'science' },
      metrics: { loss: 0.2, undefined: 'NaN' },
    });
    const { metrics } = toldFacet(parent, 'mlflow_metricHistory') as {
      metrics: { name: string; history: unknown[] }[];
    };
    expect(metrics.find(({ name }) => name === 'loss')?.history).toMatchObject(
      [0, 1, 2, 3, 4].map((step) => ({ step, value: 1 / (step + 1) })),
    );
  });

  it('makes data with its digest as the version that runs read', async () => {
    const points = await tellAsset(source, 'dataset', 'https://data.example', 'points.csv');
    expect(points?.fields).toEqual([
      { name: 'x', type: 'long' },
      { name: 'y', type: 'double' },
    ]);
    const [version] = points?.versions?.nodes ?? [];
    const { runs } = (await asset('transformation', 'points')) ?? {};
    const parent = runs?.nodes.find((run) => nameOf(run) === 'parent');
    expect(parent?.inputs).toEqual([{ version: version?.version }]);
    expect(toldFacet(parent, 'mlflow_run')).toMatchObject({
      datasets: [{ digest: version?.version, context: 'training', tags: { split: 'a' } }],
    });
  });

  it('makes models, logged and registered, with the run that made them and the data behind it', async () => {
    const { runs } = (await asset('transformation', 'points')) ?? {};
    const child = runs?.nodes.find((run) => nameOf(run) === 'child');
    const registered = await asset('model', 'points-registered');
    expect(registered?.versions?.nodes).toEqual([
      expect.objectContaining({ version: '1', generatedBy: { externalId: child?.externalId } }),
    ]);
    expect(upstreamOf(registered)).toEqual(['DATASET points.csv', 'TRANSFORMATION points']);
    const logged = await asset('model', 'points/model');
    expect(logged?.versions?.nodes).toEqual([
      expect.objectContaining({ generatedBy: { externalId: child?.externalId } }),
    ]);
  });

  it('shows on each version of a model what its run measured last, and what it was made with', async () => {
    const known = { metrics: { loss: 0.3, rmse: 0.25, undefined: 'NaN' }, parameters: { rate: '0.1', depth: '9' } };
    for (const name of ['points-registered', 'points/model'])
      expect((await asset('model', name))?.versions?.nodes).toEqual([expect.objectContaining(known)]);
    const { runs } = (await asset('transformation', 'points')) ?? {};
    const child = runs?.nodes.find((run) => nameOf(run) === 'child');
    expect(toldFacet(child, 'mlflow_run')).toMatchObject({
      metrics: known.metrics,
      params: { rate: '0.1', depth: '9' },
    });
  });

  it('keeps aliases, stages and tags of versions', async () => {
    const { records } = await driver.executeQuery(
      `MATCH (f:ReportedFacet {name: 'mlflow_registeredModel'})-[:SAID_OF]->(:Asset {namespace: $namespace}) RETURN f.body AS body`,
      { namespace: mlflow.namespace },
    );
    expect(JSON.parse(String(records[0]?.get('body')))).toMatchObject({
      aliases: { champion: '1' },
      versions: [{ version: '1', stage: 'Staging', tags: { approved: 'yes' } }],
    });
  });

  it('says the same to the byte the second time, as the official schemas ask, and changes nothing', async () => {
    const shown = [await bringIn('--dry-run'), await bringIn('--dry-run')];
    expect(shown[1]?.stdout).toBe(shown[0]?.stdout);
    const sent = (shown[0]?.stdout ?? '').trim().split('\n');
    expect(schemaFaults(sent.map((line) => JSON.parse(line) as unknown)).filter(isOfficial)).toEqual([]);
    const before = await reportedGraph(driver, mlflow.namespace);
    expect((await bringIn()).code).toBe(0);
    expect(await reportedGraph(driver, mlflow.namespace)).toEqual(before);
  });

  it('brings in one experiment, and says which there are where it is not there', async () => {
    const one = await bringIn('--experiment', 'points-gone', '--dry-run');
    expect(one.stderr).toBe('1 runs of 1 experiments, and 0 registered models with 0 versions were read.\n');
    const none = await bringIn('--experiment', 'lines');
    expect([none.code, none.stderr]).toEqual([
      1,
      'There is no experiment "lines". There are: "Default", "points", "points-gone".\n',
    ]);
  });
});

/** Facets of ours have a schema of their own. */
const isOfficial = (fault: string): boolean => !fault.includes('urn:weftline:');
const nameOf = (run: ToldRun): string => (toldFacet(run, 'mlflow_run') as { name: string } | undefined)?.name ?? '';

describe('npx weft import mlflow --follow', () => {
  it('brings in what comes and what changes, also after the server was away, and ends well', async () => {
    const following = weft.start(
      ['import', 'mlflow', '--tracking-uri', mlflow.uri, '--follow', '--interval', '1'],
      settings(),
    );
    const ended = once(following, 'exit');
    let said = '';
    following.stdout?.on('data', (chunk) => (said += String(chunk)));
    following.stderr?.on('data', (chunk) => (said += String(chunk)));
    await expect.poll(() => said).toContain('events were taken');
    const more = `import mlflow, sys
mlflow.set_tracking_uri(sys.argv[1]); mlflow.set_experiment("points")
client = mlflow.MlflowClient()
client.set_registered_model_alias("points-registered", "retired", "1")
client.delete_registered_model_alias("points-registered", "champion")
with mlflow.start_run(run_name="late"): mlflow.log_metric("loss", 0.1)`;
    await mlflow.goAway();
    await expect.poll(() => said).toContain('It is tried again.');
    await mlflow.comeBack();
    const added = await mlflow.python(['-c', more, mlflow.uri]);
    expect(added, added.output).toMatchObject({ code: 0 });
    const late = async (): Promise<string[]> =>
      ((await asset('transformation', 'points'))?.runs?.nodes ?? []).map((run) => `${nameOf(run)} ${run.state}`);
    await expect.poll(late).toContain('late SUCCEEDED');
    const aliases = async (): Promise<unknown> => {
      const { records } = await driver.executeQuery(
        `MATCH (f:ReportedFacet {name: 'mlflow_registeredModel'})-[:SAID_OF]->(:Asset {namespace: $namespace}) RETURN f.body AS body`,
        { namespace: mlflow.namespace },
      );
      return (JSON.parse(String(records[0]?.get('body'))) as { aliases: unknown }).aliases;
    };
    await expect.poll(aliases).toEqual({ retired: '1' });
    following.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
    expect(said).toMatch(/Stopped following\.\n$/);
  });
});
