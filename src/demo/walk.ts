import { join } from 'node:path';
import { ensureAsset, ensureDatasetVersion, type DemoAsset, type DemoVersion } from './catalog.js';
import type { DemoClient } from './client.js';
import type { Display } from './display.js';
import { type Cast, gatherCast } from './people.js';
import { cleanAndSplit, describeRawFile, EXAMPLES, gitRevision, type Split } from './preparation.js';
import { launch, launchAccepted, obtainGrants, type TrainedModel, type TrainingPlan, watch } from './training.js';
import { drawTree } from './tree.js';

const NAMESPACE = 'weftline://demo/penguins';

interface Prepared {
  raw: DemoAsset;
  rawVersion: DemoVersion;
  train: DemoAsset;
  test: DemoAsset;
  inputs: DemoVersion[];
}

export interface Walked {
  cast: Cast;
  /** Deployments a bad raw file would touch. */
  touched: string[];
}

/** Walks the whole line, from a raw file to a served model and back, through the public API only. */
export async function walk(admin: DemoClient, home: string, display: Display): Promise<Walked> {
  const cast = await display.step('Two teams and three people, each with a token', async () => {
    const { cast: people, made } = await gatherCast(admin, join(home, 'demo.json'));
    return {
      value: people,
      note: made ? 'Dana (data team), Sami and Noor (science team)' : 'all there from an earlier run',
    };
  });
  const prepared = await prepare(cast, home, display);
  const plan = await planTraining(cast, prepared);
  const trained = await train(cast, plan, prepared, display);
  const deployment = await deploy(cast, trained, display);
  const touched = await trace(cast, deployment, prepared.raw, display);
  return { cast, touched };
}

async function prepare(cast: Cast, home: string, display: Display): Promise<Prepared> {
  const { client } = cast.dana;
  const owners = [{ owner: cast.teams.data, role: 'OWNER' }];
  const rawFile = join(EXAMPLES, 'penguins-raw.csv');
  const { raw, rawVersion } = await display.step(
    'The data team registers the raw file and publishes a version',
    async () => {
      const { fields, ...facts } = await describeRawFile(rawFile);
      const raw = await ensureAsset(client, 'Dataset', {
        namespace: NAMESPACE,
        name: 'penguins.raw',
        description: 'Measurements of 344 penguins of three species near Palmer Station, Antarctica.',
        tags: ['penguins', 'raw'],
        properties: { license: 'CC0-1.0' },
        format: 'csv',
        uri: facts.uri,
        fields,
        owners,
      });
      const rawVersion = await ensureDatasetVersion(client, raw, { version: facts.digest.slice(7, 19), ...facts });
      return {
        value: { raw, rawVersion },
        note: `${facts.rowCount} rows, ${facts.bytes} bytes, ${facts.digest.slice(0, 19)}…${found(rawVersion)}`,
      };
    },
  );
  return display.step('A run cleans the data and splits it, in a process of its own', async () => {
    const path = 'examples/penguins/clean-and-split.mjs';
    const codeRef = { path, revision: await gitRevision() };
    const job = await ensureAsset(client, 'Transformation', {
      namespace: NAMESPACE,
      name: 'clean-and-split',
      tags: ['penguins'],
      codeRef,
      owners,
    });
    const started = new Date().toISOString();
    const { splits, droppedRows } = await cleanAndSplit(rawFile, join(home, 'demo'));
    const datasets: Record<string, DemoAsset> = {};
    const versions: DemoVersion[] = [];
    for (const split of splits) {
      const dataset = await publishSplit(client, split, owners);
      datasets[split.name] = dataset.asset;
      versions.push(dataset.version);
    }
    const { train, test } = datasets;
    if (!train || !test) throw new Error('The split gave no train or test file.');
    if (versions.some((version) => version.runId === null)) await reportRun(client, job, rawVersion, versions, started);
    const rows = splits.map((split) => `${split.name} ${split.rowCount}`).join(', ');
    return {
      value: { raw, rawVersion, train, test, inputs: versions },
      note: `${rows} rows, ${droppedRows} dropped${found(versions[0])}`,
    };
  });
}

