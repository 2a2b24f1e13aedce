/** Real producers of lineage, each in an environment of its own outside the repository (.ci/install-producers). */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from './client.js';
import type { TestWeftline } from './weftline.js';

const INSTALL = fileURLToPath(new URL('../../.ci/install-producers', import.meta.url));
const MOST_OUTPUT = 64 * 1024 * 1024;

export type Producer = 'airflow' | 'dbt' | 'mlflow' | 'python' | 'spark';

export interface Ended {
  code: number;
  output: string;
}

/** An installed producer; what is missing is installed first. */
export class ProducerEnvironment {
  private constructor(readonly folder: string) {}

  static async of(producer: Producer): Promise<ProducerEnvironment> {
    const { stdout } = await promisify(execFile)(INSTALL, [producer], { encoding: 'utf8' });
    return new ProducerEnvironment(stdout.trim());
  }

  program(name: string): string {
    return join(this.folder, 'bin', name);
  }

  /** Runs a program of it to its end, with nothing of our own environment but the PATH. */
  run(
    name: string,
    args: readonly string[],
    { cwd, environment }: { cwd: string; environment?: Readonly<Record<string, string>> },
  ): Promise<Ended> {
    const env = { ...bareEnvironment(cwd), ...environment };
    return new Promise((resolve) => {
      execFile(this.program(name), args, { cwd, env, maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
      });
    });
  }
}

/** What every program needs of an environment; its home is a folder that goes with the test. */
export const bareEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: home,
  LC_ALL: 'C.UTF-8',
});

/** All that a producer is told of Weftline. */
export const reportingTo = (server: TestWeftline, by: Client): Record<string, string> => ({
  OPENLINEAGE_URL: server.address,
  OPENLINEAGE_API_KEY: by.token ?? '',
});

/** What the graph tells of one asset and of what flows there, asked for as a user would. */
export interface ToldAsset {
  kind: string;
  namespace: string;
  name: string;
  description: string | null;
  fields?: { name: string; type: string | null }[];
  versions?: { nodes: ToldVersion[] };
  qualityHistory?: { nodes: ToldQuality[] };
  runs?: { nodes: ToldRun[] };
  upstream: { nodes: { asset: { kind: string; name: string } | null }[] };
}

interface ToldVersion {
  version: string;
  rowCount?: number | null;
  digest?: string | null;
  metrics?: Record<string, unknown>;
  parameters?: Record<string, unknown>;
  qualityStatus?: { verdict: string; passed: number; failed: number; warned: number };
  generatedBy: { externalId: string | null } | null;
}

interface ToldQuality {
  kind: string;
  assertion: string | null;
  field: string | null;
  success: boolean | null;
  severity: string | null;
  metrics: { rowCount: string | null; min: number | null; max: number | null } | null;
  version: { version: string } | null;
}

export interface ToldRun {
  externalId: string | null;
  state: string;
  error: string | null;
  /** Most of them are withheld from who may not EDIT the transformation: `toldFacet` gives what is told. */
  reportedFacets: { nodes: { name: string; body: unknown }[] };
  parent: { externalId: string | null } | null;
  inputs: { version?: string }[];
  outputs: { version?: string }[];
}

const ASSET = `query ($ref: AssetRef!) { asset(ref: $ref) {
  kind namespace name description
  upstream: lineage(direction: UPSTREAM, depth: 20) { nodes { asset { kind name } } }
  ... on Dataset {
    fields { name type }
    versions(first: 50) { nodes { version rowCount digest qualityStatus { verdict passed failed warned } generatedBy { externalId } } }
    qualityHistory(first: 100) { nodes {
      kind assertion field success severity metrics { rowCount min max } version { version }
    } }
  }
  ... on Model { versions(first: 50) { nodes { version digest metrics parameters generatedBy { externalId } } } }
  ... on Transformation { runs(first: 50) { nodes {
    externalId state error reportedFacets(first: 20) { nodes { name body } } parent { externalId }
    inputs { ... on DatasetVersion { version } ... on ModelVersion { version } }
    outputs { ... on DatasetVersion { version } ... on ModelVersion { version } }
  } } }
} }`;

/** What was said of a run in a facet, as far as it is told. */
export const toldFacet = (run: ToldRun | undefined, name: string): unknown =>
  run?.reportedFacets.nodes.find((facet) => facet.name === name)?.body;

/** The asset of that name; null when it is not there. */
export async function tellAsset(
  by: Client,
  kind: 'dataset' | 'model' | 'transformation',
  namespace: string,
  name: string,
): Promise<ToldAsset | null> {
  const ref = `urn:weft:${kind}:${encodeURIComponent(namespace)}:${encodeURIComponent(name)}`;
  return (await by.data<{ asset: ToldAsset | null }>(ASSET, { ref })).asset;
}

/** What feeds an asset, over any number of hops, as "KIND name" in order. */
export const upstreamOf = (asset: ToldAsset | null): string[] =>
  (asset?.upstream.nodes ?? []).map(({ asset: each }) => `${each?.kind ?? ''} ${each?.name ?? 'hidden'}`).sort();

const COLUMN = `query ($dataset: AssetRef!, $field: String!) {
  fieldLineage(dataset: $dataset, field: $field, direction: UPSTREAM, depth: 20) {
    nodes { id name dataset { name } }
    roots { id name dataset { name } }
    edges { source target transformation masking }
  }
}`;

interface ToldColumn {
  id: string;
  name: string;
  dataset: { name: string };
}

/** What flows into a column, as "data set.column", with what is done to it where it goes on. */
export async function columnsInto(by: Client, namespace: string, name: string, field: string): Promise<string[]> {
  const dataset = `urn:weft:dataset:${encodeURIComponent(namespace)}:${encodeURIComponent(name)}`;
  const { fieldLineage: told } = await by.data<{
    fieldLineage: {
      nodes: ToldColumn[];
      roots: ToldColumn[];
      edges: { source: string; target: string; transformation: string | null }[];
    };
  }>(COLUMN, { dataset, field });
  const names = new Map([...told.nodes, ...told.roots].map((each) => [each.id, `${each.dataset.name}.${each.name}`]));
  return told.edges
    .map(({ source, target, transformation }) => {
      return `${names.get(source) ?? ''} > ${names.get(target) ?? ''} ${transformation ?? ''}`;
    })
    .sort();
}
