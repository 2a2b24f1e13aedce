/** Why a pod ended, in the words Weftline has for it and what to do about it. */
import type { V1ContainerStateTerminated, V1JobCondition, V1Pod } from '@kubernetes/client-node';
import type { EngineEnd } from '../engine/engine.js';
import type { FailureCode } from '../port/launcher.js';

const KILLED = 137;
const LAST_WORDS = 500;

/** Null when the pod does not tell. */
export function endOfPod(pod: V1Pod): EngineEnd | null {
  const state = pod.status?.containerStatuses?.[0]?.state?.terminated;
  const end = { endedAt: state?.finishedAt ?? null, exitCode: state?.exitCode ?? null, signal: signalOf(state) };
  const failure = disruptionOf(pod) ?? (state === undefined ? null : failureOfContainer(state, pod));
  return failure === null ? null : { state: 'FAILED', ...end, failure };
}

/** The Job failed, and its pod was gone before anybody looked. */
export function lostWithPod({ lastTransitionTime, message, reason }: V1JobCondition): EngineEnd {
  const nothing = { endedAt: lastTransitionTime ?? null, exitCode: null, signal: null };
  const words = message ?? reason ?? 'no reason given';
  if (words.includes('DisruptionTarget')) {
    return {
      ...nothing,
      state: 'FAILED',
      failure: failure('PREEMPTED', `The cluster took the pod away: ${words}`, true),
    };
  }
  const exitCode = Number(/ failed with exit code (\d+)/.exec(words)?.[1] ?? Number.NaN);
  if (Number.isInteger(exitCode)) {
    return { ...nothing, state: 'FAILED', exitCode, failure: failure('EXIT_CODE', `${words}.`, false) };
  }
  const told = `The job failed at the cluster, and its pod is gone: ${words}. Somebody may have deleted the pod.`;
  return { ...nothing, state: 'LOST', failure: failure('BACKEND_LOST', told, true) };
}

function disruptionOf(pod: V1Pod): EngineEnd['failure'] {
  const condition = pod.status?.conditions?.find(
    ({ type, status }) => type === 'DisruptionTarget' && status === 'True',
  );
  const evicted = pod.status?.reason === 'Evicted';
  if (condition === undefined && !evicted) return null;
  const words = pod.status?.message ?? condition?.message ?? condition?.reason ?? 'no reason given';
  switch (condition?.reason) {
    case 'PreemptionByScheduler':
      return failure('PREEMPTED', `A job of higher priority took the place of this one: ${words}`, true);
    case 'EvictionByEvictionAPI':
      return failure('PREEMPTED', `The pod was moved off its node, which is being emptied: ${words}`, true);
    case 'DeletionByTaintManager':
    case 'DeletionByPodGC':
      return failure('NODE_FAILURE', `The node of the pod is gone or unfit: ${words}`, true);
    default:
      return failure('NODE_FAILURE', `The node put the pod out: ${words}`, true);
  }
}

function failureOfContainer(state: V1ContainerStateTerminated, pod: V1Pod): EngineEnd['failure'] {
  const words = (state.message ?? '').trim().slice(-LAST_WORDS);
  const said = words === '' ? '' : ` It said:\n${words}`;
  const limit = pod.spec?.containers[0]?.resources?.limits?.['memory'];
  if (state.reason === 'OOMKilled') {
    const bound = limit === undefined ? 'memory of its node' : `memory limit of ${limit} bytes`;
    return failure(
      'OUT_OF_MEMORY',
      `The job used up the ${bound} and was killed (OOMKilled). Ask for more memory.`,
      false,
    );
  }
  if (state.reason === 'StartError' || state.reason === 'ContainerCannotRun') {
    return failure('START_FAILED', `The runner could not be started in the image "${imageOf(pod)}": ${words}. Has it Node, or does a volume?`, false); // prettier-ignore
  }
  if (state.exitCode === 0) return null;
  if (signalOf(state) !== null) {
    return failure('SIGNAL', `The container was ended by ${signalOf(state) ?? ''}, not by Weftline.${said}`, true);
  }
  return failure('EXIT_CODE', `The container ended with exit code ${state.exitCode}.${said}`, false);
}

/** A container that dies of a signal ends with 128 and its number; a program may end with such a code by itself, but not 137. */
function signalOf(state: V1ContainerStateTerminated | undefined): string | null {
  if (state?.exitCode === KILLED) return 'SIGKILL';
  return state?.signal === undefined || state.signal === 0 ? null : `signal ${state.signal}`;
}

function imageOf(pod: V1Pod): string {
  return pod.spec?.containers[0]?.image ?? '';
}

function failure(code: FailureCode, message: string, retryable: boolean): NonNullable<EngineEnd['failure']> {
  return { code, message, retryable };
}
