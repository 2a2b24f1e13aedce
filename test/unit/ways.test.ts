import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestOnly, kShortestPaths, type PathGraph } from '../../src/questions/paths/shortest-paths.js';

/** Every way that visits no asset twice, in order: by listing all of them. */
function allWays({ from, to, next }: PathGraph): number[][] {
  const ways: number[][] = [];
  const go = (way: number[]): void => {
    const last = way.at(-1) ?? from;
    if (last === to) ways.push(way);
    else next[last]?.filter((each) => !way.includes(each)).forEach((each) => go([...way, each]));
  };
  go([from]);
  return ways.sort((one, other) => one.length - other.length || compare(one, other));
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((each, at) => each !== other[at]);
  return (one[index] ?? 0) - (other[index] ?? 0);
}

const graphs = fc.integer({ min: 2, max: 8 }).chain((size) =>
  fc.record({
    from: fc.integer({ min: 0, max: size - 1 }),
    to: fc.integer({ min: 0, max: size - 1 }),
    next: fc.array(
      fc
        .uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: size })
        .map((targets) => targets.sort((a, b) => a - b)),
      { minLength: size, maxLength: size },
    ),
  }),
);

/** A ladder of diamonds: 0 → (1 | 2) → 3 → (4 | 5) → 6 … */
function ladder(rungs: number): PathGraph {
  const next = Array.from({ length: rungs * 3 + 1 }, (_, at) => {
    if (at === rungs * 3) return [];
    return at % 3 === 0 ? [at + 1, at + 2] : [at + 3 - (at % 3)];
  });
  return { from: 0, to: rungs * 3, next };
}

describe('the shortest ways', () => {
  it('are the first of all ways that visit nothing twice, in any graph', () => {
    fc.assert(
      fc.property(
        graphs.filter(({ from, to }) => from !== to),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (graph, count, within) => {
          const all = allWays(graph).filter((way) => way.length - 1 <= within);
          expect(kShortestPaths(graph, count, within)).toEqual(all.slice(0, count));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('are found one by one on a ladder of twenty diamonds, which has a million', () => {
    const ways = kShortestPaths(ladder(20), 50, Infinity);
    expect(ways).toHaveLength(50);
    expect(new Set(ways.map(String)).size).toBe(50);
    expect(ways).toEqual(shortestOnly(ladder(20), 50));
    expect(ways[1]?.slice(-3)).toEqual([57, 59, 60]);
  });

  it('end where an asset feeds itself through others without end', () => {
    const next = [[1], [2, 3, 4], [1], [1], [1, 5], []];
    expect(kShortestPaths({ from: 0, to: 5, next }, 50, Infinity)).toEqual([[0, 1, 4, 5]]);
  });

  it('are none where nothing leads there', () => {
    expect(kShortestPaths({ from: 0, to: 1, next: [[], []] }, 5, Infinity)).toEqual([]);
  });

  it('stay cheap on a chain of 2,000 where each asset has a detour and feeds itself', () => {
    const length = 2_000;
    const next = Array.from({ length: length * 3 + 1 }, (_, at): number[] => {
      if (at < length) return [at + 1, length + 1 + at, length * 2 + 1 + at];
      if (at === length) return [];
      return at <= length * 2 ? [at - length] : [at - length * 2 - 1];
    });
    const ways = kShortestPaths({ from: 0, to: length, next }, 50, Infinity);
    expect(ways.map((way) => way.length)).toEqual([length + 1, ...Array.from({ length: 49 }, () => length + 2)]);
  });
});
