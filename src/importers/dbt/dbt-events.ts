import { EventMaker, facetsOf, named, type Outgoing } from '../events/outgoing.js';
import type { Artifacts } from './artifacts.js';
import { dbtJob, exposureJob } from './jobs.js';
import { type Naming, Project } from './project.js';
import { freshnessEvents, testEvents } from './quality-events.js';
import { engineFacet, invocationOf, spanOf, timeOf, wholeOf } from './runs.js';
import { type Saying, tableEvents } from './table-events.js';
import { tableFacets } from './table-facets.js';

const PRODUCER = 'urn:weftline:import:dbt';

/** What the artefacts of dbt tell, as the events that dbt-ol would send of it, and what it leaves out: seeds, exposures, freshness. */
export function dbtEvents(artifacts: Artifacts, naming: Naming): Outgoing[] {
  const { manifest, runResults, sources } = artifacts;
  const project = new Project(artifacts, naming);
  const facet = facetsOf(PRODUCER);
  const events = new EventMaker(PRODUCER);
  const manifestAt = timeOf(manifest.metadata.generated_at) ?? EPOCH;
  const resultsAt = timeOf(runResults?.metadata.generated_at) ?? manifestAt;
  const invocation = invocationOf(project, runResults?.metadata.invocation_id, resultsAt);
  const saying: Saying = { project, events, facet, invocation, manifestAt, resultsAt };
  const described = project.sources.map((node) =>
    events.dataset(manifestAt, { ...project.datasetOf(node), facets: tableFacets(project, node, facet) }),
  );
  const happened = [...project.made.flatMap((node) => tableEvents(saying, node)), ...testEvents(saying)];
  const exposed = Object.values(manifest.exposures ?? {}).map((exposure) => {
    const inputs = project.readBy(exposure.depends_on?.nodes ?? []).map((each) => named(project.datasetOf(each)));
    return events.job({ eventTime: manifestAt, job: exposureJob(project, exposure, facet), inputs, outputs: [] });
  });
  const fresh = sources === null ? [] : freshnessEvents(saying, sources);
  return [...described, ...withinInvocation(saying, happened), ...exposed, ...fresh];
}

/** The check of the manifest lets no other time pass. */
const EPOCH = '1970-01-01T00:00:00Z';

/** The call of dbt around what it did, where it did something. */
function withinInvocation({ project, events, facet, invocation, resultsAt }: Saying, happened: Outgoing[]): Outgoing[] {
  const results = [...project.results.values()];
  if (project.command === null || results.length === 0) return happened;
  const job = dbtJob(project, invocation.job, 'JOB', facet);
  const began = timeOf(project.artifacts.runResults?.metadata.invocation_started_at);
  const span = wholeOf(
    results.map(({ timing }) => spanOf(timing, resultsAt)),
    resultsAt,
  );
  const run = { runId: invocation.runId, job, facets: engineFacet(project, facet), inputs: [], outputs: [] };
  const failed = results.some(({ status }) => ['error', 'fail', 'runtime error', 'partial success'].includes(status));
  return [
    events.run({ ...run, eventTime: began ?? span.began, eventType: 'START' }),
    ...happened,
    events.run({ ...run, eventTime: resultsAt, eventType: failed ? 'FAIL' : 'COMPLETE' }),
  ];
}
