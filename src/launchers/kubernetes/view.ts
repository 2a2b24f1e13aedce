/**
 * What a Job and its pods say of a task. The Job alone does not tell: `active` counts pods that still wait, a failure comes
 * twice (FailureTarget, while pods may still be ending, then Failed), and why a program ended is told by its pod only.
 */
import type { V1Job, V1JobCondition, V1Pod } from '@kubernetes/client-node';
import type { EngineEnd, EngineView } from '../engine/engine.js';
import { isStopped, type StopReason, stopReasonOf } from './job.js';
import { endOfPod, lostWithPod } from './pod-end.js';
import { blockedStart } from './start.js';

export interface Sight {
  job: V1Job;
  /** Of this Job, by its uid. */
  pods: readonly V1Pod[];
  /** What an event said of a Job that has no pod, such as a quota that is used up; null when there is none. */
  hindrance: string | null;
  now: Date;
  startPatienceSeconds: number;
}

/** `giveUp`: it cannot start, and waiting longer would not help; it has to be stopped before it may be called ended. */
export interface Seen {
  view: EngineView;
  giveUp: StopReason | null;
}

export function viewOf(sight: Sight): Seen {
  const { job } = sight;
  const end = endOf(sight);
  const pod = newestOf(sight.pods);
  if (end !== null) return seen('ENDED', { end, startedAt: pod === null ? null : startedAtOf(pod) });
  if (job.spec?.suspend === true && stopReasonOf(job) === null) {
    return seen('QUEUED', { message: 'The job was suspended at the cluster and waits until it is resumed there.' });
  }
  if (pod === null) return seen('QUEUED', { message: sight.hindrance });
  return viewOfPod(pod, sight);
}

function viewOfPod(pod: V1Pod, { now, startPatienceSeconds }: Sight): Seen {
  const startedAt = startedAtOf(pod);
  if (isDisrupted(pod) && pod.metadata?.deletionTimestamp !== undefined) {
    const message = `The cluster is taking the pod "${pod.metadata.name ?? ''}" away (${disruptionOf(pod)?.message ?? 'it says no more'}). If its node is gone for good, remove the node from the cluster.`;
    return seen('RUNNING', { message, startedAt });
  }
  // Of one that is over, the Job says so once it has counted it.
  if (startedAt !== null) return seen('RUNNING', { startedAt });
  const unscheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled !== undefined || pod.spec?.nodeName === undefined) {
    return seen('QUEUED', { message: unscheduled?.message ?? null });
  }
  const blocked = blockedStart(pod, { now, patienceSeconds: startPatienceSeconds });
  return { ...seen('STARTING', { message: blocked?.message ?? null }), giveUp: blocked?.giveUp ?? null };
}

function endOf({ job, pods }: Sight): EngineEnd | null {
  const complete = conditionOf(job, 'Complete');
  if (complete !== undefined) {
    const endedAt = job.status?.completionTime ?? complete.lastTransitionTime ?? null;
    return { state: 'SUCCEEDED', endedAt, exitCode: 0, signal: null, failure: null };
  }
  const failed = conditionOf(job, 'Failed');
  if (failed !== undefined) return endOfFailed(job, pods, failed);
  const reason = stopReasonOf(job);
  // Its pods get their grace first.
  if (reason === null || pods.length > 0 || !isStopped(job)) return null;
  const { state, code, message, retryable } = reason;
  return { state, endedAt: reason.at, exitCode: null, signal: null, failure: { code, message, retryable } };
}

function endOfFailed(job: V1Job, pods: readonly V1Pod[], condition: V1JobCondition): EngineEnd {
  const reason = stopReasonOf(job);
  const at = condition.lastTransitionTime ?? null;
  if (reason !== null) {
    const { state, code, message, retryable } = reason;
    return { state, endedAt: at, exitCode: null, signal: null, failure: { code, message, retryable } };
  }
  if (condition.reason === 'DeadlineExceeded') {
    const message =
      'The cluster ended the job at a deadline (activeDeadlineSeconds), which counts the wait in the queue too. Weftline sets none: look for a policy of the namespace that does.';
    const failure = { code: 'RUN_TIMEOUT', message, retryable: false } as const;
    return { state: 'TIMED_OUT', endedAt: at, exitCode: null, signal: null, failure };
  }
  const pod = newestOf(pods);
  const end = pod === null ? null : endOfPod(pod);
  return end ?? lostWithPod(condition);
}

function seen(state: EngineView['state'], more: Partial<EngineView>): Seen {
  return { view: { state, message: null, startedAt: null, end: null, ...more }, giveUp: null };
}

function conditionOf(job: V1Job, type: string): V1JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

function newestOf(pods: readonly V1Pod[]): V1Pod | null {
  const time = (pod: V1Pod): number => pod.metadata?.creationTimestamp?.getTime() ?? 0;
  return pods.reduce<V1Pod | null>((best, pod) => (best === null || time(pod) > time(best) ? pod : best), null);
}

function startedAtOf(pod: V1Pod): Date | null {
  const state = pod.status?.containerStatuses?.[0]?.state;
  return state?.running?.startedAt ?? state?.terminated?.startedAt ?? null;
}

function disruptionOf(pod: V1Pod): { reason?: string; message?: string } | undefined {
  return pod.status?.conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
}

const isDisrupted = (pod: V1Pod): boolean => disruptionOf(pod) !== undefined;
