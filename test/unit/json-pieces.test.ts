import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDigitsAsText } from '../../src/json/exact-numbers.js';
import { jsonInPieces, JsonTooDeep } from '../../src/json/pieces.js';
import { atOnce, inTurns } from '../../src/turn.js';
import { turnsDuring } from '../support/turns.js';

const read = (text: string, piece?: number): unknown =>
  atOnce(jsonInPieces(text, piece === undefined ? {} : { piece }));

/** What comes of it, or that it is refused. */
function outcome(work: () => unknown): { value: unknown } | 'refused' {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof SyntaxError) return 'refused';
    throw error;
  }
}

/** JSON as people write it, with blanks between. */
const written = fc
  .tuple(fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }), fc.constantFrom('', ' ', '\n', '\t'))
  .map(([value, blank]) => `${blank}${JSON.stringify(value, null, blank)}${blank}`);
const MEANINGFUL = '[ ] { } , : " \\ 0 12 -3 . e null true \n'.split(' ').concat(' ');

/** In characters: who reads more than this in one go keeps others waiting. */
const LONGEST_STEP = 100_000;

describe('JSON that is read in pieces', () => {
  it('says what JSON.parse says, wherever it is cut', () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 0, max: 40 }), (text, piece) => {
        expect(read(text, piece)).toStrictEqual(JSON.parse(text));
      }),
      { numRuns: 4_000 },
    );
  });

  it('is refused where JSON.parse refuses it, and nowhere else', () => {
    const change = fc.record({ at: fc.nat(), taken: fc.nat({ max: 2 }), put: fc.constantFrom('', ...MEANINGFUL) });
    fc.assert(
      fc.property(
        written,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 20 }),
        (text, all, piece) => {
          const changed = all.reduce((was, { at, taken, put }) => {
            const place = at % (was.length + 1);
            return was.slice(0, place) + put + was.slice(place + taken);
          }, text);
          expect(outcome(() => read(changed, piece))).toStrictEqual(outcome((): unknown => JSON.parse(changed)));
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '[1,[2,3] 4]',
    '[1,[2,3][4]]',
    '[1 [2,3]]',
    '{"a":1{"b":2}}',
    '{"a":{"b":2}"c":3}',
    '{"a":{"b":[1,2,3]},}',
    '[[1,2,3],]',
    '[,[1,2,3]]',
    '[[1,2,3],,1]',
    '[[1,2,3]}',
    '{"a":[1,2,3]]',
    '[1,2,3] [1,2,3]',
    '1 [1,2,3]',
    '{[1,2,3]}',
    '{"a":1:[1,2,3]}',
    '[1,2,3',
    '',
    '  ',
    ',',
  ])('is refused where the cut is at fault: %j', (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
    for (let piece = 0; piece < text.length; piece += 1) expect(() => read(text, piece)).toThrow(SyntaxError);
  });

  it('takes keys such as __proto__ as data, and the last of those that are alike', () => {
    const text = '{"a": 1, "__proto__": {"x": [1, 2]}, "constructor": [3], "a": {"toString": 4}, "2": 5}';
    expect(JSON.stringify(read(text, 4))).toBe(JSON.stringify(JSON.parse(text)));
    expect(Object.getPrototypeOf(read(text, 4))).toBe(Object.prototype);
  });

  it('keeps the digits of whole numbers, where pieces are read so', () => {
    const text = '{"a": [18446744073709551615, 1], "b": {"c": 18446744073709551614}}';
    const parse = (piece: string): unknown => JSON.parse(withDigitsAsText(piece));
    expect(atOnce(jsonInPieces(text, { parse, piece: 10 }))).toEqual({
      a: ['18446744073709551615', 1],
      b: { c: '18446744073709551614' },
    });
  });

  it('is refused when it nests too deep, before it is read', () => {
    expect(() => read('['.repeat(5_000_000))).toThrow('It nests deeper than 1,000 levels');
    expect(() => read(`${'{"a":'.repeat(1_001)}1${'}'.repeat(1_001)}`, 10)).toThrow(JsonTooDeep);
  });

  it('lets others have their turn before it is refused for what is only seen at its end', async () => {
    const open = `[${Array.from({ length: 1_000_000 }, () => '{}').join(',')}`;
    for (const text of [open, `${open},`, `${open}} `, `${open},"`]) {
      const turns = turnsDuring(() => expect(inTurns(jsonInPieces(text))).rejects.toThrow(SyntaxError));
      expect(await turns).toBeGreaterThan(text.length / LONGEST_STEP);
    }
    const parsed: number[] = [];
    const parse = (piece: string): unknown => (parsed.push(piece.length), JSON.parse(piece));
    expect(() => atOnce(jsonInPieces(open, { parse }))).toThrow(SyntaxError);
    expect(Math.max(...parsed)).toBeLessThan(LONGEST_STEP);
  });

  it.each([
    ['empty objects', () => `[${Array.from({ length: 1_000_000 }, () => '{}').join(',')}]`],
    ['different keys', () => `{${Array.from({ length: 300_000 }, (_, index) => `"key ${index}":1`).join(',')}}`],
    ['numbers of 16 digits', () => `[${Array.from({ length: 200_000 }, (_, index) => 10 ** 15 + index).join(',')}]`],
    ['one within another', () => `${'{"a":[1,'.repeat(400)}${' '.repeat(3_000_000)}1${']}'.repeat(400)}`],
    ['quotation marks', () => JSON.stringify('"'.repeat(1_500_000))],
  ])('lets others have their turn meanwhile: %s', async (_name, make) => {
    const text = make();
    let value: unknown;
    expect(await turnsDuring(async () => (value = await inTurns(jsonInPieces(text))))).toBeGreaterThan(
      text.length / LONGEST_STEP,
    );
    expect(value).toStrictEqual(JSON.parse(text));
  });
});
