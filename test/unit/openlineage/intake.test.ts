import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { widerThan } from '../../../src/auth/report-limits.js';
import { Backlog } from '../../../src/openlineage/intake/backlog.js';
import { IntakeTallies } from '../../../src/openlineage/intake/tallies.js';
import { matchesWildcard } from '../../../src/wildcard.js';

const FULL = expect.objectContaining({ code: 'LIMIT_EXCEEDED' }) as unknown;
const failure = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

describe('What waits to be taken', () => {
  it('is bounded by bytes, of which one body alone may have more', () => {
    const backlog = new Backlog({ events: 10, bytes: 100 }, () => new Date());
    const large = backlog.holdBody();
    large.add(150);
    expect(backlog).toMatchObject({ bytes: 150, isFull: true, turnedAway: 0 });
    const other = backlog.holdBody();
    expect(failure(() => other.add(1))).toEqual(FULL);
    expect(failure(() => backlog.checkRoom())).toEqual(FULL);
    large.release();
    large.release();
    expect(backlog).toMatchObject({ bytes: 0, isFull: false, turnedAway: 2 });
    other.add(60);
    expect(failure(() => large.add(41))).toEqual(FULL);
    other.add(40);
    expect(backlog.bytes).toBe(100);
  });

  it('is bounded by number, and tells how long the oldest has waited', async () => {
    let now = 0;
    const backlog = new Backlog({ events: 5, bytes: 100 }, () => new Date(now));
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    const first = backlog.during(3, () => opened);
    now = 2_000;
    const second = backlog.during(2, () => opened);
    expect(backlog).toMatchObject({ events: 5, oldestSeconds: 2, isFull: true });
    await expect(backlog.during(1, () => Promise.resolve())).rejects.toEqual(FULL);
    open();
    await Promise.all([first, second]);
    expect(backlog).toMatchObject({ events: 0, oldestSeconds: 0, turnedAway: 1 });
    // Larger than all that may wait: taken when nothing else does.
    expect(await backlog.during(50, () => Promise.resolve('done'))).toBe('done');
  });
});

describe('The tallies of events', () => {
  it('are of all and of each account, with how far its clock is off', () => {
    let now = 0;
    const tallies = new IntakeTallies(() => new Date(now));
    now = 10_000;
    tallies.count('a', ['taken', 'repeated', 'taken'], [new Date(1_000), new Date(4_000)]);
    tallies.count('b', ['refused'], []);
    tallies.count('b', ['taken'], [new Date(15_000)]);
    expect(tallies.total).toEqual({ taken: 3, repeated: 1, refused: 1 });
    expect(tallies.sourcesOf(null)).toMatchObject([
      { accountId: 'b', taken: 1, refused: 1, behindSeconds: -5 },
      { accountId: 'a', taken: 2, repeated: 1, lastEventTime: new Date(4_000), behindSeconds: 6 },
    ]);
    expect(tallies.sourcesOf('c')).toEqual([]);
    expect(tallies.eventsPerSecond).toBeCloseTo(0.3);
    now = 100_000;
    expect(tallies.eventsPerSecond).toBe(0);
  });

  it('forget those accounts that were heard of least lately', () => {
    const tallies = new IntakeTallies(() => new Date(0));
    for (let each = 0; each < 10_001; each++) tallies.count(`account ${each}`, ['taken'], []);
    expect(tallies.sourcesOf('account 0')).toEqual([]);
    expect(tallies.sourcesOf(null)).toHaveLength(10_000);
    expect(tallies.total.taken).toBe(10_001);
  });
});

describe('Patterns of what a token reports', () => {
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
  const asRegex = (written: string): RegExp => new RegExp(`^${written.split('*').join('[^]*')}$`);

  it('say what a regular expression would', () => {
    fc.assert(
      fc.property(pattern, text, (written, given) => {
        expect(matchesWildcard(written, given)).toBe(asRegex(written).test(given));
      }),
    );
  });

  it('that are not told as wider let in nothing more', () => {
    fc.assert(
      fc.property(pattern, pattern, text, (own, wanted, given) => {
        const limits = (one: string) => ({ namespaces: [one], jobs: [] });
        if (widerThan(limits(own), limits(wanted))) return;
        if (matchesWildcard(wanted, given)) expect(matchesWildcard(own, given)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
    expect(widerThan({ namespaces: ['a*'], jobs: [] }, { namespaces: ['ab*'], jobs: ['x'] })).toBeNull();
    expect(widerThan({ namespaces: ['a*'], jobs: [] }, { namespaces: [], jobs: [] })).toEqual({
      list: 'namespaces',
      pattern: null,
    });
    expect(widerThan({ namespaces: [], jobs: ['a'] }, { namespaces: [], jobs: ['a', '*'] })).toEqual({
      list: 'jobs',
      pattern: '*',
    });
  });
});
