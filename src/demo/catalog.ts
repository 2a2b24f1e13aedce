import type { DemoClient } from './client.js';

const NAMESPACE = 'weftline://demo/penguins';

export interface DemoAsset {
  id: string;
  urn: string;
}

export interface DemoVersion {
  id: string;
  version: string;
  /** Published by this run of the demo; found otherwise. */
  made: boolean;
  /** The run that generated it; null when none has. */
  runId: string | null;
}

/** A file, and the version that it is. */
export interface DemoFile {
  path: string;
  version: DemoVersion;
}

type Kind = 'Dataset' | 'Transformation' | 'Model' | 'Deployment';

/** Finds an asset by its urn, or registers it: a second run makes nothing twice. */
export async function ensureAsset(
  client: DemoClient,
  kind: Kind,
  input: { name: string; namespace?: string } & Record<string, unknown>,
): Promise<DemoAsset> {
  const member = kind.toLowerCase();
  const full = { namespace: NAMESPACE, tags: ['penguins'], ...input };
  const ref = `urn:weft:${member}:${encodeURIComponent(full.namespace)}:${encodeURIComponent(full.name)}`;
  const find = 'query ($ref: AssetRef!) { asset(ref: $ref) { id urn } }';
  const { asset } = await client.ask<{ asset: DemoAsset | null }>(find, { ref });
  if (asset) return asset;
  const register = `mutation ($input: Register${kind}Input!) { made: register${kind}(input: $input) { asset: ${member} { id urn } } }`;
  return (await client.ask<{ made: { asset: DemoAsset } }>(register, { input: full })).made.asset;
}

/** Finds the version of a data set with this content, or publishes it; the name of a version is what its digest begins with. */
export async function ensureDatasetVersion(
  client: DemoClient,
  dataset: DemoAsset,
  facts: { digest: string } & Record<string, unknown>,
): Promise<DemoVersion> {
  const version = facts.digest.replace('sha256:', '').slice(0, 12);
  const find = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset {
    versions(first: 200) { nodes { id version generatedBy { id } } }
  } } }`;
  const { asset } = await client.ask<{
    asset: { versions: { nodes: { id: string; version: string; generatedBy: { id: string } | null }[] } };
  }>(find, { ref: dataset.id });
  const found = asset.versions.nodes.find((each) => each.version === version);
  if (found) return { id: found.id, version, made: false, runId: found.generatedBy?.id ?? null };
  const publish =
    'mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id } } }';
  const { publishDatasetVersion } = await client.ask<{ publishDatasetVersion: { datasetVersion: { id: string } } }>(
    publish,
    { input: { dataset: dataset.id, version, ...facts } },
  );
  return { id: publishDatasetVersion.datasetVersion.id, version, made: true, runId: null };
}

/** Declares of an asset what nobody has declared of it in that dimension; how many there were to declare. */
export async function ensureLabels(
  client: DemoClient,
  { id: asset }: DemoAsset,
  labels: readonly { dimension: string; values: readonly string[] }[],
): Promise<number> {
  const find = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { labels { declared { dimension } } } } }';
  const { asset: found } = await client.ask<{ asset: { labels: { declared: { dimension: string }[] } } }>(find, {
    ref: asset,
  });
  const missing = labels.filter((label) => found.labels.declared.every((each) => each.dimension !== label.dimension));
  const declare = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
  for (const label of missing) await client.ask(declare, { input: { asset, ...label } });
  return missing.length;
}

/** Reports the run that made the versions; goes on with one that an interrupted demo has begun. */
export async function reportRun(
  client: DemoClient,
  transformation: DemoAsset,
  input: DemoVersion,
  outputs: readonly DemoVersion[],
  startedAt: Date,
): Promise<void> {
  const run =
    (await findOpenRun(client, transformation, input)) ?? (await startRun(client, transformation, input, startedAt));
  const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { state } } }';
  const made = outputs.filter((version) => version.runId === null).map((version) => version.id);
  await client.ask(finish, { input: { run, outputs: made } });
}

async function findOpenRun(client: DemoClient, transformation: DemoAsset, input: DemoVersion): Promise<string | null> {
  const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Transformation {
    runs(first: 20, state: [RUNNING]) { nodes { id inputs { ... on DatasetVersion { id } } } }
  } } }`;
  const { asset } = await client.ask<{ asset: { runs: { nodes: { id: string; inputs: { id?: string }[] }[] } } }>(
    query,
    {
      ref: transformation.id,
    },
  );
  return asset.runs.nodes.find((run) => run.inputs.some((each) => each.id === input.id))?.id ?? null;
}

async function startRun(
  client: DemoClient,
  transformation: DemoAsset,
  input: DemoVersion,
  startedAt: Date,
): Promise<string> {
  const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const { startRun: started } = await client.ask<{ startRun: { run: { id: string } } }>(start, {
    input: { transformation: transformation.id, inputs: [input.id], startedAt: startedAt.toISOString() },
  });
  return started.run.id;
}
