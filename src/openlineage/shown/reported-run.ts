/** What events told of a run, read from its facets. Of a run that no event told of they are somebody's own words, and say nothing here. */
import { WeftlineError } from '../../errors.js';
import type { Run } from '../../lineage/runs/run.js';
import type { Facets } from '../event/event.js';
import { errorOf, type NominalTime, nominalTimeOf, parentOf, type RunError } from '../event/run-facets.js';
import { type EventTag, type ProcessingEngine, processingEngineOf, tagsOf } from './telling-facets.js';
import { namedBy, runKeyOf } from '../reading/names.js';
import type { SaidFacet } from './reported.js';
import type { RunSource } from './reported.repository.js';

const MOST_TAGS = 200;

const told = ({ externalId, facets }: Run): { runFacets: Facets } => ({
  runFacets: externalId === null ? {} : (facets as Facets),
});

export const nominalTimeOfRun = (run: Run): NominalTime | null => nominalTimeOf(told(run));

export const engineOfRun = (run: Run): ProcessingEngine | null => processingEngineOf(told(run));

export const tagsOfRun = (run: Run): Omit<EventTag, 'field'>[] =>
  tagsOf(told(run))
    .slice(0, MOST_TAGS)
    .map(({ key, value, source }) => ({ key, value, source }));

/** As of a run whose end is not known yet to who asks: no failure. */
export const failureOfRun = (run: Run): RunError | null => (run.error === null ? null : errorOf(told(run)));

/** By what the run is found that all began with; null: none was named. */
export function rootKeyOf(run: Run): string | null {
  const root = parentOf(told(run))?.root ?? null;
  if (root === null) return null;
  try {
    return runKeyOf(namedBy('TRANSFORMATION', root.job), root.runId);
  } catch (error) {
    // What cannot be a name is that of no run.
    if (error instanceof WeftlineError) return null;
    throw error;
  }
}

/** In the order of their names. */
export function facetsOfRun(run: Run, { reportedById, saidAt }: RunSource, wanted: string | null): SaidFacet[] {
  return Object.entries(told(run).runFacets)
    .filter(([name, body]) => (wanted === null || name === wanted) && isObject(body))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, body]) => ({ name, body, producer: producerOf(body), reportedById, saidAt: saidAt(name) }));
}

const producerOf = ({ _producer: producer }: Readonly<Record<string, unknown>>): string =>
  typeof producer === 'string' ? producer : '';

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
