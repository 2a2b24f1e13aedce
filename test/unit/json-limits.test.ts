import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkJson, JSON_LIMITS, readJsonText } from '../../src/json/limits.js';

const nested = (depth: number, wrap: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
};

const wraps: Record<string, (inner: unknown) => unknown> = {
  lists: (inner) => [inner],
  objects: (inner) => ({ a: inner }),
  both: (inner) => [{ a: inner, b: 0 }],
};

const strangers: [string, unknown, string][] = [
  ['undefined', { a: undefined }, '/a'],
  ['NaN', [0, Number.NaN], '/1'],
  ['a number beyond what a double holds', JSON.parse('{"a":[1e400]}'), '/a/0'],
  ['a bigint', { a: 1n }, '/a'],
  ['a date', { a: new Date(0) }, '/a'],
  ['a map', new Map(), 'the top'],
  ['a function', { toJSON: () => 1 }, '/toJSON'],
  ['a hole in a list', Array(2), '/0'],
  ['a high surrogate alone', { a: { b: '\ud83d' } }, '/a/b'],
  ['a low surrogate alone in a key', { '\ude00': 1 }, 'the top'],
];

describe('a JSON document', () => {
  it('is accepted exactly when its parts are within every limit', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium', stringUnit: 'binary' }), (value) => {
        const written = JSON.stringify(value);
        const limits = { maxDepth: 64, maxEntries: 10_000, maxBytes: Buffer.byteLength(written) };
        expect(checkJson(value, limits) === null).toBe(written.isWellFormed() && !/\\ud[89a-f]/.test(written));
        expect(checkJson(value, { ...limits, maxBytes: limits.maxBytes - 1 })).not.toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it.each(Object.entries(wraps))('of nested %s is refused one level beyond the deepest', (name, wrap) => {
    const step = name === 'both' ? 2 : 1;
    const limits = { ...JSON_LIMITS, maxDepth: 8 };
    expect(checkJson(nested(8 / step, wrap), limits)).toBeNull();
    expect(checkJson(nested(8 / step + 1, wrap), limits)).toMatch(/^nests deeper than 8 levels at \//);
  });

  it.each(Object.entries(wraps))('of %s nested 1,000,000 deep is refused without overflowing', (_, wrap) => {
    expect(checkJson(nested(1_000_000, wrap))).toMatch(/^nests deeper than 32 levels/);
  });

  it.each(strangers)('with %s is refused, and told where', (_, value, where) => {
    expect(checkJson(value)).toContain(` at ${where}`);
  });

  it('with more keys and items than allowed is refused, however they are spread', () => {
    const limits = { ...JSON_LIMITS, maxEntries: 100 };
    expect(checkJson(Array(100).fill(0), limits)).toBeNull();
    expect(checkJson(Array(101).fill(0), limits)).toBe('holds more than 100 keys and items');
    const spread = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`k${index}`, Array(10).fill(0)]));
    expect(checkJson(spread, limits)).toBe('holds more than 100 keys and items');
  });

  it('says no more of a long way than a line holds', () => {
    const fault = checkJson({ ['k'.repeat(50_000)]: Number.NaN });
    expect(fault?.length).toBeLessThan(250);
  });

  it('read from a text is refused when it is no JSON, too large or too deep', () => {
    expect(readJsonText('{"a":[1,"ü"]}')).toEqual({ value: { a: [1, 'ü'] }, fault: null });
    expect(readJsonText('{"a":').fault).toBe('is not JSON');
    expect(readJsonText(`"${'ü'.repeat(40_000)}"`).fault).toBe('is larger than 65,536 bytes');
    expect(readJsonText(`${'['.repeat(30_000)}${']'.repeat(30_000)}`).fault).toMatch(/^nests deeper/);
  });
});
