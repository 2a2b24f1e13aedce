import { InputError } from './input-error.mjs';

/** @typedef {{ epochs: number, learningRate: number, l2: number, seed: number, sleepMs: number }} Parameters */

/** @type {Record<keyof Parameters, { initial: number, expected: string, accepts: (value: number) => boolean }>} */
const RULES = {
  epochs: {
    initial: 300,
    expected: 'a whole number from 1 to 100000',
    accepts: (n) => isWhole(n) && n >= 1 && n <= 1e5,
  },
  learningRate: { initial: 0.5, expected: 'a number above 0', accepts: (n) => n > 0 },
  l2: { initial: 0.001, expected: 'a number of 0 or more', accepts: (n) => n >= 0 },
  seed: { initial: 7, expected: 'a whole number', accepts: (n) => isWhole(n) },
  sleepMs: { initial: 0, expected: 'a number from 0 to 60000', accepts: (n) => n >= 0 && n <= 6e4 },
};

/**
 * @param {Record<string, unknown>} given
 * @returns {Parameters} with the default for each one not given
 * @throws {InputError} for an unknown name (a typing error would otherwise train with the default) or a value out of range
 */
export function readParameters(given) {
  const names = Object.keys(RULES);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`There is no parameter "${unknown}"; the parameters are ${names.join(', ')}.`);
  }
  const pairs = Object.entries(RULES).map(([name, rule]) => {
    const value = given[name] ?? rule.initial;
    if (typeof value === 'number' && Number.isFinite(value) && rule.accepts(value)) return [name, value];
    throw new InputError(`The parameter ${name} is ${JSON.stringify(value)}; it has to be ${rule.expected}.`);
  });
  return Object.fromEntries(pairs);
}

/** @param {number} value */
const isWhole = (value) => Number.isSafeInteger(value);
