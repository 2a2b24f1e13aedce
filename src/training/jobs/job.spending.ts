import { accountOf, addAccounts, type EnergyAccount } from './energy.js';
import type { JobSpending, TrainingJob } from './job.js';
import type { JobObservation, JobUsage } from '../../launchers/port/launcher.js';

type AttemptSpending = JobSpending & { account: EnergyAccount };

/**
 * What the present attempt of a job used, once it ended as seen; null: it never started. One that nobody measured held its
 * GPUs from its start to its end.
 */
export function spentBy(job: TrainingJob, seen: JobObservation, now: Date): AttemptSpending | null {
  const used = seen.usage ?? assumed(job, seen, now);
  return used && { ...used, account: accountOf(used, job.resources.gpuType, seen.accounted) };
}

/**
 * What all attempts of a job used together, the present one among them: properties of the job. Beside the whole stand the
 * numbers that quotas and footprints add up.
 */
export function spentAfter(job: TrainingJob, attempt: AttemptSpending | null): Record<string, unknown> {
  const usage = job.usage && attempt ? sum(job.usage, attempt) : (attempt ?? job.usage);
  if (!usage) return { usage: null, gpuSeconds: 0 };
  const { gpuSeconds, cpuSeconds, account } = usage;
  const energy = { energyJoules: account?.joules ?? null, energyMethod: account?.method ?? null };
  return { usage: JSON.stringify(usage), gpuSeconds, cpuSeconds, ...energy };
}

/** null: it never started. */
function assumed(job: TrainingJob, seen: JobObservation, now: Date): JobUsage | null {
  const startedAt = seen.startedAt ?? job.startedAt;
  if (!startedAt) return null;
  const seconds = Math.max(0, (seen.endedAt ?? now).getTime() - startedAt.getTime()) / 1000;
  // Nobody lets it run longer, whenever its end is found out.
  const held = Math.min(seconds, job.order.limits.runSeconds ?? Infinity);
  return { gpuSeconds: held * job.resources.gpus, cpuSeconds: null, maxMemoryBytes: null };
}

/** What is not known of one is not known of both. */
function sum(one: JobSpending, other: AttemptSpending): JobSpending {
  const added = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
  const { maxMemoryBytes: a } = one;
  const { maxMemoryBytes: b } = other;
  return {
    gpuSeconds: one.gpuSeconds + other.gpuSeconds,
    cpuSeconds: added(one.cpuSeconds, other.cpuSeconds),
    account: one.account ? addAccounts(one.account, other.account) : unknownBefore(other.account),
    maxMemoryBytes: a === null || b === null ? (a ?? b) : Math.max(a, b),
  };
}

function unknownBefore(account: EnergyAccount): EnergyAccount {
  const before = {
    joules: null,
    method: null,
    coverage: 0,
    note: 'Nothing is known of the energy of an earlier attempt.',
  };
  return addAccounts(before, account);
}
