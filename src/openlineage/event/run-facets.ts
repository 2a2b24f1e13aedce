/** What facets say of a run; see facets.ts. */
import type { RunEvent } from './event.js';
import { timeOf } from './event-time.js';
import { facetOf } from './facet.js';

type OfRun = Pick<RunEvent, 'runFacets'>;

/** A run as another one names it. */
interface RunName {
  /** In lower case. */
  runId: string;
  job: { namespace: string; name: string };
}

export interface ParentRun extends RunName {
  /** The run that all began with; null: not said. */
  root: RunName | null;
}

interface SentRun {
  run: { runId: string };
  job: { namespace: string; name: string };
}

/** The run that started this one: it may never have been told of itself. */
export function parentOf({ runFacets }: OfRun): ParentRun | null {
  const facet = facetOf<SentRun & { root?: SentRun }>(runFacets, 'parent');
  if (!facet?.run || !facet.job) return null;
  return { ...nameOf({ run: facet.run, job: facet.job }), root: facet.root ? nameOf(facet.root) : null };
}

const nameOf = ({ run, job: { namespace, name } }: SentRun): RunName => ({
  runId: run.runId.toLowerCase(),
  job: { namespace, name },
});

export interface NominalTime {
  start: Date;
  /** null: not said, or no time. */
  end: Date | null;
}

/** What the run was scheduled for, which need not be when it ran. null as well when it is no time. */
export function nominalTimeOf({ runFacets }: OfRun): NominalTime | null {
  const facet = facetOf<{ nominalStartTime: string; nominalEndTime?: string }>(runFacets, 'nominalTime');
  const start = timeOf(facet?.nominalStartTime ?? '');
  return start && { start, end: timeOf(facet?.nominalEndTime ?? '') };
}

export interface RunError {
  message: string;
  programmingLanguage: string | null;
  stackTrace: string | null;
}

export function errorOf({ runFacets }: OfRun): RunError | null {
  const facet = facetOf<RunError>(runFacets, 'errorMessage');
  if (facet?.message === undefined) return null;
  const { message, programmingLanguage = null, stackTrace = null } = facet;
  return { message, programmingLanguage, stackTrace };
}
