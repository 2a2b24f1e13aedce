import {
  type EventMaker,
  type FacetMaker,
  facets,
  named,
  type Outgoing,
  type OutgoingDataset,
  type OutgoingFacet,
  runIdOf,
} from '../events/outgoing.js';
import type { CatalogTable, ManifestNode, RunResult } from './artifacts.js';
import { tableJob } from './jobs.js';
import type { Project } from './project.js';
import { type Invocation, runFacets, spanOf } from './runs.js';
import { tableFacets } from './table-facets.js';

/** What the events of one import are made with. */
export interface Saying {
  project: Project;
  events: EventMaker;
  facet: FacetMaker;
  invocation: Invocation;
  /** When the manifest was written: what has no time of its own is as of then. */
  manifestAt: string;
  /** When the results were written. */
  resultsAt: string;
}

/** The job that makes a table, the table, and what it reads; with the run of it, where there was one. */
export function tableEvents(saying: Saying, node: ManifestNode): Outgoing[] {
  const { project, events, facet } = saying;
  const result = project.results.get(node.unique_id);
  const job = tableJob(project, node, result?.compiled_code ?? null, facet);
  const inputs = project.readBy(node.depends_on?.nodes ?? []).map((each) => named(project.datasetOf(each)));
  const output = { ...project.datasetOf(node), facets: tableFacets(project, node, facet) };
  if (result === undefined || !DONE.has(result.status))
    return [events.job({ eventTime: saying.manifestAt, job, inputs, outputs: [output] })];
  const { began, ended } = spanOf(result.timing, saying.resultsAt);
  const runId = runIdOf('dbt', saying.invocation.runId, job.namespace, job.name);
  const run = { runId, job, facets: runFacets(project, saying.invocation, facet) };
  const start = events.run({ ...run, eventTime: began, eventType: 'START', inputs, outputs: [named(output)] });
  if (result.status !== 'success') {
    const failed = { ...run, facets: { ...run.facets, ...errorFacet(result, facet) } };
    return [
      start,
      events.run({ ...failed, eventTime: ended, eventType: 'FAIL', inputs, outputs: [] }),
      // A run that failed made no table, and what dbt says of the table holds all the same.
      events.dataset(saying.manifestAt, output),
    ];
  }
  const written = { ...output, ...statistics(project.catalogOf(node), result, facet) };
  return [start, events.run({ ...run, eventTime: ended, eventType: 'COMPLETE', inputs, outputs: [written] })];
}

/** Results of what was done; skipped is none, nor is what had nothing to do. */
const DONE: ReadonlySet<string> = new Set(['success', 'error', 'fail', 'partial success', 'runtime error']);

function errorFacet({ message }: RunResult, facet: FacetMaker): Readonly<Record<string, OutgoingFacet>> {
  const said = message == null || message === '' ? 'dbt did not say why.' : message.slice(0, 10_000);
  return { errorMessage: facet('ErrorMessageRunFacet', { message: said, programmingLanguage: 'SQL' }) };
}

/** How many rows and bytes there are, where an adapter says it: each has its own words. */
function statistics(
  catalog: CatalogTable | null,
  { adapter_response: answer }: RunResult,
  facet: FacetMaker,
): Pick<OutgoingDataset, 'outputFacets'> {
  const rowCount = firstCount(stat(catalog, ['num_rows', 'row_count', 'rows']), answer?.['rows_affected']);
  const size = firstCount(stat(catalog, ['num_bytes', 'bytes']), answer?.['bytes_processed']);
  if (rowCount === null && size === null) return {};
  const counts = { ...(rowCount === null ? {} : { rowCount }), ...(size === null ? {} : { size }) };
  return { outputFacets: facets({ outputStatistics: facet('OutputStatisticsOutputDatasetFacet', counts) }) };
}

const stat = (catalog: CatalogTable | null, names: readonly string[]): unknown =>
  names.map((name) => catalog?.stats?.[name]?.value).find((value) => value !== undefined);

function firstCount(...said: readonly unknown[]): number | null {
  const counts = said.map((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value));
  return counts.find((value): value is number => Number.isSafeInteger(value) && (value as number) > 0) ?? null;
}
