/** Jobs that serve models are deployments in the catalog; every other one is a transformation. */
import { badInput } from '../../errors.js';
import type { EventJob } from '../event/event.js';
import { jobTypeOf } from '../event/facets.js';
import { type Named, namedBy } from './names.js';

/** Types of jobs by which producers mean that; case does not count. No official list has one. */
const SERVING = new Set(['SERVING', 'MODEL_SERVING']);

/** What the job is called in the catalog, and what it is there. */
export function jobNamed(job: EventJob): Named {
  return namedBy(SERVING.has(jobTypeOf(job)?.type?.toUpperCase() ?? '') ? 'DEPLOYMENT' : 'TRANSFORMATION', job);
}

/** Throws BAD_USER_INPUT for a deployment that reads something else than models. */
export function checkServes(job: Named | null, inputs: readonly Named[]): void {
  if (job?.kind !== 'DEPLOYMENT') return;
  const other = inputs.find(({ kind }) => kind !== 'MODEL');
  if (other)
    throw badInput(
      `The job ${job.urn} serves, by its jobType, and reads ${other.urn}. What serves reads models: give that input a datasetType facet of MODEL, or the job another jobType.`,
    );
}
