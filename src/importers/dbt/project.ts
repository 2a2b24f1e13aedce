import type { DatasetName } from '../events/outgoing.js';
import type { Artifacts, CatalogTable, ManifestNode, RunResult } from './artifacts.js';

/** How the caller wants things named. */
export interface Naming {
  /** The namespace of tables. */
  datasets: string;
  /** The namespace of jobs: what OPENLINEAGE_NAMESPACE is for dbt-ol. */
  jobs: string;
}

/** Commands whose results tell of tables and tests; docs generate and compile leave results too, of nothing that happened. */
const RUNNING: ReadonlySet<string> = new Set(['run', 'build', 'test', 'seed', 'snapshot', 'retry', 'clone']);

/** The kinds of nodes that are tables, or would be. */
const TABLES: ReadonlySet<string> = new Set(['model', 'seed', 'snapshot']);

/** A dbt project as its artefacts tell it: its tables, what each is called, and what each reads. */
export class Project {
  /** Tables that the project makes: models that are no mere part of others, seeds and snapshots. */
  readonly made: readonly ManifestNode[];
  readonly sources: readonly ManifestNode[];
  readonly tests: readonly ManifestNode[];
  /** What happened, by node; empty where nothing was run. */
  readonly results: ReadonlyMap<string, RunResult>;
  readonly command: string | null;
  private readonly nodes: ReadonlyMap<string, ManifestNode>;

  constructor(
    readonly artifacts: Artifacts,
    readonly naming: Naming,
  ) {
    const { manifest, runResults } = artifacts;
    this.nodes = new Map([...Object.values(manifest.nodes), ...Object.values(manifest.sources)].map(byId));
    const nodes = Object.values(manifest.nodes);
    this.made = nodes.filter((node) => TABLES.has(node.resource_type) && !isEphemeral(node));
    this.sources = Object.values(manifest.sources);
    this.tests = nodes.filter((node) => node.resource_type === 'test');
    const which = runResults?.args?.which ?? null;
    this.command = which !== null && RUNNING.has(which) ? which : null;
    this.results = new Map(this.command === null ? [] : runResults?.results.map((each) => [each.unique_id, each]));
  }

  node(id: string): ManifestNode | null {
    return this.nodes.get(id) ?? null;
  }

  catalogOf({ unique_id: id, resource_type: type }: ManifestNode): CatalogTable | null {
    const { catalog } = this.artifacts;
    return (type === 'source' ? catalog?.sources : catalog?.nodes)?.[id] ?? null;
  }

  /** As dbt-ol names it: a source by its name in dbt, whatever the table is called. */
  datasetOf(node: ManifestNode): DatasetName {
    const table = node.resource_type === 'source' ? node.name : (node.alias ?? node.name);
    return { namespace: this.naming.datasets, name: this.pathOf(node, table) };
  }

  /** database.schema.table, of the parts there are. */
  pathOf({ database, schema }: ManifestNode, table: string): string {
    return [database, schema, table].filter((part) => part != null && part !== '').join('.');
  }

  /** As dbt-ol names the job that makes a table. */
  jobOf(node: ManifestNode): string {
    if (node.resource_type === 'seed') return node.unique_id;
    const build = this.command === 'build';
    if (node.resource_type === 'snapshot')
      return this.pathOf(node, node.unique_id.replace(/^snapshot\./, '')) + (build ? '.build.snapshot' : '.snapshot');
    return this.pathOf(node, node.unique_id.replace(/^model\./, '')) + (build ? '.build.run' : '');
  }

  /** As dbt-ol names the job that tests a table. */
  testJobOf(node: ManifestNode): string {
    const name = this.pathOf(node, node.unique_id.replace(/^model\./, ''));
    return name + (this.command === 'build' ? '.build.test' : '.test');
  }

  /** The tables that a node reads: an ephemeral model is none, but what it reads is. */
  readBy(dependencies: readonly string[]): ManifestNode[] {
    const found = new Map<string, ManifestNode>();
    const seen = new Set<string>();
    const open = [...dependencies];
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      const node = this.node(id);
      if (node === null || seen.has(id)) continue;
      seen.add(id);
      if (isEphemeral(node)) open.push(...(node.depends_on?.nodes ?? []));
      else if (node.resource_type === 'source' || TABLES.has(node.resource_type)) found.set(id, node);
    }
    return [...found.values()];
  }

  /** The table that a test is of. Older artefacts do not say it of a test of two: it is the one whose file asks for the test. */
  testedBy(test: ManifestNode): ManifestNode | null {
    const attached = test.attached_node == null ? null : this.node(test.attached_node);
    if (attached !== null) return attached;
    const parents = this.readBy(test.depends_on?.nodes ?? []);
    const asking = test.file_key_name?.split('.').at(-1);
    return parents.find(({ name }) => name === asking) ?? parents.at(-1) ?? null;
  }
}

const byId = (node: ManifestNode): [string, ManifestNode] => [node.unique_id, node];
const isEphemeral = (node: ManifestNode): boolean => node.config?.materialized === 'ephemeral';
