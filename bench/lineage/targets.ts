import type { Answered } from './answers.js';
import type { Counted } from './counting.js';
import type { Grown } from './growth.js';
import type { MemoryUse } from './memory.js';

/** What the lineage engine is to reach. */
export interface Target {
  name: string;
  reached: boolean;
  /** The worst that was met. */
  met: string;
}

const MANY_ROWS = 1_000;
/** Times are kept to two digits: what is below this is faster. */
const FASTER = 0.99;
const ALLOWED = { ratioOfMany: 1.5, overFloorMs: 3, asOfRatio: 2, countRatio: 1.5, slopeMiB: 1, growth: 1.5 };

export function judgeAnswers(answers: readonly Answered[]): Target[] {
  const many = answers.filter(({ nodes }) => nodes >= MANY_ROWS);
  const few = answers.filter(({ nodes }) => nodes < MANY_ROWS);
  /** By the worst of the answers; none when there are none. */
  const judge = (
    name: string,
    of: readonly Answered[],
    value: (answered: Answered) => number,
    allowed: number,
    unit = 'times',
  ): Target[] => {
    const met = Math.max(...of.map(value));
    return of.length === 0 ? [] : [{ name, reached: met <= allowed, met: `${met} ${unit}` }];
  };
  const { ratioOfMany, overFloorMs, asOfRatio } = ALLOWED;
  const also = 'with completeness and the total';
  const manyRows = `at most ${ratioOfMany} times the same by hand from ${MANY_ROWS} rows up`;
  const fewRows = `at most ${overFloorMs} ms more than the same by hand below ${MANY_ROWS} rows`;
  return [
    ...judge(`plain: ${manyRows}`, many, ({ ratios }) => ratios.plainOfFloor, ratioOfMany),
    ...judge(`${also}: ${manyRows}`, many, ({ ratios }) => ratios.completeOfFloor, ratioOfMany),
    ...judge(`plain: ${fewRows}`, few, ({ overFloor }) => overFloor.plain, overFloorMs, 'ms'),
    ...judge(`${also}: ${fewRows}`, few, ({ overFloor }) => overFloor.complete, overFloorMs, 'ms'),
    ...judge('plain: faster than @neo4j/graphql', answers, ({ ratios }) => ratios.plainOfOther, FASTER),
    ...judge(`${also}: faster than @neo4j/graphql`, answers, ({ ratios }) => ratios.completeOfOther, FASTER),
    ...judge(`as of a time: at most ${asOfRatio} times now`, answers, ({ ratios }) => ratios.asOfOfNow, asOfRatio),
  ];
}

export function judgeRest(counted: Counted, memory: MemoryUse, growth: readonly Grown[]): Target[] {
  const { lookup, fiveHops } = growthOf(growth);
  return [
    {
      name: `Counting ${counted.reachable} assets within ${ALLOWED.countRatio} times raw Cypher`,
      reached: counted.ratio <= ALLOWED.countRatio,
      met: `${counted.ratio} times`,
    },
    {
      name: `Memory of the API flat: less than ${ALLOWED.slopeMiB} MiB more for 1,000 answers`,
      reached: memory.rssSlope < ALLOWED.slopeMiB,
      met: `${memory.rssSlope} MiB (heap ${memory.heapSlope})`,
    },
    ...(growth.length < 2
      ? []
      : [
          {
            name: 'A point lookup does not grow with the graph',
            reached: lookup <= ALLOWED.growth,
            met: `${lookup} times`,
          },
          {
            name: 'An answer of 5 hops does not grow with the graph',
            reached: fiveHops <= ALLOWED.growth,
            met: `${fiveHops} times`,
          },
        ]),
  ];
}

/** How many times longer the median is on the largest factory than on the smallest. */
function growthOf(growth: readonly Grown[]): { lookup: number; fiveHops: number } {
  const [first, last] = [growth[0], growth.at(-1)];
  if (!first || !last) throw new Error('Growth was not measured.');
  const times = (name: 'lookup' | 'fiveHops'): number => Math.round((last[name].p50 / first[name].p50) * 100) / 100;
  return { lookup: times('lookup'), fiveHops: times('fiveHops') };
}