async function publishSplit(
  client: DemoClient,
  split: Split,
  owners: unknown,
): Promise<{ asset: DemoAsset; version: DemoVersion }> {
  const { name, fields, ...facts } = split;
  const asset = await ensureAsset(client, 'Dataset', {
    namespace: NAMESPACE,
    name: `penguins.${name}`,
    description: `The ${name} share of the cleaned penguins.`,
    tags: ['penguins', name],
    format: 'csv',
    fields,
    owners,
  });
  return {
    asset,
    version: await ensureDatasetVersion(client, asset, { version: facts.digest.slice(7, 19), ...facts }),
  };
}

async function reportRun(
  client: DemoClient,
  job: DemoAsset,
  input: DemoVersion,
  outputs: readonly DemoVersion[],
  startedAt: string,
): Promise<void> {
  const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const { startRun } = await client.ask<{ startRun: { run: { id: string } } }>(start, {
    input: { transformation: job.id, inputs: [input.id], startedAt },
  });
  const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { state } } }';
  const made = outputs.filter((version) => version.runId === null).map((version) => version.id);
  await client.ask(finish, { input: { run: startRun.run.id, outputs: made } });
}

async function planTraining(cast: Cast, { inputs }: Prepared): Promise<TrainingPlan> {
  const owners = [{ owner: cast.teams.science, role: 'OWNER' }];
  const codeRef = { path: 'examples/penguins/train.mjs', revision: await gitRevision() };
  const { client } = cast.sami;
  const transformation = await ensureAsset(client, 'Transformation', {
    namespace: NAMESPACE,
    name: 'train-classifier',
    tags: ['penguins'],
    codeRef,
    owners,
  });
  const model = await ensureAsset(client, 'Model', {
    namespace: NAMESPACE,
    name: 'penguin-classifier',
    task: 'classification',
    license: 'CC0-1.0',
    tags: ['penguins'],
    owners,
  });
  return { transformation, model, inputs };
}

async function train(
  cast: Cast,
  plan: TrainingPlan,
  { train: trainSet, test }: Prepared,
  display: Display,
): Promise<TrainedModel> {
  await display.step('The science team asks to train on data it does not own', async () => {
    const outcome = await launch(cast, plan, 1);
    if (outcome.__typename !== 'LaunchDenied') return { value: undefined, note: 'granted in an earlier run' };
    outcome.reasons.forEach((reason) => display.detail(`denied, ${reason.rule}: ${reason.message}`));
    const grants = await obtainGrants(cast, [trainSet, test]);
    return {
      value: undefined,
      note: `LaunchDenied; asked for access, and Dana granted it on ${grants} data sets for 30 days`,
    };
  });
  return display.step('The launch is accepted, and really trains', async () => {
    const job = await launchAccepted(cast, plan);
    const model = await watch(cast, job.id, display);
    const { testAccuracy = 0, testLoss = 0 } = model.metrics;
    const measured = `accuracy ${testAccuracy.toFixed(3)}, loss ${testLoss.toFixed(4)} on the test share`;
    return {
      value: model,
      note: `${model.version}, ${model.digest.slice(0, 19)}…: ${measured}${job.done ? '; trained in an earlier run' : ''}`,
    };
  });
}

