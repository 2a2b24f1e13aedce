/** The Job that runs a task, and the marks by which it is known again. */
import { createHash } from 'node:crypto';
import type { V1Job } from '@kubernetes/client-node';
import { z } from 'zod';
import { tryCanonicalJson } from '../../audit/record/canonical-json.js';
import type { EngineTask } from '../engine/engine.js';
import type { JobSpec } from '../port/launcher.js';
import { CONTAINER, podOf } from './pod.js';
import type { KubernetesSettings } from './settings.js';

const DIGEST_ANNOTATION = 'weftline/spec-sha256';
/** Why we stopped the job, as JSON: what Kubernetes keeps of a suspended job does not say it. */
export const STOPPED_ANNOTATION = 'weftline/stopped';

const stopReason = z.object({
  state: z.enum(['FAILED', 'CANCELLED']),
  code: z.enum(['IMAGE_PULL', 'SECRET_MISSING', 'START_FAILED', 'CANCELLED_BY_USER']),
  message: z.string(),
  retryable: z.boolean(),
  at: z.coerce.date(),
});

export type StopReason = z.infer<typeof stopReason>;

export function cancelledAt(at: Date): StopReason {
  return { state: 'CANCELLED', code: 'CANCELLED_BY_USER', message: 'The job was cancelled.', retryable: false, at };
}

/** Null when we did not stop it. */
export function stopReasonOf(job: V1Job): StopReason | null {
  const text = job.metadata?.annotations?.[STOPPED_ANNOTATION];
  if (text === undefined) return null;
  try {
    return stopReason.parse(JSON.parse(text));
  } catch {
    return cancelledAt(new Date(0));
  }
}

/** Chosen by `find` and `list`: the jobs of this installation and of no other. */
export function labelsOf(settings: KubernetesSettings): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'weftline', 'app.kubernetes.io/instance': settings.instance };
}

export function jobOf(task: EngineTask, settings: KubernetesSettings, { namespace }: { namespace: string }): V1Job {
  const cut = task.name.lastIndexOf('-');
  const labels = {
    ...labelsOf(settings),
    'weftline/job': task.name.slice(0, cut),
    'weftline/attempt': task.name.slice(cut + 1),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    // Never generateName: that two tasks of one name are one job is what makes a submission safe to repeat.
    metadata: { name: task.name, namespace, labels, annotations: { [DIGEST_ANNOTATION]: digestOf(task.spec) } },
    spec: {
      completions: 1,
      parallelism: 1,
      // Trying again is a new attempt, which Weftline decides. The first rule makes Kubernetes say so of a disrupted pod,
      // which it would replace, or count as a failure like any other. activeDeadlineSeconds would count the wait in the queue.
      backoffLimit: 0,
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'FailJob', onExitCodes: { containerName: CONTAINER, operator: 'NotIn', values: [0] } },
        ],
      },
      ttlSecondsAfterFinished: settings.keepFinishedSeconds,
      template: { metadata: { labels }, spec: podOf(task, settings) },
    },
  };
}

/** Compared on adoption: a job of the same name made for another order is not ours to adopt. */
export function digestOf(spec: JobSpec): string {
  return createHash('sha256')
    .update(tryCanonicalJson(spec) ?? JSON.stringify(spec))
    .digest('hex');
}

/** The digest of the order a Job was made for; undefined for a Job that is none of ours. */
export function orderOf(job: V1Job): string | undefined {
  return job.metadata?.annotations?.[DIGEST_ANNOTATION];
}

export function isOurs(job: V1Job, settings: KubernetesSettings): boolean {
  return Object.entries(labelsOf(settings)).every(([name, value]) => job.metadata?.labels?.[name] === value);
}

/** FailureTarget and SuccessCriteriaMet come before; then pods may still be ending. */
export function isFinished(job: V1Job): boolean {
  return (job.status?.conditions ?? []).some(
    ({ type, status }) => status === 'True' && (type === 'Complete' || type === 'Failed'),
  );
}

/** We stopped it, and none of its pods is left. */
export function isStopped(job: V1Job): boolean {
  const { active = 0, terminating = 0 } = job.status ?? {};
  return job.spec?.suspend === true && stopReasonOf(job) !== null && active + terminating === 0;
}
