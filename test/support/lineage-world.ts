import type { Client } from './client.js';
import { Seed, type SeededAsset } from './seed.js';
import { LEAVES_A_MODEL, node, type JobView, launch, OVER, readJob } from './training.js';
import type { TestWeftline } from './weftline.js';

/** A small factory: raw data that is cleaned, a model that is trained on it and served, and what was measured of the data. */
export interface LineageWorld {
  owner: Client;
  raw: SeededAsset;
  clean: SeededAsset;
  cleaner: SeededAsset;
  trainer: SeededAsset;
  model: SeededAsset;
  deployment: SeededAsset;
  job: JobView;
}

const FIELDS = [
  { name: 'id', type: 'bigint', description: 'The number of the order.' },
  { name: 'amount.net', type: 'decimal' },
];

export async function buildLineageWorld(server: TestWeftline): Promise<LineageWorld> {
  const owner = await server.user();
  const seed = new Seed(owner, server.namespace);
  const [raw, clean] = [
    await seed.dataset('raw', { fields: FIELDS, description: 'As they come.', tags: ['orders'] }),
    await seed.dataset('clean', { fields: FIELDS }),
  ];
  const [cleaner, trainer] = [await seed.transformation('cleaner'), await seed.transformation('trainer')];
  const [model, deployment] = [await seed.model('model'), await seed.deployment('serving')];
  const rawVersion = await seed.datasetVersion(raw.id, '2026-11-01', { rowCount: '1000', bytes: '123456' });
  const cleanVersion = await seed.datasetVersion(clean.id, 'c1', { rowCount: '900', bytes: '99' });
  await seed.datasetVersion(clean.id, 'never-used', { rowCount: '1', digest: `sha256:${'a'.repeat(64)}` });
  await seed.run(cleaner.id, [rawVersion], [cleanVersion]);
  await claimColumns(owner, { raw, clean, cleaner });
  await measure(owner, cleanVersion);
  const order = { idempotencyKey: 'once', transformation: trainer.id, output: model.id, inputs: [cleanVersion] };
  const { id = '' } = await launch(owner, { ...order, command: node(LEAVES_A_MODEL) });
  const job = await untilOver(owner, id);
  const first = await seed.modelVersion(model.id, 'by-hand');
  for (const modelVersion of [first, job.modelVersion?.id ?? ''])
    await owner.data('mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename } }', {
      input: { deployment: deployment.id, modelVersion },
    });
  return { owner, raw, clean, cleaner, trainer, model, deployment, job };
}

async function untilOver(owner: Client, id: string): Promise<JobView> {
  for (;;) {
    const job = await readJob(owner, id);
    if (OVER.includes(job.state)) return job;
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function claimColumns(
  owner: Client,
  { raw, clean, cleaner }: Pick<LineageWorld, 'raw' | 'clean' | 'cleaner'>,
): Promise<void> {
  const fields = [
    { source: 'id', target: 'id', subtype: 'IDENTITY' },
    { source: 'amount.net', target: 'amount.net', subtype: 'TRANSFORMATION', masking: true },
  ];
  const flows = [{ source: raw.id, target: clean.id, via: cleaner.id, fields }];
  await owner.data('mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }', {
    input: { flows },
  });
}

async function measure(owner: Client, version: string): Promise<void> {
  await owner.data('mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }', {
    input: {
      ...{ version, source: 'checks', measuredAt: '2026-11-02T10:00:00.000Z' },
      assertions: [
        { assertion: 'not_null', field: 'id', success: true, expected: '0', observed: '0' },
        { assertion: 'row_count', success: false, severity: 'WARN', name: 'enough', description: 'Enough rows.' },
      ],
      metrics: {
        ...{ rowCount: '900', bytes: '99' },
        fields: [
          {
            field: 'id',
            nullCount: '0',
            distinctCount: '900',
            min: 1,
            max: 900,
            quantiles: [{ quantile: 0.5, value: 450 }],
          },
        ],
      },
    },
  });
}

const VERSION = '... on DatasetVersion { version dataset { urn } } ... on ModelVersion { version model { urn } }';
const ASSET = `query ($ref: AssetRef!) { asset(ref: $ref) { __typename urn
  ... on Dataset { fields { name type description } versions(first: 50) { nodes { version rowCount bytes } }
    qualityHistory(first: 50) { nodes { kind assertion success severity name description field expected observed measuredAt
      version { version } metrics { rowCount bytes nullCount distinctCount min max quantiles { quantile value } } } } }
  ... on Model { versions(first: 50) { nodes { version bytes generatedBy { state } servedBy { from until } } } }
  ... on Transformation { runs(first: 50) { nodes { state startedAt endedAt inputs { ${VERSION} } outputs { ${VERSION} } } } }
  ... on Deployment { environment current { from modelVersion { version } } releases(first: 50) { nodes { from until modelVersion { version } } } }
} }`;
const LINEAGE = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: UPSTREAM, depth: 50) {
  roots { id urn } nodes { key asset { urn } } edges { source target } } }`;
const COLUMNS = `query ($dataset: AssetRef!) { fieldLineage(dataset: $dataset, direction: UPSTREAM) {
  roots { id name } nodes { id name } edges { source target masking claims { type subtype masking } } } }`;

interface Flows {
  lineage: {
    roots: { id: string; urn: string }[];
    nodes: { key: string; asset: { urn: string } | null }[];
    edges: { source: string; target: string }[];
  };
}
interface Columns {
  fieldLineage: {
    roots: { id: string; name: string }[];
    nodes: { id: string; name: string }[];
    edges: { source: string; target: string; masking: boolean; claims: object[] }[];
  };
}

const sorted = (items: readonly unknown[]): unknown[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

/** Lists without an order, and what depends on none: ids, and who said it. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return sorted(value.map(plain));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
};

/** What anybody can ask of assets, and of what they come from, without what is of one graph alone. */
export async function askedOf(as: Client, urns: readonly string[]): Promise<unknown> {
  const assets = [];
  for (const ref of urns) assets.push(plain(await as.data(ASSET, { ref })));
  return assets;
}

/** What flows into the last of all. */
export async function flowsInto(as: Client, urn: string): Promise<unknown> {
  const { lineage } = await as.data<Flows>(LINEAGE, { of: [urn] });
  const urns = new Map([
    ...lineage.roots.map((root): [string, string] => [root.id, root.urn]),
    ...lineage.nodes.map(({ key, asset }): [string, string] => [key, asset?.urn ?? 'hidden']),
  ]);
  return sorted(lineage.edges.map(({ source, target }) => `${urns.get(source) ?? ''} > ${urns.get(target) ?? ''}`));
}

export async function columnsInto(as: Client, urn: string): Promise<unknown> {
  const { fieldLineage } = await as.data<Columns>(COLUMNS, { dataset: urn });
  const names = new Map([...fieldLineage.roots, ...fieldLineage.nodes].map(({ id, name }) => [id, name]));
  return plain(
    fieldLineage.edges.map(({ source, target, ...rest }) => ({
      from: names.get(source),
      to: names.get(target),
      ...rest,
    })),
  );
}
