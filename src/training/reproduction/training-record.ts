import type { CodeRef } from '../../catalog/model/attributes.js';
import type { Version } from '../../catalog/versions/version.js';
import { COMMAND_FACET, type Run } from '../../lineage/runs/run.js';
import type { TrainingJob } from '../jobs/job.js';

/** How a model version came about: what its job was asked, what its run recorded, and what its program said. */
export interface TrainingRecord {
  version: Version;
  run: Run;
  job: TrainingJob;
  /** What ran; null when neither the transformation nor the program told. */
  codeRef: CodeRef | null;
  /** The image that ran, by its name; null when none did. */
  image: string | null;
  seeds: Record<string, unknown>;
  environment: Record<string, unknown>;
  hardware: Record<string, unknown>;
}

export function toRecord(version: Version, run: Run, job: TrainingJob): TrainingRecord {
  const { seeds, environment, hardware, code } = version.facets;
  return {
    version,
    run,
    job,
    codeRef: codeRefOf(run, objectOf(code)),
    image: job.order.image,
    seeds: objectOf(seeds),
    environment: objectOf(environment),
    hardware: objectOf(hardware),
  };
}

/** The code of the transformation when it was launched; what the program says of itself is nearer to the truth. */
function codeRefOf(run: Run, said: Record<string, unknown>): CodeRef | null {
  const location = objectOf(run.facets['sourceCodeLocation']);
  const image = textOf(objectOf(run.facets[COMMAND_FACET])['image']);
  const codeRef = {
    repository: textOf(said['repository']) ?? textOf(location['url']),
    revision: textOf(said['revision']) ?? textOf(location['version']),
    path: textOf(said['path']) ?? textOf(location['path']),
    image,
  };
  return Object.values(codeRef).every((member) => member === null) ? null : codeRef;
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
