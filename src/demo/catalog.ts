import { type DemoClient } from './client.js';

export interface DemoAsset {
  id: string;
  urn: string;
  /** Made by this run of the demo; found otherwise. */
  made: boolean;
}

export interface DemoVersion {
  id: string;
  version: string;
  digest: string | null;
  made: boolean;
  /** The run that generated it; null when none has. */
  runId: string | null;
}

type Kind = 'Dataset' | 'Transformation' | 'Model' | 'Deployment';

/** Finds an asset by its urn, or registers it: a second run makes nothing twice. */
export async function ensureAsset(
  client: DemoClient,
  kind: Kind,
  input: { namespace: string; name: string } & Record<string, unknown>,
): Promise<DemoAsset> {
  const urn = `urn:weft:${kind.toLowerCase()}:${encodeURIComponent(input.namespace)}:${encodeURIComponent(input.name)}`;
  const found = await client.ask<{ asset: { id: string; urn: string } | null }>(
    'query ($ref: AssetRef!) { asset(ref: $ref) { id urn } }',
    { ref: urn },
  );
  if (found.asset) return { ...found.asset, made: false };
  const query = `mutation ($input: Register${kind}Input!) { made: register${kind}(input: $input) { asset: ${kind.toLowerCase()} { id urn } } }`;
  return {
    ...(await client.ask<{ made: { asset: { id: string; urn: string } } }>(query, { input })).made.asset,
    made: true,
  };
}

/** Finds a version of a data set by its name, or publishes it. */
export async function ensureDatasetVersion(
  client: DemoClient,
  dataset: DemoAsset,
  input: { version: string } & Record<string, unknown>,
): Promise<DemoVersion> {
  const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { versions(first: 200) { nodes { id version digest generatedBy { id } } } } } }`;
  interface Found {
    asset: {
      versions: { nodes: { id: string; version: string; digest: string | null; generatedBy: { id: string } | null }[] };
    };
  }
  const { asset } = await client.ask<Found>(query, { ref: dataset.id });
  const found = asset.versions.nodes.find((each) => each.version === input.version);
  if (found)
    return {
      id: found.id,
      version: found.version,
      digest: found.digest,
      made: false,
      runId: found.generatedBy?.id ?? null,
    };
  const publish =
    'mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id version digest } } }';
  const { publishDatasetVersion } = await client.ask<{
    publishDatasetVersion: { datasetVersion: { id: string; version: string; digest: string | null } };
  }>(publish, {
    input: { dataset: dataset.id, ...input },
  });
  return { ...publishDatasetVersion.datasetVersion, made: true, runId: null };
}
