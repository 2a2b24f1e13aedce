/** A task of ours as a job of Ray. */
import type { EngineTask } from '../engine/engine.js';
import type { JobSpec } from '../port/launcher.js';
import type { RayJob } from './job.js';
import type { RaySettings } from './settings.js';

/** How long Ray waits beyond the grace of the job, which the runner keeps, before it kills what it was asked to stop. */
const STOP_MARGIN_SECONDS = 10;

const FOLDER = 'weftline_folder';

/** What Ray cannot do; null when it can. */
export function refuseForRay(
  spec: JobSpec,
  settings: Pick<RaySettings, 'images'>,
): { code: string; message: string } | null {
  if (spec.queue !== null) {
    return { code: 'NO_QUEUES', message: `Ray has no queues, so none is called "${spec.queue}". Leave the queue out.` };
  }
  if (spec.image === null || Object.hasOwn(settings.images, spec.image)) return null;
  const known = Object.keys(settings.images).join(', ');
  const there = known === '' ? 'has none' : `has ${known}`;
  const message = `The job asks for the image "${spec.image}", but this launcher ${there}. Choose another or none, or have it added to the \`images\` of the launcher.`;
  return { code: 'UNKNOWN_IMAGE', message };
}

/** The body of the submission. All of it can be read by whoever may ask Ray, so no secret may be in it. */
export function rayRequest({ name, command, environment, folder, spec }: EngineTask, settings: RaySettings): object {
  const { gpus, cpus, memoryBytes } = spec.resources;
  const image = spec.image === null ? undefined : settings.images[spec.image];
  return {
    submission_id: name,
    // Ray has a shell run it, which would stand between its signals and the runner.
    entrypoint: `exec ${command.map(quoted).join(' ')}`,
    entrypoint_num_gpus: gpus,
    entrypoint_num_cpus: cpus ?? settings.cpus,
    ...(memoryBytes === null ? {} : { entrypoint_memory: memoryBytes }),
    metadata: { [FOLDER]: folder },
    runtime_env: {
      ...settings.runtimeEnv,
      ...(image === undefined ? {} : { image_uri: image }),
      env_vars: {
        ...settings.runtimeEnv.env_vars,
        ...environment,
        RAY_JOB_STOP_WAIT_TIME_S: String(Math.ceil(spec.limits.graceSeconds) + STOP_MARGIN_SECONDS),
        // Ray leaves the variable as it is for a job without GPUs, which would then see all of the node.
        ...(gpus === 0 ? { CUDA_VISIBLE_DEVICES: '' } : {}),
      },
    },
  };
}

/** The folder a job of ours was submitted with; null for a job of somebody else. */
export function folderOfRayJob(job: RayJob): string | null {
  const folder = job.metadata?.[FOLDER];
  return typeof folder === 'string' ? folder : null;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
