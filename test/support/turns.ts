import { vi } from 'vitest';

/** Longer than anybody keeps their turn. */
const LOOKS_APART_MS = 11;

/**
 * How often others had their turn while the work was done. By the clock of this time every look is later than the turn lasts, so
 * what is counted is where the work can pause, on a fast machine as on a slow one.
 */
export async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let goesOn = true;
  const others = (): void => {
    turns += 1;
    if (goesOn) setImmediate(others);
  };
  let now = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += LOOKS_APART_MS));
  setImmediate(others);
  try {
    await work();
  } finally {
    goesOn = false;
    clock.mockRestore();
  }
  return turns;
}
