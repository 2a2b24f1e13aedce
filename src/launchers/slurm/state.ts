/** What the states of Slurm mean. https://slurm.schedmd.com/squeue.html#SECTION_JOB-STATE-CODES */
import { constants } from 'node:os';
import type { EngineEnd, EngineView } from '../engine/engine.js';
import { type FailureCode, LauncherUnreachable } from '../port/launcher.js';
import type { SlurmJob } from './access.js';

/** Slurm's way to say that the script could not be started, as its folder is not there. */
const LAUNCH_SIGNAL = 53;

const OPEN: Readonly<Record<string, EngineView['state']>> = {
  PENDING: 'QUEUED',
  REQUEUED: 'QUEUED',
  REQUEUE_FED: 'QUEUED',
  REQUEUE_HOLD: 'QUEUED',
  RESV_DEL_HOLD: 'QUEUED',
  SPECIAL_EXIT: 'QUEUED',
  CONFIGURING: 'STARTING',
  RUNNING: 'RUNNING',
  RESIZING: 'RUNNING',
  SIGNALING: 'RUNNING',
  STAGE_OUT: 'RUNNING',
  STOPPED: 'RUNNING',
  SUSPENDED: 'RUNNING',
  // It is being ended, and may still write.
  COMPLETING: 'RUNNING',
};

type Ending = Pick<EngineEnd, 'state' | 'failure'>;

const ENDINGS: Readonly<Record<string, (job: SlurmJob) => Ending>> = {
  COMPLETED: () => ({ state: 'SUCCEEDED', failure: null }),
  FAILED: failed,
  TIMEOUT: () => timedOut("Slurm ended the job at its time limit: the runner did not keep the job's own."),
  DEADLINE: () => timedOut('Slurm ended the job, as it could not be done by its deadline.'),
  CANCELLED: (job) => ({
    state: 'CANCELLED',
    failure: { code: 'CANCELLED_OUTSIDE', message: `Slurm says CANCELLED${because(job)}.`, retryable: false },
  }),
  OUT_OF_MEMORY: () =>
    failure('OUT_OF_MEMORY', 'The job used more memory than it was given: ask for more (resources).', false),
  NODE_FAIL: (job) => failure('NODE_FAILURE', `A node of the job failed${because(job)}.`, true),
  BOOT_FAIL: (job) => failure('NODE_FAILURE', `The node of the job did not boot${because(job)}.`, true),
  PREEMPTED: () => failure('PREEMPTED', 'A job of higher priority took the place of this one.', true),
  REVOKED: () => ({
    state: 'LOST',
    failure: { code: 'BACKEND_LOST', message: 'Another cluster of the federation took the job.', retryable: false },
  }),
};

/** The job in the words of an engine. Throws `LauncherUnreachable` for a state that no version known here has. */
export function viewOf(job: SlurmJob): EngineView {
  const startedAt = OPEN[job.state] === 'QUEUED' ? null : job.startedAt;
  const ending = ENDINGS[job.state];
  if (ending !== undefined) {
    const { exitCode, endedAt } = job;
    const end = { ...ending(job), endedAt, exitCode, signal: signalName(job.signal) };
    return { state: 'ENDED', message: job.reason, startedAt, end };
  }
  const state = OPEN[job.state];
  if (state === undefined)
    throw new LauncherUnreachable(`Slurm says that job ${job.id} is "${job.state}", which is not known here.`);
  const isPlain = job.state === 'PENDING' || job.state === 'RUNNING';
  const message = isPlain ? job.reason : `${job.state}${because(job)}`;
  return { state, message, startedAt, end: null };
}

export function isOverInSlurm(state: string): boolean {
  return state in ENDINGS;
}

function failed(job: SlurmJob): Ending {
  if (job.signal === LAUNCH_SIGNAL || (job.reason === 'JobLaunchFailure' && !job.signal && !job.exitCode)) {
    const message =
      'Slurm could not start the runner. See that the folder of the jobs is shared with its nodes, and that the user of the jobs may write there.';
    return failure('START_FAILED', message, true);
  }
  if (job.reason === 'BadConstraints')
    return failure('UNSCHEDULABLE', 'No node can ever give what the job asks for.', false);
  if (job.signal) {
    const signal = signalName(job.signal) ?? `signal ${job.signal}`;
    // Only this one is sent by others than the program itself: an administrator, or a machine out of memory.
    return failure('SIGNAL', `The runner was ended by ${signal}${because(job)}.`, signal === 'SIGKILL');
  }
  return failure('EXIT_CODE', `The runner ended with exit code ${job.exitCode ?? 'unknown'}${because(job)}.`, false);
}

function failure(code: FailureCode, message: string, retryable: boolean): Ending {
  return { state: 'FAILED', failure: { code, message, retryable } };
}

function timedOut(message: string): Ending {
  return { state: 'TIMED_OUT', failure: { code: 'RUN_TIMEOUT', message, retryable: false } };
}

function because({ reason }: SlurmJob): string {
  return reason === null ? '' : ` (${reason})`;
}

function signalName(number: number | null): string | null {
  if (number === null) return null;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? null;
}
