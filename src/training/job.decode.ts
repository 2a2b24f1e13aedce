import type { Row } from '../neo4j/row.js';
import {
  isTerminal,
  type JobAttempt,
  type JobFailure,
  JOB_STATES,
  type JobOrder,
  type JobState,
  type JobTransition,
  type TrainingJob,
} from './job.js';
import type { JobHandle, JobObservation, JobUsage } from './launchers/launcher.js';

/** Members that orders of jobs launched by an earlier Weftline lack. */
const NOT_SAID_ONCE = { image: null, queue: null, secrets: {} };

export function decodeJob(row: Row): TrainingJob {
  return {
    __typename: 'TrainingJob',
    id: row.text('id'),
    state: stateOf(row.text('state')),
    revision: row.int('revision'),
    requestHash: row.text('requestHash'),
    runId: row.text('runId'),
    transformationId: row.text('transformationId'),
    outputId: row.text('outputId'),
    inputIds: row.texts('inputIds'),
    launcher: row.text('launcher'),
    requestedById: row.text('requestedById'),
    purpose: row.maybeText('purpose'),
    order: { ...NOT_SAID_ONCE, ...(JSON.parse(row.text('order')) as Partial<JobOrder>) } as JobOrder,
    resources: {
      gpus: row.int('gpus'),
      gpuType: row.maybeText('gpuType'),
      cpus: row.maybeFloat('cpus'),
      memoryBytes: row.maybeBigInt('memoryBytes'),
      nodes: row.int('nodes'),
    },
    maxRetries: row.int('maxRetries'),
    attempt: row.int('attempt'),
    handle: parsed(row.maybeText('handle')) as JobHandle | null,
    createdAt: row.time('createdAt'),
    startedAt: row.maybeTime('startedAt'),
    endedAt: row.maybeTime('endedAt'),
    cancelRequestedAt: row.maybeTime('cancelRequestedAt'),
    metrics: row.json('metrics'),
    progress: row.maybeFloat('progress'),
    usage: parsed(row.maybeText('usage')) as JobUsage | null,
    modelVersionId: row.maybeText('modelVersionId'),
    failure: parsed(row.maybeText('failure')) as JobFailure | null,
    observedAt: row.maybeTime('observedAt'),
    observationError: row.maybeText('observationError'),
    eventsCursor: row.maybeText('eventsCursor'),
    transitions: row.int('transitions'),
    reports: row.int('reports'),
  };
}

/**
 * The job as it was at the time of an auditor session, as far as its times tell: what it reported and how it ended is
 * not there while it had not ended.
 */
export function jobAsThen(job: TrainingJob, then: Date | undefined): TrainingJob {
  if (!then || (job.endedAt && job.endedAt <= then)) return job;
  const started = job.startedAt !== null && job.startedAt <= then;
  const none = { endedAt: null, usage: null, modelVersionId: null, failure: null, progress: null, metrics: {} };
  const seen = { observedAt: null, observationError: null, cancelRequestedAt: null };
  return {
    ...job,
    ...none,
    ...seen,
    state: started ? 'RUNNING' : 'PENDING',
    startedAt: started ? job.startedAt : null,
  };
}

/** The properties a new TrainingJob node is made with. */
export function storedJob(job: TrainingJob, requestKey: string): Record<string, unknown> {
  const { __typename, order, resources, metrics, handle, usage, failure, ...plain } = job;
  const none = { handle: null, usage: null, failure: null };
  if (handle ?? usage ?? failure) throw new TypeError('A new job has no handle, usage or failure.');
  return {
    ...plain,
    ...resources,
    ...none,
    order: JSON.stringify(order),
    metrics: JSON.stringify(metrics),
    requestKey,
  };
}

/** The properties an attempt is kept with: of the job as it now is, and of how the launcher saw its program end. */
export function storedAttempt(
  job: TrainingJob,
  state: JobState,
  exit: JobObservation | null,
  failure: JobFailure | null,
): Record<string, unknown> {
  return {
    state,
    handle: job.handle && JSON.stringify(job.handle),
    startedAt: exit?.startedAt ?? job.startedAt,
    ...(isTerminal(state) ? { endedAt: exit?.endedAt ?? job.endedAt } : {}),
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    reason: failure?.code ?? null,
  };
}

export function decodeAttempt(row: Row): JobAttempt {
  return {
    number: row.int('number'),
    state: stateOf(row.text('state')),
    handle: parsed(row.maybeText('handle')) as JobHandle | null,
    startedAt: row.maybeTime('startedAt'),
    endedAt: row.maybeTime('endedAt'),
    exitCode: row.maybeInt('exitCode'),
    signal: row.maybeText('signal'),
    reason: row.maybeText('reason'),
  };
}

export function decodeTransition(row: Row): JobTransition {
  return { seq: row.int('seq'), state: stateOf(row.text('state')), at: row.time('at'), cause: row.text('cause') };
}

function stateOf(word: string): JobState {
  const state = JOB_STATES.find((each) => each === word);
  if (state === undefined) throw new TypeError(`"${word}" is no state of a job.`);
  return state;
}

function parsed(json: string | null): unknown {
  return json === null ? null : JSON.parse(json);
}
