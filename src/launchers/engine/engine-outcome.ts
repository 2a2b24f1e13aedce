/**
 * How an attempt on an engine stands, by three witnesses: what the engine says, the exit record its runner left in the
 * folder of the run, and, within that record, the output manifest. The record outweighs the engine, which may say
 * TIMEOUT of a program that ended well while it could not be told; only where the record itself says no more than that
 * something from outside ended the program does the engine know better.
 */
import type { RunUse } from '../run-folder/abandonment.js';
import type { EngineEnd, EngineView } from './engine.js';
import type { FailureCode, JobObservation } from '../port/launcher.js';
import { NOTHING_KNOWN } from '../run-folder/run-observation.js';
import type { RunVerdict } from '../run-folder/run-folder.js';

export interface Witnesses {
  record: RunVerdict | null;
  /** null: the engine does not know the task. */
  view: EngineView | null;
  /** Somebody asked through Weftline to stop it. */
  cancelled: boolean;
  /** When the program began, as the runner wrote it; null before. */
  startedAt: Date | null;
  /** Whether anybody works on it still; IN_USE while the engine says that it goes on. */
  use: RunUse;
}

/** The record tells all there is to know: the engine need not be asked. */
export function isConclusive(record: RunVerdict): boolean {
  return !endedFromOutside(record);
}

export function judgeAttempt(witnesses: Witnesses): JobObservation {
  const { record, view, cancelled, startedAt, use } = witnesses;
  if (record !== null && isConclusive(record)) return record;
  if (view !== null && view.end === null) return record === null ? open(view, startedAt) : { ...RUNNING, startedAt };
  const end = view?.end ?? null;
  if (record !== null) return explained(record, end, cancelled);
  // Who works on it outweighs an engine that has lost sight of it; and the record may come a moment late.
  if (use === 'IN_USE') return open(view, startedAt);
  return end === null ? unknownToEngine(cancelled, startedAt) : withoutRecord(end, witnesses);
}

/** The runner was told to end, or the program was killed by somebody else than the runner. */
function endedFromOutside({ failure }: RunVerdict): boolean {
  return failure?.code === 'SIGNAL' && failure.retryable;
}

const RUNNING = { ...NOTHING_KNOWN, state: 'RUNNING' as const };

/** Of what an engine runs, the program begins later than the runner. */
function open(view: EngineView | null, startedAt: Date | null): JobObservation {
  if (startedAt !== null) return { ...RUNNING, startedAt };
  const state = view === null || view.state === 'QUEUED' ? 'QUEUED' : 'STARTING';
  return { ...NOTHING_KNOWN, state, waitingFor: view?.message ?? null };
}

function explained(record: RunVerdict, end: EngineEnd | null, cancelled: boolean): JobObservation {
  if (end === null && !cancelled) return record;
  const { state, failure } = outcomeOf(end ?? NEVER_SEEN, cancelled);
  // An engine that only repeats that the program failed has nothing to add.
  if (failure === null || failure.code === 'EXIT_CODE' || failure.code === 'SIGNAL') return record;
  return { ...record, state, failure };
}

function withoutRecord(end: EngineEnd, { use, cancelled, startedAt }: Witnesses): JobObservation {
  const { endedAt, exitCode, signal } = end;
  const outcome = end.state === 'SUCCEEDED' && !cancelled ? successWithoutRecord(use) : outcomeOf(end, cancelled);
  return { ...NOTHING_KNOWN, ...outcome, startedAt, endedAt, exitCode, signal };
}

/** A second runner of the attempt, of a task that an engine began again, ends well at once: so success says nothing of the first. */
function successWithoutRecord(use: RunUse): Pick<JobObservation, 'state' | 'failure'> {
  if (use === 'LEFT') {
    const message =
      'The engine says that the job ended well, but the runner of its program left no exit record and shows no sign of life. It may have been killed, and the job begun again at the engine.';
    return { state: 'LOST', failure: failureOf('BACKEND_LOST', message, true) };
  }
  const message =
    'The engine says that the job ended well, but its runner left no exit record, so nobody can say what became of the program. See that the folder of the jobs is shared with the machines of the engine.';
  return { state: 'FAILED', failure: failureOf('RESULT_MISSING', message, false) };
}

function outcomeOf(end: EngineEnd, cancelled: boolean): Pick<JobObservation, 'state' | 'failure'> {
  if (cancelled)
    return { state: 'CANCELLED', failure: failureOf('CANCELLED_BY_USER', 'The job was cancelled.', false) };
  if (end.state !== 'CANCELLED') return { state: end.state, failure: end.failure };
  const message = `The job was cancelled at the engine, not through Weftline.${end.failure ? ` ${end.failure.message}` : ''}`;
  return { state: 'CANCELLED', failure: failureOf('CANCELLED_OUTSIDE', message, false) };
}

function unknownToEngine(cancelled: boolean, startedAt: Date | null): JobObservation {
  if (cancelled) return { ...NOTHING_KNOWN, ...outcomeOf(NEVER_SEEN, true), startedAt };
  const message =
    startedAt === null
      ? 'The engine does not know the job, and its program never began. The engine may have been set up anew.'
      : 'The engine does not know the job any more, and its program left no exit record and shows no sign of life. The engine or its machine may have been restarted.';
  return { ...NOTHING_KNOWN, state: 'LOST', startedAt, failure: failureOf('BACKEND_LOST', message, true) };
}

const NEVER_SEEN: EngineEnd = { state: 'LOST', endedAt: null, exitCode: null, signal: null, failure: null };

function failureOf(code: FailureCode, message: string, retryable: boolean): NonNullable<JobObservation['failure']> {
  return { code, message, retryable };
}
