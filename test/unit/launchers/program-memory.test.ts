import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProcessStat } from '../../../src/launchers/machine/proc.js';
import { ProgramMemory } from '../../../src/launchers/machine/program-memory.js';

/** Processes that share all their memory, as those that were forked do, and end at the reads that are given. */
class Sharers {
  private reads = 0;
  private living: number;

  constructor(
    private readonly count: number,
    private readonly kilobytes: number,
    private readonly endAt: readonly number[],
  ) {
    this.living = count;
  }

  readonly allProcesses = (): ProcessStat[] =>
    Array.from({ length: this.count }, (_, number) => ({ pid: number + 1, parent: 0, group: 1, start: 'then' }));

  readonly readProc = (pid: number, file: string): string => {
    if (this.endAt.includes(this.reads++)) this.living = Math.max(this.living - 1, 1);
    if (pid <= this.count - this.living) return file === 'status' ? 'State:\tZ (zombie)\n' : '';
    const share = Math.floor(this.kilobytes / this.living);
    return file === 'status'
      ? `VmRSS:\t${this.kilobytes} kB\nRssAnon:\t${this.kilobytes} kB\nRssShmem:\t0 kB\n`
      : `Pss:\t${share} kB\nPss_Anon:\t${share} kB\nPss_Shmem:\t0 kB\n`;
  };
}

const KB = 1024;

function memoryOf(sharers: Sharers): ProgramMemory {
  const memory = new ProgramMemory(1, () => false, sharers);
  vi.advanceTimersByTime(2000);
  return memory;
}

describe('the memory of processes that share', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is never more than they hold together, whenever some of them end', () => {
    const ends = fc.array(fc.nat({ max: 60 }), { maxLength: 7 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), ends, (count, endAt) => {
        expect(memoryOf(new Sharers(count, 200_000, endAt)).look(200_000 * KB)).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('is told when it is more than the limit, shared or not, also while some of them end', () => {
    for (const endAt of [[], [9], [12, 13, 14]])
      for (const count of [1, 4, 8]) {
        const used = memoryOf(new Sharers(count, 200_000, endAt)).look(150_000 * KB);
        expect(used).toBeGreaterThan(150_000 * KB);
        expect(used).toBeLessThanOrEqual(200_000 * KB);
      }
  });
});
