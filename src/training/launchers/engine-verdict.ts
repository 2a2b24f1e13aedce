/**
 * How an attempt on an engine stands, by three witnesses: what the engine says, the exit record its runner left in the
 * folder of the run, and, within that record, the output manifest. The record outweighs the engine, which may say
 * TIMEOUT of a program that ended well while it could not be told; only where the record itself says no more than that
 * something from outside ended the program does the engine know better.
 */
import type { EngineEnd, EngineView } from './engine.js';
import type { FailureCode, JobObservation } from './launcher.js';
import { NOTHING_KNOWN } from './local-observation.js';
import type { RunVerdict } from './local-run.js';

export interface Witnesses {
  record: RunVerdict | null;
  /** null: the engine does not know the task. */
  view: EngineView | null;
  /** Somebody asked through Weftline to stop it. */
  cancelled: boolean;
  /** When the program began, as the runner wrote it; null before. */
  startedAt: Date | null;
  /** The engine said long enough ago that it is over for the record to have come. */
  settled: boolean;
}

/** The record tells all there is to know: the engine need not be asked. */
export function isConclusive(record: RunVerdict): boolean {
  return !endedFromOutside(record);
}

export function judgeAttempt({ record, view, cancelled, startedAt, settled }: Witnesses): JobObservation {
  if (record !== null && isConclusive(record)) return record;
  if (view === null) return record ?? unknownToEngine(cancelled, startedAt);
  const { end } = view;
  if (end === null)
    return { ...NOTHING_KNOWN, state: record === null ? openState(view, startedAt) : 'RUNNING', startedAt };
  if (record !== null) return explained(record, end, cancelled);
  // The file system may show the record a moment after the engine shows the end.
  if (!settled) return { ...NOTHING_KNOWN, state: 'RUNNING', startedAt };
  return withoutRecord(end, cancelled, startedAt);
}

/** The runner was told to end, or the program was killed by somebody else than the runner. */
function endedFromOutside({ failure }: RunVerdict): boolean {
  return failure?.code === 'SIGNAL' && failure.retryable;
}

/** Of what an engine runs, the program begins later than the runner. */
function openState(view: EngineView, startedAt: Date | null): JobObservation['state'] {
  if (startedAt !== null) return 'RUNNING';
  return view.state === 'QUEUED' ? 'QUEUED' : 'STARTING';
}

function explained(record: RunVerdict, end: EngineEnd, cancelled: boolean): JobObservation {
  const { state, failure } = outcomeOf(end, cancelled);
  // An engine that only repeats that the program failed has nothing to add.
  if (failure === null || failure.code === 'EXIT_CODE' || failure.code === 'SIGNAL') return record;
  return { ...record, state, failure };
}

function withoutRecord(end: EngineEnd, cancelled: boolean, startedAt: Date | null): JobObservation {
  const { endedAt, exitCode, signal } = end;
  if (end.state === 'SUCCEEDED') {
    const message =
      'The engine says that the job ended well, but its runner left no exit record, so nobody can say what became of the program. See that the folder of the jobs is shared with the machines of the engine.';
    const failure = failureOf('RESULT_MISSING', message, false);
    return { ...NOTHING_KNOWN, state: 'FAILED', startedAt, endedAt, exitCode, signal, failure };
  }
  return { ...NOTHING_KNOWN, ...outcomeOf(end, cancelled), startedAt, endedAt, exitCode, signal };
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
      : 'The engine does not know the job any more, and its program left no exit record. The engine or its machine may have been restarted.';
  return { ...NOTHING_KNOWN, state: 'LOST', startedAt, failure: failureOf('BACKEND_LOST', message, true) };
}

const NEVER_SEEN: EngineEnd = { state: 'LOST', endedAt: null, exitCode: null, signal: null, failure: null };

function failureOf(code: FailureCode, message: string, retryable: boolean): NonNullable<JobObservation['failure']> {
  return { code, message, retryable };
}
