import type { Row } from '../../neo4j/row.js';
import {
  isTerminal,
  type JobAttempt,
  type JobFailure,
  JOB_STATES,
  type JobSpending,
  type JobState,
  type JobTransition,
  type StopReason,
  type TrainingJob,
} from './job.js';
import { StoredParts } from './job.stored.js';
import type { JobObservation } from '../../launchers/port/launcher.js';

export function decodeJob(row: Row): TrainingJob {
  const stored = new StoredParts();
  const job = decodeParts(row, stored);
  return { ...job, damage: stored.damage };
}

function decodeParts(row: Row, stored: StoredParts): Omit<TrainingJob, 'damage'> {
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
    teamId: row.maybeText('teamId'),
    reservedGpuSeconds: row.maybeFloat('reservedGpuSeconds'),
    purpose: row.maybeText('purpose'),
    order: stored.order(row.text('order')),
    resources: {
      gpus: row.int('gpus'),
      gpuType: row.maybeText('gpuType'),
      cpus: row.maybeFloat('cpus'),
      memoryBytes: row.maybeBigInt('memoryBytes'),
      nodes: row.int('nodes'),
    },
    maxRetries: row.int('maxRetries'),
    policy: stored.policy(row.maybeText('policy')),
    attempt: row.int('attempt'),
    preemptions: row.maybeInt('preemptions') ?? 0,
    notBefore: row.maybeTime('notBefore'),
    stopReason: row.maybeText('stopReason') as StopReason | null,
    changedAt: row.maybeTime('changedAt') ?? row.time('createdAt'),
    handle: stored.handle(row.maybeText('handle')),
    createdAt: row.time('createdAt'),
    startedAt: row.maybeTime('startedAt'),
    endedAt: row.maybeTime('endedAt'),
    cancelRequestedAt: row.maybeTime('cancelRequestedAt'),
    metrics: row.json('metrics'),
    reportNote: row.maybeText('reportNote'),
    progress: row.maybeFloat('progress'),
    usage: stored.usage(row.maybeText('usage'), row.maybeFloat('gpuSeconds') ?? 0),
    modelVersionId: row.maybeText('modelVersionId'),
    failure: stored.failure(row.maybeText('failure')),
    observedAt: row.maybeTime('observedAt'),
    observationError: row.maybeText('observationError'),
    waitingFor: row.maybeText('waitingFor'),
    eventsCursor: row.maybeText('eventsCursor'),
    transitions: row.int('transitions'),
    linesNotUnderstood: row.maybeInt('linesNotUnderstood') ?? 0,
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
  const none = {
    endedAt: null,
    usage: null,
    modelVersionId: null,
    failure: null,
    progress: null,
    reportNote: null,
    metrics: {},
    linesNotUnderstood: 0,
  };
  const seen = {
    observedAt: null,
    observationError: null,
    waitingFor: null,
    cancelRequestedAt: null,
    notBefore: null,
    stopReason: null,
  };
  return {
    ...job,
    ...none,
    ...seen,
    state: started ? 'RUNNING' : 'PENDING',
    handle: started ? job.handle : null,
    startedAt: started ? job.startedAt : null,
  };
}

/** The properties a new TrainingJob node is made with. */
export function storedJob(job: TrainingJob, requestKey: string): Record<string, unknown> {
  const { __typename, order, policy, resources, metrics, handle, usage, failure, damage, ...plain } = job;
  const none = { handle: null, usage: null, failure: null };
  if (handle ?? usage ?? failure ?? damage)
    throw new TypeError('A new job has no handle, usage or failure, and no damage.');
  return {
    ...plain,
    ...resources,
    ...none,
    order: JSON.stringify(order),
    policy: JSON.stringify(policy),
    metrics: JSON.stringify(metrics),
    requestKey,
  };
}

/** The properties an attempt is kept with: of the job as it now is, and of how the launcher saw its program end and what it used. */
export function storedAttempt(
  job: TrainingJob,
  {
    state,
    failure,
    exit,
    spent,
  }: { state: JobState; failure: JobFailure | null; exit: JobObservation | null; spent: JobSpending | null },
): Record<string, unknown> {
  return {
    state,
    handle: job.handle && JSON.stringify(job.handle),
    startedAt: exit?.startedAt ?? job.startedAt,
    ...(isTerminal(state) ? { endedAt: exit?.endedAt ?? job.endedAt, metrics: JSON.stringify(job.metrics) } : {}),
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    reason: failure?.code ?? null,
    usage: spent && JSON.stringify(spent),
  };
}

export function decodeAttempt(row: Row): JobAttempt {
  const stored = new StoredParts();
  const [text, at] = [row.maybeText('foundLater'), row.maybeTime('foundAt')];
  return {
    number: row.int('number'),
    state: stateOf(row.text('state')),
    handle: stored.handle(row.maybeText('handle')),
    startedAt: row.maybeTime('startedAt'),
    endedAt: row.maybeTime('endedAt'),
    exitCode: row.maybeInt('exitCode'),
    signal: row.maybeText('signal'),
    reason: row.maybeText('reason'),
    metrics: row.json('metrics'),
    usage: stored.usage(row.maybeText('usage')),
    foundLater: text === null || at === null ? null : { text, at },
  };
}

/** The attempt as it was at the time of an auditor session: without how it ended, what it used and what was found later. */
export function attemptAsThen(attempt: JobAttempt, then: Date | undefined): JobAttempt {
  if (!then) return attempt;
  const foundLater = attempt.foundLater !== null && attempt.foundLater.at <= then ? attempt.foundLater : null;
  if (attempt.endedAt && attempt.endedAt <= then) return { ...attempt, foundLater };
  const started = attempt.startedAt !== null && attempt.startedAt <= then;
  return {
    ...attempt,
    ...{ endedAt: null, exitCode: null, signal: null, reason: null, metrics: {}, usage: null, foundLater },
    state: started ? 'RUNNING' : 'PENDING',
    handle: started ? attempt.handle : null,
    startedAt: started ? attempt.startedAt : null,
  };
}

export function decodeTransition(row: Row): JobTransition {
  return {
    seq: row.int('seq'),
    state: stateOf(row.text('state')),
    at: row.time('at'),
    cause: row.text('cause'),
    attempt: row.maybeInt('attempt') ?? 1,
  };
}

function stateOf(word: string): JobState {
  const state = JOB_STATES.find((each) => each === word);
  if (state === undefined) throw new TypeError(`"${word}" is no state of a job.`);
  return state;
}
