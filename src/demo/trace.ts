import type { DemoAsset } from './catalog.js';
import type { DemoClient } from './client.js';
import type { Display } from './display.js';
import { drawTree } from './tree.js';

interface ShownAsset {
  id: string;
  kind: string;
  name: string;
}

interface Traced {
  lineage: {
    /** The asset is null when it is hidden from who asks. */
    nodes: { key: string; asset: ShownAsset | null }[];
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

/** Shows the way from the deployment back to the raw file, and which deployments the raw file reaches. */
export async function trace(
  client: DemoClient,
  deployment: DemoAsset,
  raw: DemoAsset,
  display: Display,
): Promise<void> {
  const title = 'One query each way: back to the raw file, and out to what it feeds';
  const { tree, touched } = await display.step(title, async () => {
    const { lineage: up } = await client.ask<Traced>(UPSTREAM, { of: [deployment.id] });
    const { lineage: down } = await client.ask<Traced>(DOWNSTREAM, { of: [raw.id] });
    const exact = await exactVersions(client, deployment);
    const label = (asset: ShownAsset | null): string =>
      asset ? `${asset.name}  (${asset.kind.toLowerCase()}${exact.get(asset.id) ?? ''})` : '(hidden from you)';
    const nodes = up.nodes.map((node) => ({ id: node.key, label: label(node.asset) }));
    const root = { id: deployment.id, label: 'penguin-api  (deployment)' };
    const names = down.nodes.map((node) => node.asset?.name ?? '(hidden)');
    const note = `${up.nodes.length} assets upstream, ${up.completeness.complete ? 'complete' : 'incomplete'}`;
    return { value: { tree: drawTree(root, nodes, up.edges), touched: names.sort() }, note };
  });
  const deployments = `${touched.length} deployment${touched.length === 1 ? '' : 's'}`;
  display.say();
  tree.forEach((line) => display.say(`    ${line}`));
  display.say();
  display.say(`    A bad raw file would touch ${deployments}: ${touched.join(', ')}.`);
  display.say();
}

interface Served {
  asset: {
    current: {
      modelVersion: {
        version: string;
        digest: string;
        model: { id: string };
        provenance: { versions: { version?: string; digest?: string | null; dataset?: { id: string } }[] };
      };
    };
  };
}

/** The exact version of each asset behind what the deployment serves now. */
async function exactVersions(client: DemoClient, deployment: DemoAsset): Promise<Map<string, string>> {
  const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment { current { modelVersion {
    version digest model { id } provenance { versions { ... on DatasetVersion { version digest dataset { id } } } }
  } } } } }`;
  const { modelVersion } = (await client.ask<Served>(query, { ref: deployment.id })).asset.current;
  // What a producer reports has no digest that anybody vouches for.
  const shown = (version = '', digest: string | null = null): string =>
    `, version ${version}${digest === null ? '' : `, ${digest.slice(0, 15)}…`}`;
  const exact = new Map([[modelVersion.model.id, shown(modelVersion.version, modelVersion.digest)]]);
  for (const { version, digest, dataset } of modelVersion.provenance.versions)
    if (dataset) exact.set(dataset.id, shown(version, digest));
  return exact;
}
