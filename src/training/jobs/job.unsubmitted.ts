import type { JobFailure, TrainingJob } from './job.js';
import { overdueFailure, queueOverdueMs } from './job.limits.js';

/** Whether the job can end now without its launcher: of its present attempt nothing was handed over, and it was cancelled or waited too long. */
export function endsUnsubmitted(job: TrainingJob, now: Date): boolean {
  return job.state === 'PENDING' && (job.cancelRequestedAt !== null || queueOverdueMs(job, now) !== null);
}

/** How a job ends that its launcher does not have. */
export function unsubmittedEnd(job: TrainingJob): { state: 'CANCELLED' | 'TIMED_OUT'; failure: JobFailure } {
  if (!job.cancelRequestedAt) return { state: 'TIMED_OUT', failure: overdueFailure(job, 'QUEUE_TIMEOUT') };
  const message =
    job.attempt === 1
      ? 'It was cancelled before it was submitted.'
      : `It was cancelled before attempt ${job.attempt} was submitted.`;
  return { state: 'CANCELLED', failure: { code: 'CANCELLED_BY_USER', message, retryable: false } };
}
