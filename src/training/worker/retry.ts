import type { JobFailure, TrainingJob } from '../jobs/job.js';

/** Being preempted is no fault of the job, so it is not counted as a retry; but it does not go on for ever either. */
const MAX_PREEMPTIONS = 20;
const FIRST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 300_000;

export interface Retry {
  notBefore: Date;
  preempted: boolean;
}

/**
 * Whether another attempt is made after this end, and from when; null when it is not. A program that ended by itself is
 * tried again for the exit codes alone that the caller named; who asked for no retries gets none.
 */
export function retryOf(
  job: TrainingJob,
  { failure, exitCode }: { failure: JobFailure; exitCode: number | null },
  { now, random }: { now: Date; random: () => number },
): Retry | null {
  if (job.cancelRequestedAt || job.stopReason || job.maxRetries === 0) return null;
  const preempted = failure.code === 'PREEMPTED';
  const used = job.attempt - 1 - job.preemptions;
  if (preempted ? job.preemptions >= MAX_PREEMPTIONS : used >= job.maxRetries) return null;
  if (!preempted && !mayHelp(job, failure, exitCode)) return null;
  return { preempted, notBefore: new Date(now.getTime() + pauseMs(preempted ? job.preemptions : used, random())) };
}

/** Twice as long each time, and never the same for two jobs that failed together. */
function pauseMs(earlier: number, random: number): number {
  return Math.round(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** earlier) * (0.5 + random / 2));
}

function mayHelp(job: TrainingJob, failure: JobFailure, exitCode: number | null): boolean {
  if (failure.code !== 'EXIT_CODE') return failure.retryable;
  return exitCode !== null && job.policy.retryOnExitCodes.includes(exitCode);
}
