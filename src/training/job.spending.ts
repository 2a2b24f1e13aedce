import { accountOf, addAccounts, type EnergyAccount } from './energy.js';
import type { JobSpending, TrainingJob } from './job.js';
import type { JobObservation, JobUsage } from './launchers/launcher.js';

/**
 * What all attempts of a job used together, once the present one ended as seen: properties of the job. Beside the whole
 * stand the numbers that quotas and footprints add up. An attempt nobody measured held its GPUs from its start to its end.
 */
export function spentAfter(job: TrainingJob, seen: JobObservation, now: Date): Record<string, unknown> {
  const used = seen.usage ?? assumed(job, seen, now);
  const attempt = used && { ...used, account: accountOf(used, job.resources.gpuType) };
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
function sum(one: JobSpending, other: JobSpending & { account: EnergyAccount }): JobSpending {
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
