import { type FacetMaker, facets, type OutgoingFacets, runIdOf } from '../events/outgoing.js';
import type { Timing } from './artifacts.js';
import type { Project } from './project.js';

/** When something began and ended. */
export interface Span {
  began: string;
  ended: string;
}

/** When dbt did it, to what it says of it; where it does not, when the file was written. */
export function spanOf(timing: Timing, otherwise: string): Span {
  const executed = timing?.find(({ name }) => name === 'execute');
  const began = timeOf(executed?.started_at) ?? otherwise;
  return { began, ended: timeOf(executed?.completed_at) ?? began };
}

/** The whole of several, by the clock and not by the letters. */
export function wholeOf(spans: readonly Span[], otherwise: string): Span {
  const earliest = spans
    .map(({ began }) => began)
    .reduce((one, other) => (before(other, one) ? other : one), otherwise);
  const first = spans[0]?.ended ?? otherwise;
  return {
    began: spans.length === 0 ? otherwise : earliest,
    ended: spans.map(({ ended }) => ended).reduce((one, other) => (before(one, other) ? other : one), first),
  };
}

const before = (one: string, other: string): boolean => Date.parse(one) < Date.parse(other);

/** dbt writes some times without a zone, and means UTC. */
export function timeOf(said: string | null | undefined): string | null {
  if (said == null || !/^\d{4}-\d\d-\d\dT/.test(said)) return null;
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(said) ? said : `${said}Z`;
  return Number.isNaN(Date.parse(zoned)) ? null : zoned;
}

/** The call of dbt that runs belong to: dbt-ol reports it as a job of its own. */
export interface Invocation {
  job: string;
  runId: string;
}

export function invocationOf(project: Project, id: string | null | undefined, generatedAt: string): Invocation {
  const name = project.artifacts.manifest.metadata.project_name ?? project.made[0]?.package_name ?? 'project';
  const job = `dbt-run-${name}`;
  return { job, runId: runIdOf('dbt', project.naming.jobs, job, id ?? generatedAt) };
}

/** What every run of an invocation says: whose part it is, and which dbt it was. */
export function runFacets(project: Project, invocation: Invocation, facet: FacetMaker): OutgoingFacets {
  const whole = { run: { runId: invocation.runId }, job: { namespace: project.naming.jobs, name: invocation.job } };
  return { parent: facet('ParentRunFacet', { ...whole, root: whole }), ...engineFacet(project, facet) };
}

export function engineFacet(project: Project, facet: FacetMaker): OutgoingFacets {
  const version = project.artifacts.manifest.metadata.dbt_version;
  return facets({
    processing_engine: version == null ? null : facet('ProcessingEngineRunFacet', { name: 'dbt', version }),
  });
}
