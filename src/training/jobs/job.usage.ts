import { carbonOf } from './energy.js';
import type { JobSpending } from './job.js';
import type { ResourceUsage } from './job.type.js';

/** What a job or an attempt used, as it is shown. `gramsPerKwh`: intensity of the grid, null when it is not configured. */
export function shownUsage(spending: JobSpending, gramsPerKwh: number | null): ResourceUsage {
  const { gpuSeconds, cpuSeconds, maxMemoryBytes: bytes, account } = spending;
  const energyJoules = account?.joules ?? null;
  return {
    ...{ gpuSeconds, cpuSeconds, maxMemoryBytes: bytes === null ? null : BigInt(bytes) },
    ...{ energyJoules, energyMethod: account?.method ?? null, energyCoverage: account?.coverage ?? 0 },
    energyNote: account ? account.note : 'It ended before energy was kept.',
    carbonGrams: carbonOf(energyJoules, gramsPerKwh),
  };
}
