/** What Ray says of a job, in the words of an engine. */
import { constants } from 'node:os';
import { z } from 'zod';
import type { EngineEnd, EngineView } from '../engine/engine.js';
import { excerpt } from './client.js';

export const rayJobSchema = z.object({
  type: z.string(),
  submission_id: z.string().nullable(),
  status: z.enum(['PENDING', 'RUNNING', 'STOPPED', 'SUCCEEDED', 'FAILED']),
  message: z.string().nullish(),
  error_type: z.string().nullish(),
  end_time: z.number().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  driver_node_id: z.string().nullish(),
  driver_exit_code: z.number().nullish(),
});

export type RayJob = z.infer<typeof rayJobSchema>;
type Failure = NonNullable<EngineEnd['failure']>;

const END_STATES = ['STOPPED', 'SUCCEEDED', 'FAILED'];

export const isRayJobOver = (job: RayJob): boolean => END_STATES.includes(job.status);

/** Ray's `start_time` is the time of submission, so when it began is not known here. */
export function viewOfRayJob(job: RayJob): EngineView {
  switch (job.status) {
    case 'PENDING':
      return { state: 'QUEUED', message: excerpt(job.message ?? '') || null, startedAt: null, end: null };
    case 'RUNNING':
      return { state: 'RUNNING', message: null, startedAt: null, end: null };
    case 'SUCCEEDED':
      return ended(job, { state: 'SUCCEEDED', failure: null });
    case 'STOPPED':
      return ended(job, {
        state: 'CANCELLED',
        failure: { code: 'CANCELLED_OUTSIDE', message: 'Ray was asked to stop it.', retryable: false },
      });
    case 'FAILED':
      return ended(job, failureOf(job));
  }
}

/** A head that was restarted over kept storage says RUNNING for ever of what ran on a node that is gone. */
export function viewOfGhost(job: RayJob): EngineView {
  const message = `Ray says that the job runs, but its node ${job.driver_node_id ?? ''} is gone, and the job with it.`;
  return ended(job, { state: 'LOST', failure: { code: 'BACKEND_LOST', message, retryable: true } });
}

function ended(job: RayJob, outcome: Pick<EngineEnd, 'state' | 'failure'>): EngineView {
  const code = job.driver_exit_code ?? null;
  const end: EngineEnd = {
    ...outcome,
    endedAt: job.end_time == null ? null : new Date(job.end_time),
    exitCode: code !== null && code >= 0 ? code : null,
    signal: code !== null && code < 0 ? signalName(-code) : null,
  };
  return { state: 'ENDED', message: null, startedAt: null, end };
}

function failureOf(job: RayJob): Pick<EngineEnd, 'state' | 'failure'> {
  const words = excerpt(job.message ?? 'nothing more');
  const failed = (
    code: Failure['code'],
    message: string,
    retryable: boolean,
  ): Pick<EngineEnd, 'state' | 'failure'> => ({
    state: 'FAILED',
    failure: { code, message: `${message} Ray says: ${words}`, retryable },
  });
  switch (job.error_type) {
    case 'JOB_SUPERVISOR_ACTOR_DIED':
      return failed('NODE_FAILURE', 'The process of Ray that stood by the job died, often with its node.', true);
    case 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT': {
      const message =
        'No room for the job came up within the time Ray waits (RAY_JOB_START_TIMEOUT_SECONDS). Ask for less or start it again later.';
      return { ...failed('QUEUE_TIMEOUT', message, true), state: 'TIMED_OUT' };
    }
    case 'JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE':
      return failed('UNSCHEDULABLE', 'No node of the cluster can take the job.', false);
    case 'RUNTIME_ENV_SETUP_FAILURE':
      return failed('START_FAILED', 'The runtime environment of the job could not be set up.', false);
    case 'JOB_SUPERVISOR_ACTOR_UNKNOWN_FAILURE':
      return failed('NODE_FAILURE', 'Ray lost the job.', true);
    case 'JOB_SUPERVISOR_ACTOR_START_FAILURE':
    case 'JOB_ENTRYPOINT_COMMAND_START_ERROR':
      return failed('START_FAILED', 'Ray could not start the runner of the job.', false);
    default:
      return ofExitCode(job.driver_exit_code ?? null, failed);
  }
}

function ofExitCode(
  code: number | null,
  failed: (code: Failure['code'], message: string, retryable: boolean) => Pick<EngineEnd, 'state' | 'failure'>,
): Pick<EngineEnd, 'state' | 'failure'> {
  if (code === null) return failed('START_FAILED', 'Ray could not run the job.', false);
  if (code < 0) return failed('SIGNAL', `The runner of the job was ended by ${signalName(-code)}.`, code === -9);
  if (code === 126 || code === 127) {
    return failed('START_FAILED', 'The runner is not there on the node, or may not be executed.', false);
  }
  return failed('EXIT_CODE', `The runner of the job ended with exit code ${code}.`, false);
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
