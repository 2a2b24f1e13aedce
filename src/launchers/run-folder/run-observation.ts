import { isAtWork } from './at-work.js';
import { DamagedFile, legible } from '../files/damaged-file.js';
import type { JobObservation } from '../port/launcher.js';
import type { RunFolder, RunningProgram } from './run-folder.js';
import { isAlive } from '../machine/process-identity.js';

/** What is said of an attempt about which nothing is known but its state. */
export const NOTHING_KNOWN = {
  startedAt: null,
  endedAt: null,
  exitCode: null,
  signal: null,
  failure: null,
  output: null,
  usage: null,
};

const LAST_STATES: readonly JobObservation['state'][] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'LOST'];

export function isOver(observation: JobObservation): boolean {
  return LAST_STATES.includes(observation.state);
}

/** What the records of a run and the processes of this machine say about it now. Changes nothing. */
export async function observeRun(run: RunFolder): Promise<JobObservation> {
  try {
    return await readRun(run);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    // Its supervisor sees it too, ends the program, and leaves a verdict.
    if (!(await isAtWork(run))) return spoilt(error);
    return { ...NOTHING_KNOWN, state: 'RUNNING', ...begun(await legible(run.readProgram())) };
  }
}

/** A run of which a record was changed by somebody else: whatever it says, nothing is made of it. */
export function spoilt(damage: DamagedFile): JobObservation {
  return {
    ...NOTHING_KNOWN,
    state: 'FAILED',
    failure: { code: 'RESULT_INVALID', message: damage.said, retryable: false },
  };
}

async function readRun(run: RunFolder): Promise<JobObservation> {
  if (!(await run.exists())) return lost('The folder of this job is gone, and with it all that was known about it.');
  const verdict = await run.readVerdict();
  if (verdict !== null) return verdict;
  const claim = await run.readClaim();
  if (claim === null) return { ...NOTHING_KNOWN, state: 'QUEUED' };
  const program = await run.readProgram();
  if (claim.owner !== null && (await isAlive(claim.owner))) {
    return { ...NOTHING_KNOWN, state: program === null ? 'QUEUED' : 'RUNNING', ...begun(program) };
  }
  if (program !== null && (await isAlive(program.identity)))
    return { ...NOTHING_KNOWN, state: 'RUNNING', ...begun(program) };
  // Between the first look and now the supervisor may have written its verdict and ended as it should.
  return (await run.readVerdict()) ?? { ...(await gone(run, claim.owner === null)), ...begun(program) };
}

/** What is known of a program since it began: when, and what its inputs were then. */
export function begun(program: RunningProgram | null): Pick<JobObservation, 'startedAt' | 'inputs'> {
  return { startedAt: program?.startedAt ?? null, ...(program?.inputs ? { inputs: program.inputs } : {}) };
}

async function gone(run: RunFolder, neverSupervised: boolean): Promise<JobObservation> {
  if ((await run.readCancel()) !== null) {
    const failure = { code: 'CANCELLED_BY_USER', message: 'The job was cancelled.', retryable: false } as const;
    return { ...NOTHING_KNOWN, state: 'CANCELLED', failure };
  }
  return lost(
    neverSupervised
      ? 'The supervisor of this job could not be started. The file supervisor.log in the folder of the job says why.'
      : 'The supervisor of this job and its program are gone and left no verdict. The machine may have been restarted.',
  );
}

function lost(message: string): JobObservation {
  return { ...NOTHING_KNOWN, state: 'LOST', failure: { code: 'BACKEND_LOST', message, retryable: true } };
}
