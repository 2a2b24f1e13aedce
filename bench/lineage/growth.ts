import type { Contestants } from './contestants.js';
import type { Factory } from './graph-cache.js';
import { interleave, type Times } from './interleave.js';

/** The same answers on a factory of another size. */
export interface Grown {
  assets: number;
  lookup: Times;
  floorLookup: Times;
  /** All that is reached in 5 hops from a root of which 1,000 assets are made. */
  fiveHops: Times;
  floorFiveHops: Times;
}

const ANSWER = { size: 1_000, depth: 5 };
const ROUNDS = { warmUp: 20, least: 20, most: 300 };

export async function measureGrowth(
  contestants: Contestants,
  factory: Factory,
  { first, seconds }: { first: number; seconds: number },
): Promise<Grown> {
  const root = factory.roots.find(({ size, depth }) => size === ANSWER.size && depth === ANSWER.depth);
  if (!root) throw new Error(`A factory of ${factory.assets} assets has no root of ${ANSWER.size} assets.`);
  const { times } = await interleave<unknown>(
    [
      { name: 'lookup', ask: () => contestants.lookup(root) },
      { name: 'floorLookup', ask: () => contestants.floorLookup(root) },
      { name: 'fiveHops', ask: () => contestants.plain(root, first) },
      { name: 'floorFiveHops', ask: () => contestants.floor(root, first) },
    ],
    { ...ROUNDS, seconds },
  );
  const of = (name: string): Times => {
    const time = times.get(name);
    if (!time) throw new Error(`${name} was not measured.`);
    return time;
  };
  return {
    assets: factory.assets,
    ...{ lookup: of('lookup'), floorLookup: of('floorLookup') },
    ...{ fiveHops: of('fiveHops'), floorFiveHops: of('floorFiveHops') },
  };
}
