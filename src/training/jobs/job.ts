import type { EnergyAccount } from './energy.js';
import type { FailureCode, JobHandle, JobSpec, JobUsage } from '../../launchers/port/launcher.js';

export const JOB_STATES = [
  'PENDING', 'SUBMITTING', 'QUEUED', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLING', 'CANCELLED', 'LOST',
] as const; // prettier-ignore
export type JobState = (typeof JOB_STATES)[number];

const TERMINAL: readonly JobState[] = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'LOST'];
/** Handed over to a launcher, and not begun. */
export const WAITING_STATES: readonly JobState[] = ['QUEUED', 'STARTING'];
export const OPEN_STATES: readonly JobState[] = JOB_STATES.filter((state) => !TERMINAL.includes(state));

/** Terminal states are sticky: nothing leaves them. */
export function isTerminal(state: JobState): boolean {
  return TERMINAL.includes(state);
}

/** What is asked of a launcher, as kept with the job. */
export type JobOrder = Omit<JobSpec, 'inputs'>;

/** What the caller asked of the life of a job, beside the work itself. */
export interface JobPolicy {
  /** How long an attempt may wait until its program begins; null: for ever. */
  queueSeconds: number | null;
  /** Exit codes of the program after which it is tried again. */
  retryOnExitCodes: readonly number[];
}

/** Why Weftline stops a job that nobody asked to stop. */
export type StopReason = 'QUEUE_TIMEOUT' | 'RUN_TIMEOUT';

export interface Resources {
  gpus: number;
  gpuType: string | null;
  cpus: number | null;
  memoryBytes: bigint | null;
  nodes: number;
}

export interface JobFailure {
  code: FailureCode;
  message: string;
  retryable: boolean;
}

export interface JobSpending extends JobUsage {
  /** Absent in jobs that ended before energy was kept. */
  account?: EnergyAccount;
}

export interface TrainingJob {
  __typename: 'TrainingJob';
  id: string;
  state: JobState;
  /** Grows by one with each write: a compare-and-set on it decides between two writers. */
  revision: number;
  requestHash: string;
  runId: string;
  transformationId: string;
  outputId: string;
  inputIds: string[];
  launcher: string;
  requestedById: string;
  /** The team it is charged to; null: none. */
  teamId: string | null;
  /** What it may use of the team's GPU-hours while it is open: its GPUs times its time limit; null without a limit. */
  reservedGpuSeconds: number | null;
  purpose: string | null;
  order: JobOrder;
  resources: Resources;
  maxRetries: number;
  policy: JobPolicy;
  /** The present attempt, from 1. */
  attempt: number;
  /** How many of the earlier attempts were preempted: these do not count as retries. */
  preemptions: number;
  /** The present attempt is not handed over before; null: at once. */
  notBefore: Date | null;
  stopReason: StopReason | null;
  /** Of the last state change. */
  changedAt: Date;
  handle: JobHandle | null;
  createdAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  cancelRequestedAt: Date | null;
  /** Latest value of each metric the program of the present attempt reported. */
  metrics: Record<string, unknown>;
  /** What of its reports or its manifest was not kept, and why; null: all was. */
  reportNote: string | null;
  /** What is stored of it and cannot be read, and why; null: all can. Such a job is not handed over. */
  damage: string | null;
  /** 0 to 1, as the program reported; null when it did not. */
  progress: number | null;
  /** Of the attempts that ended, together; null while none did. */
  usage: JobSpending | null;
  modelVersionId: string | null;
  failure: JobFailure | null;
  observedAt: Date | null;
  observationError: string | null;
  /** Why its program has not begun, as the launcher said when it was last asked; null when it has, or when nothing is said. */
  waitingFor: string | null;
  /** Where to read on in what the program reports. */
  eventsCursor: string | null;
  /** Number of the last state change. */
  transitions: number;
  /** Lines of reports of the present attempt that were neither a metric nor progress. */
  linesNotUnderstood: number;
  /** Grows when metrics or progress change. */
  reports: number;
}

export interface JobAttempt {
  number: number;
  state: JobState;
  handle: JobHandle | null;
  startedAt: Date | null;
  endedAt: Date | null;
  exitCode: number | null;
  signal: string | null;
  reason: string | null;
  /** The last value of each metric that its program reported. */
  metrics: Record<string, unknown>;
  /** What its record said that was found after the job had ended as LOST, and when; null: none was. */
  foundLater: { text: string; at: Date } | null;
  /** Null until it has ended, and when it never started. */
  usage: JobSpending | null;
}

/** A state change of a job, with its cause. */
export interface JobTransition {
  seq: number;
  state: JobState;
  at: Date;
  cause: string;
  /** The attempt that the job was in, or went to. */
  attempt: number;
}
