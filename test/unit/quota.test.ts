import { describe, expect, it } from 'vitest';
import type { TrainingJob } from '../../src/training/jobs/job.js';
import { spentAfter, spentBy } from '../../src/training/jobs/job.spending.js';
import type { JobObservation, JobUsage } from '../../src/launchers/port/launcher.js';
import { periodAround } from '../../src/training/quotas/quota.js';

const at = (text: string): Date => new Date(`${text}Z`);

describe('the period of a quota', () => {
  it.each([
    ['DAY', '2026-03-01T23:59:59', '2026-03-01T00:00', '2026-03-02T00:00'],
    ['WEEK', '2026-03-01T12:00:00', '2026-02-23T00:00', '2026-03-02T00:00'],
    ['WEEK', '2026-03-02T00:00:00', '2026-03-02T00:00', '2026-03-09T00:00'],
    ['MONTH', '2026-12-31T23:59:59', '2026-12-01T00:00', '2027-01-01T00:00'],
    ['MONTH', '2028-02-29T00:00:00', '2028-02-01T00:00', '2028-03-01T00:00'],
  ] as const)('of a %s around %s', (period, time, from, until) => {
    expect(periodAround(period, at(time))).toEqual({ from: at(from), until: at(until) });
  });
});

describe('what the attempts of a job used', () => {
  const job = (usage: JobUsage | null, more: Partial<TrainingJob> = {}): TrainingJob =>
    ({ usage, startedAt: null, resources: { gpus: 2 }, order: { limits: { runSeconds: 60 } }, ...more }) as TrainingJob;
  const seen = (more: Partial<JobObservation>): JobObservation =>
    ({ usage: null, startedAt: null, endedAt: null, ...more }) as JobObservation;
  const now = at('2026-03-01T01:00');
  const spentOf = (of: TrainingJob, end: JobObservation) => spentAfter(of, spentBy(of, end, now));

  it('is added up', () => {
    const one = { gpuSeconds: 10, cpuSeconds: 4, maxMemoryBytes: 100 };
    const spent = spentOf(job(one), seen({ usage: { ...one, maxMemoryBytes: 70 } }));
    expect(spent).toMatchObject({ gpuSeconds: 20, cpuSeconds: 8 });
    expect(JSON.parse(String(spent['usage']))).toMatchObject({ gpuSeconds: 20, cpuSeconds: 8, maxMemoryBytes: 100 });
  });

  it('is, of one that nobody measured, its GPUs from start to end, and no longer than its limit', () => {
    const startedAt = at('2026-03-01T00:59:30');
    expect(spentOf(job(null), seen({ startedAt }))).toMatchObject({ gpuSeconds: 60, cpuSeconds: null });
    const lost = job({ gpuSeconds: 5, cpuSeconds: 1, maxMemoryBytes: null }, { startedAt: at('2026-02-28T00:00') });
    expect(spentOf(lost, seen({}))).toMatchObject({ gpuSeconds: 125, cpuSeconds: null });
  });

  it('is nothing when none began', () => {
    expect(spentOf(job(null), seen({}))).toEqual({ usage: null, gpuSeconds: 0 });
  });
});
