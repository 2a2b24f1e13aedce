import type { Answered, Contestant } from './answers.js';
import type { Grown } from './growth.js';
import { type Chart, drawCharts } from './plot.js';

/** Of colours that can be told apart by who does not see all of them (Okabe and Ito). */
const SHOWN: readonly (readonly [Contestant, string, string])[] = [
  ['floor', 'Cypher by hand over Bolt (floor)', '#000000'],
  ['plain', 'Weftline: nodes, depth, edges', '#0072b2'],
  ['complete', 'Weftline: with completeness and total', '#56b4e9'],
  ['asOf', 'Weftline: as of a time', '#009e73'],
  ['neo4jGraphql', '@neo4j/graphql with @cypher', '#d55e00'],
];

/** A chart for each depth: how long the first page takes by how much is reached. */
export function drawAnswers(answers: readonly Answered[], note: string): string {
  const depths = [...new Set(answers.map(({ depth }) => depth))];
  const charts = depths.map((depth): Chart => {
    const ofDepth = answers.filter((answered) => answered.depth === depth);
    return {
      title: `within ${depth} hop${depth === 1 ? '' : 's'}`,
      xLabel: 'assets reached',
      yLabel: 'median, ms',
      series: SHOWN.map(([contestant, name, color]) => ({
        ...{ name, color },
        points: ofDepth.map(({ size, times }) => [size, times[contestant].p50] as const),
      })),
    };
  });
  return drawCharts('A lineage answer: nodes, depth and edges of the first page', note, charts);
}

/** How long the same answer takes on factories of several sizes. */
export function drawGrowth(growth: readonly Grown[], note: string): string {
  const chart = (title: string, ours: 'lookup' | 'fiveHops', floor: 'floorLookup' | 'floorFiveHops'): Chart => ({
    ...{ title, xLabel: 'assets in the graph', yLabel: 'ms' },
    series: [
      { name: 'Weftline, median', color: '#0072b2', points: growth.map((each) => [each.assets, each[ours].p50]) },
      { name: 'Weftline, 95 %', color: '#56b4e9', points: growth.map((each) => [each.assets, each[ours].p95]) },
      {
        name: 'Cypher by hand, median',
        color: '#000000',
        points: growth.map((each) => [each.assets, each[floor].p50]),
      },
    ],
  });
  return drawCharts('The same answers on graphs of other sizes', note, [
    chart('an asset by its urn', 'lookup', 'floorLookup'),
    chart('1,000 assets within 5 hops', 'fiveHops', 'floorFiveHops'),
  ]);
}
