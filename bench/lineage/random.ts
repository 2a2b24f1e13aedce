/** Numbers from 0 up to 1 that are the same for the same seed (mulberry32). */
export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A place from 0 to below `count`; the low ones come far more often, the more so the larger the skew: with 4, the first
 * of 2,000 is drawn 15 times of 100. That is what makes hubs.
 */
export function skewed(random: Random, count: number, skew: number): number {
  return Math.floor(count * random() ** skew);
}

export function oneOf<T>(random: Random, words: readonly T[]): T {
  const word = words[Math.floor(random() * words.length)];
  if (word === undefined) throw new Error('There is nothing to choose from.');
  return word;
}

/** An id in the form of the product's: unique by space and number, rising with the time (epoch milliseconds). */
export function idOf(space: number, number: number, time: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const at = hex(time, 12);
  const mixed = hex(Math.imul(number + 1, 0x9e3779b1) >>> 0, 8);
  return `${at.slice(0, 8)}-${at.slice(8)}-7${hex(space, 3)}-8${mixed.slice(0, 3)}-${mixed.slice(3, 7)}${hex(number, 8)}`;
}
