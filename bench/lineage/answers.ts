import type { Contestants } from './contestants.js';
import { type Candidate, interleave, round, type Times } from './interleave.js';
import type { LoadedRoot } from './load.js';
import type { BenchOptions } from './options.js';

/** The contestants of one answer, in the order in which tables show them. */
export const CONTESTANTS = ['floor', 'floorComplete', 'plain', 'complete', 'asOf', 'neo4jGraphql'] as const;
const WARM_UP_MS = 30_000;
export type Contestant = (typeof CONTESTANTS)[number];

/** What all took for one question. */
export interface Answered {
  /** Assets reached from the root within the depth. */
  size: number;
  depth: number;
  /** On the page that was asked for. */
  nodes: number;
  edges: number;
  times: Record<Contestant, Times>;
  /** Of the medians. */
  ratios: {
    plainOfFloor: number;
    completeOfFloor: number;
    plainOfOther: number;
    completeOfOther: number;
    asOfOfNow: number;
  };
  /** Medians apart, in milliseconds. */
  overFloor: { plain: number; complete: number };
}

/** Asks all contestants for the lineage of each root in turn. Throws when one found something else than the others. */
export async function measureAnswers(
  contestants: Contestants,
  roots: readonly LoadedRoot[],
  options: Pick<BenchOptions, 'first' | 'seconds'>,
  onAnswered: (answered: Answered) => void,
): Promise<Answered[]> {
  await warmUp(contestants, roots, options);
  const all: Answered[] = [];
  for (const root of roots) {
    const answered = await measureRoot(contestants, root, options);
    onAnswered(answered);
    all.push(answered);
  }
  return all;
}

/** A server that has been up for a while is what is measured: both machines, Node's and Java's, compile what is asked often. */
async function warmUp(
  contestants: Contestants,
  roots: readonly LoadedRoot[],
  { first }: Pick<BenchOptions, 'first'>,
): Promise<void> {
  const small = roots.filter(({ size }) => size <= first);
  const until = performance.now() + WARM_UP_MS;
  for (let turn = 0; performance.now() < until && small.length > 0; turn++) {
    const root = small[turn % small.length];
    for (const name of CONTESTANTS) if (root) await contestants[name](root, first);
  }
}

async function measureRoot(
  contestants: Contestants,
  root: LoadedRoot,
  { first, seconds }: Pick<BenchOptions, 'first' | 'seconds'>,
): Promise<Answered> {
  const candidates = CONTESTANTS.map((name): Candidate<{ nodes: number; edges: number }> => {
    return { name, ask: () => contestants[name](root, first) };
  });
  const { times, answers } = await interleave(candidates, { warmUp: 3, least: 5, most: 150, seconds });
  const found = answers.get('floor') ?? { nodes: 0, edges: 0 };
  for (const [name, { nodes }] of answers) {
    if (nodes === found.nodes && nodes === Math.min(root.size, first)) continue;
    throw new Error(`${name} found ${nodes} of ${root.size} assets at depth ${root.depth}; the floor ${found.nodes}.`);
  }
  const of = (name: Contestant): Times => {
    const time = times.get(name);
    if (!time) throw new Error(`${name} was not measured.`);
    return time;
  };
  const floors = { floor: of('floor'), floorComplete: of('floorComplete') };
  const byName = { ...floors, plain: of('plain'), complete: of('complete'), asOf: of('asOf') };
  return { size: root.size, depth: root.depth, ...found, ...compare({ ...byName, neo4jGraphql: of('neo4jGraphql') }) };
}

function compare(times: Answered['times']): Pick<Answered, 'times' | 'ratios' | 'overFloor'> {
  const ratio = (one: Contestant, other: Contestant): number => round(times[one].p50 / times[other].p50);
  return {
    times,
    ratios: {
      plainOfFloor: ratio('plain', 'floor'),
      completeOfFloor: ratio('complete', 'floorComplete'),
      plainOfOther: ratio('plain', 'neo4jGraphql'),
      completeOfOther: ratio('complete', 'neo4jGraphql'),
      asOfOfNow: ratio('asOf', 'plain'),
    },
    overFloor: {
      plain: round(times.plain.p50 - times.floor.p50),
      complete: round(times.complete.p50 - times.floorComplete.p50),
    },
  };
}
