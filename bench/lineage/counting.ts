import type { Contestants } from './contestants.js';
import { interleave, round, type Times } from './interleave.js';
import type { LoadedRoot } from './load.js';

export interface Counted {
  reachable: number;
  ours: Times;
  floor: Times;
  ratio: number;
}

const ROUNDS = { warmUp: 2, least: 5, most: 20 };

/** Counts everything that was made of the landing zone. Throws when the counts are not what was planted. */
export async function measureCounting(
  contestants: Contestants,
  landingZone: LoadedRoot,
  seconds: number,
): Promise<Counted> {
  const { times, answers } = await interleave(
    [
      { name: 'ours', ask: () => contestants.count(landingZone) },
      { name: 'floor', ask: () => contestants.floorCount(landingZone) },
    ],
    { ...ROUNDS, seconds },
  );
  for (const [name, total] of answers) {
    if (total !== landingZone.size) throw new Error(`${name} counted ${total} assets; there are ${landingZone.size}.`);
  }
  const [ours, floor] = [times.get('ours'), times.get('floor')];
  if (!ours || !floor) throw new Error('Nothing was counted.');
  return { reachable: landingZone.size, ours, floor, ratio: round(ours.p50 / floor.p50) };
}