async function deploy(cast: Cast, model: TrainedModel, display: Display): Promise<DemoAsset> {
  return display.step('The model is released on a deployment', async () => {
    const owners = [{ owner: cast.teams.science, role: 'OWNER' }];
    const { client } = cast.sami;
    const deployment = await ensureAsset(client, 'Deployment', {
      namespace: NAMESPACE,
      name: 'penguin-api',
      environment: 'production',
      tags: ['penguins'],
      owners,
    });
    const query = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename ... on Release { from } ... on DeployDenied { reasons { message } } } }`;
    const { deployModel } = await client.ask<{
      deployModel: { __typename: string; from?: string; reasons?: { message: string }[] };
    }>(query, {
      input: { modelVersion: model.versionId, deployment: deployment.id, reason: 'The demo' },
    });
    if (deployModel.__typename !== 'Release')
      throw new Error(deployModel.reasons?.map((reason) => reason.message).join(' ') ?? 'The release was refused.');
    return { value: deployment, note: `${model.version} serves on penguin-api since ${deployModel.from ?? ''}` };
  });
}

interface Traced {
  lineage: {
    nodes: { key: string; asset: { id: string; kind: string; name: string } | null }[];
    edges: { source: string; target: string }[];
    completeness: { complete: boolean };
  };
}

const UPSTREAM = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: UPSTREAM, depth: 20) {
  nodes { key asset { id kind name } } edges { source target } completeness { complete }
} }`;
const DOWNSTREAM = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: DOWNSTREAM, depth: 20, kinds: [DEPLOYMENT]) {
  nodes { key asset { id kind name } } edges { source target } completeness { complete }
} }`;

async function trace(cast: Cast, deployment: DemoAsset, raw: DemoAsset, display: Display): Promise<string[]> {
  const { client } = cast.noor;
  const { tree, touched } = await display.step(
    'One query each way: back to the raw file, and out to what it feeds',
    async () => {
      const { lineage: up } = await client.ask<Traced>(UPSTREAM, { of: [deployment.id] });
      const exact = await exactVersions(client, deployment);
      const label = (asset: { id: string; kind: string; name: string } | null): string =>
        asset ? `${asset.name}  (${asset.kind.toLowerCase()}${exact.get(asset.id) ?? ''})` : '(hidden from you)';
      const nodes = up.nodes.map((node) => ({ id: node.key, label: label(node.asset) }));
      const root = { id: deployment.id, label: 'penguin-api  (deployment)' };
      const { lineage: down } = await client.ask<Traced>(DOWNSTREAM, { of: [raw.id] });
      const names = down.nodes.map((node) => node.asset?.name ?? '(hidden)');
      return {
        value: { tree: drawTree(root, nodes, up.edges), touched: names },
        note: `${up.nodes.length} assets upstream, ${up.completeness.complete ? 'complete' : 'incomplete'}`,
      };
    },
  );
  display.say();
  tree.forEach((line) => display.say(`    ${line}`));
  display.say();
  display.say(
    `    A bad raw file would touch ${touched.length} deployment${touched.length === 1 ? '' : 's'}: ${touched.join(', ')}.`,
  );
  display.say();
  return touched;
}

/** The exact version of each asset behind what the deployment serves now. */
async function exactVersions(client: DemoClient, deployment: DemoAsset): Promise<Map<string, string>> {
  const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment { current { modelVersion {
    version digest model { id } provenance { versions { ... on DatasetVersion { version digest dataset { id } } } }
  } } } } }`;
  interface Found {
    asset: {
      current: {
        modelVersion: {
          version: string;
          digest: string;
          model: { id: string };
          provenance: { versions: { version: string; digest: string; dataset: { id: string } }[] };
        };
      };
    };
  }
  const { modelVersion } = (await client.ask<Found>(query, { ref: deployment.id })).asset.current;
  const shown = (version: string, digest: string): string => `, version ${version}, ${digest.slice(0, 15)}…`;
  const exact = new Map([[modelVersion.model.id, shown(modelVersion.version, modelVersion.digest)]]);
  for (const { version, digest, dataset } of modelVersion.provenance.versions)
    exact.set(dataset.id, shown(version, digest));
  return exact;
}

function found(version: DemoVersion | undefined): string {
  return version?.made === false ? '; published in an earlier run' : '';
}
