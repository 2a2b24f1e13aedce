import type { JobFailure, StopReason, TrainingJob } from './job.js';
import type { JobObservation } from '../../launchers/port/launcher.js';

/** So long after a run should have been stopped by its launcher does Weftline stop it itself. */
const MARGIN_SECONDS = 30;
const SOONEST_MS = 500;
const LATEST_MS = 15_000;
const REPORTING_MS = 2_000;

/** By how much the present attempt has waited too long for its program to begin, in milliseconds; null when it has not. */
export function queueOverdueMs(job: TrainingJob, now: Date): number | null {
  const { queueSeconds } = job.policy;
  if (queueSeconds === null || job.startedAt) return null;
  const over = now.getTime() - (job.notBefore ?? job.createdAt).getTime() - queueSeconds * 1000;
  return over > 0 ? over : null;
}

/** Why the job must be stopped now; null when it need not. Its launcher enforces the time it may run; this is for one that does not. */
export function overdue(job: TrainingJob, seen: JobObservation, now: Date): StopReason | null {
  if (seen.state === 'QUEUED' || seen.state === 'STARTING')
    return queueOverdueMs(job, now) === null ? null : 'QUEUE_TIMEOUT';
  const { runSeconds, graceSeconds } = job.order.limits;
  const startedAt = seen.startedAt ?? job.startedAt;
  if (runSeconds === null || !startedAt) return null;
  const ranSeconds = (now.getTime() - startedAt.getTime()) / 1000;
  return ranSeconds > runSeconds + graceSeconds + MARGIN_SECONDS ? 'RUN_TIMEOUT' : null;
}

export function overdueFailure(job: TrainingJob, code: StopReason): JobFailure {
  const message =
    code === 'QUEUE_TIMEOUT'
      ? `It waited longer than its limit of ${job.policy.queueSeconds ?? 0} s until its program could begin, and was taken back. Raise \`queueTimeoutSeconds\`, ask for less, or choose another launcher.`
      : `It ran longer than its limit of ${job.order.limits.runSeconds ?? 0} s, which its launcher did not enforce, and was stopped. Raise \`timeoutSeconds\` or make it finish sooner.`;
  return { code, message, retryable: false };
}

/**
 * When to look at the job again: soon after something happened, and ever later while nothing does, so that thousands of
 * long ones cost little. An end is seen after at most a twentieth of the time it took, and 15 seconds.
 */
export function nextLookMs(job: TrainingJob, reported: boolean, now: Date): number {
  const quietMs = now.getTime() - job.changedAt.getTime();
  return Math.min(Math.max(quietMs / 20, SOONEST_MS), reported ? REPORTING_MS : LATEST_MS);
}
