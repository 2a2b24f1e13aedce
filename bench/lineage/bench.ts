import 'reflect-metadata';
import { type Answered, measureAnswers } from './answers.js';
import { type Contestants, startContestants } from './contestants.js';
import { type Counted, measureCounting } from './counting.js';
import { drawAnswers, drawGrowth } from './charts.js';
import { type Factory, MEMORY, openFactory, say } from './graph-cache.js';
import { type Grown, measureGrowth } from './growth.js';
import { measureMemory, type MemoryUse } from './memory.js';
import { type BenchOptions, readOptions } from './options.js';
import { countedLine, HEAD, lineOf, type Measured, memoryLine, reportOf, rowOf, targetLine } from './report.js';
import { describeMachine, saveFile, saveResults } from '../results.js';
import { judgeAnswers, judgeRest } from './targets.js';

const MEMORY_SECONDS = 60;
const COUNT_SECONDS = 30;
const GROWTH_SECONDS = 15;

/** What the largest factory is asked. */
interface Largest {
  factory: Omit<Factory, 'database' | 'openDriver' | 'stop'>;
  answers: Answered[];
  counted: Counted;
  memory: MemoryUse;
}

/**
 * Lineage answers of the built server over HTTP, held against the same answers as hand-written Cypher over Bolt and
 * against @neo4j/graphql, on factories of up to 1,000,000 assets. Answers the file of the results; no timing fails it.
 */
export async function benchLineage(args: readonly string[]): Promise<string> {
  const options = readOptions(args);
  const growth: Grown[] = [];
  const largest: Largest[] = [];
  for (const assets of options.assets) {
    const factory = await openFactory({ ...options, assets });
    try {
      const isLargest = assets === options.assets.at(-1);
      await withContestants(factory, options, async (contestants) => {
        growth.push(await measureGrowth(contestants, factory, { ...options, seconds: GROWTH_SECONDS }));
        if (isLargest) largest.push(await measureLargest(contestants, factory, options));
      });
    } finally {
      await factory.stop();
    }
  }
  const [measured] = largest;
  if (!measured) throw new Error('No factory was measured.');
  return save(options, measured, growth);
}

async function withContestants(
  factory: Factory,
  { serverFlags }: BenchOptions,
  work: (contestants: Contestants) => Promise<void>,
): Promise<void> {
  const contestants = await startContestants(factory, serverFlags);
  try {
    await work(contestants);
  } finally {
    await contestants.stop();
  }
}

async function measureLargest(contestants: Contestants, factory: Factory, options: BenchOptions): Promise<Largest> {
  const print = (line: string): boolean => process.stdout.write(`${line}\n`);
  print(lineOf(HEAD));
  const answers = await measureAnswers(contestants, factory.roots, options, (answered) =>
    print(lineOf(rowOf(answered))),
  );
  say('Counting.');
  const counted = await measureCounting(contestants, factory.landingZone, COUNT_SECONDS);
  print(countedLine(counted));
  const heavy = factory.roots.findLast(({ size }) => size === 1_000);
  say(`Watching the memory of the server for ${MEMORY_SECONDS} s.`);
  const memory = await measureMemory(contestants, heavy ?? factory.landingZone, {
    ...{ first: options.first, seconds: MEMORY_SECONDS },
  });
  print(memoryLine(memory));
  const { database: _, openDriver: __, stop: ___, ...facts } = factory;
  return { factory: facts, answers, counted, memory };
}

function save(options: BenchOptions, { factory, ...rest }: Largest, growth: readonly Grown[]): string {
  const targets = [...judgeAnswers(rest.answers), ...judgeRest(rest.counted, rest.memory, growth)];
  targets.forEach((target) => process.stdout.write(`${targetLine(target)}\n`));
  const { assets, claims, runs, versions, loadSeconds } = factory;
  const counts = [assets, claims, runs, versions].map((count) => count.toLocaleString('en'));
  const facts = [
    describeMachine(),
    `A graph of ${counts[0]} assets, ${counts[1]} claims, ${counts[2]} runs and ${counts[3]} versions; seed ${options.seed}.`,
    `Neo4j with ${MEMORY.heapMegabytes} MiB of heap and ${MEMORY.pageCacheMegabytes} MiB of page cache; a page has ${options.first} nodes.`,
  ];
  const measured: Measured = { facts, growth, targets, ...rest };
  saveFile('lineage', 'md', reportOf(measured));
  saveFile('lineage', 'svg', drawAnswers(rest.answers, facts.slice(0, 2).join(' ')));
  saveFile('lineage-growth', 'svg', drawGrowth(growth, facts[0] ?? ''));
  return saveResults('lineage', { options, neo4j: MEMORY, loadSeconds, ...measured });
}
