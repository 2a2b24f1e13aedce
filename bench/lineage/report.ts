import type { Answered } from './answers.js';
import { CONTESTANTS } from './answers.js';
import type { Counted } from './counting.js';
import type { Grown } from './growth.js';
import type { Times } from './interleave.js';
import type { MemoryUse } from './memory.js';
import type { Target } from './targets.js';

export interface Measured {
  /** What was measured where: the machine, the graph, the memory of Neo4j. */
  facts: readonly string[];
  answers: readonly Answered[];
  counted: Counted;
  memory: MemoryUse;
  growth: readonly Grown[];
  targets: readonly Target[];
}

const NAMES = ['floor', 'floor complete', 'plain', 'complete', 'as of', '@neo4j/graphql'];
export const HEAD = [
  ...['reached', 'depth', 'rows', 'edges', ...NAMES],
  ...['plain/floor', 'complete/floor complete', 'plain/@neo4j', 'complete/@neo4j', 'as of/now'],
];

/** One question as a row of the table: medians in milliseconds, then ratios of medians. */
export function rowOf({ size, depth, nodes, edges, times, ratios }: Answered): string[] {
  const { plainOfFloor, completeOfFloor, plainOfOther, completeOfOther, asOfOfNow } = ratios;
  return [
    ...[size, depth, nodes, edges].map((count) => count.toLocaleString('en')),
    ...CONTESTANTS.map((name) => String(times[name].p50)),
    ...[plainOfFloor, completeOfFloor, plainOfOther, completeOfOther, asOfOfNow].map((ratio) => ratio.toFixed(2)),
  ];
}

/** The line of a question while the bench runs. */
export const lineOf = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(15)).join('');

export const targetLine = ({ name, reached, met }: Target): string =>
  `${reached ? 'reached    ' : 'NOT reached'}  ${name}: ${met}`;

/** The whole report in Markdown. */
export function reportOf(measured: Measured): string {
  const { facts, answers, counted, memory, growth, targets } = measured;
  return `${[
    '# The lineage bench',
    facts.map((fact) => `- ${fact}`).join('\n'),
    '## Targets',
    table([
      ['', 'met at worst', 'reached'],
      ...targets.map(({ name, met, reached }) => [name, met, reached ? 'yes' : 'no']),
    ]),
    '## Answers: medians in ms, and ratios of medians',
    table([HEAD, ...answers.map(rowOf)]),
    '## The slow ends: 95 % and 99 % of the answers took at most so many ms',
    table([['reached', 'depth', 'asked', ...NAMES], ...answers.map(slowEnds)]),
    '## Counting, memory, growth',
    countedLine(counted),
    memoryLine(memory),
    table([
      ['assets', ...['urn lookup', 'floor', '5 hops', 'floor'].map((name) => `${name}: 50 % / 95 %`)],
      ...growth.map(grownRow),
    ]),
  ].join('\n\n')}\n`;
}

const slowEnds = ({ size, depth, times }: Answered): string[] => [
  ...[size.toLocaleString('en'), String(depth), String(times.floor.asked)],
  ...CONTESTANTS.map((name) => `${times[name].p95} / ${times[name].p99}`),
];

export const countedLine = ({ reachable, ours, floor, ratio }: Counted): string =>
  `Counting ${reachable.toLocaleString('en')} assets that are reached: ${ours.p50} ms, raw Cypher ${floor.p50} ms, ` +
  `${ratio} times (95 %: ${ours.p95} and ${floor.p95} ms).`;

export const memoryLine = ({ answers, rssSlope, heapSlope, highestRss, samples }: MemoryUse): string =>
  `Memory of the API over ${answers.toLocaleString('en')} large answers: ${samples[0]?.rss ?? 0} MiB resident at first, ` +
  `${samples.at(-1)?.rss ?? 0} MiB at last, ${highestRss} MiB at most; 1,000 more answers add ${rssSlope} MiB ` +
  `(heap ${heapSlope} MiB) by the second half.`;

function grownRow({ assets, lookup, floorLookup, fiveHops, floorFiveHops }: Grown): string[] {
  const both = ({ p50, p95 }: Times): string => `${p50} / ${p95}`;
  return [assets.toLocaleString('en'), ...[lookup, floorLookup, fiveHops, floorFiveHops].map(both)];
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, place) => (place === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
