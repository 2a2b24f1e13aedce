import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inexactIn, withDigitsAsText } from '../../src/json/exact-numbers.js';

/** A JSON document, and its numbers with the way to each, as they are written. */
const documents = fc.letrec<{ value: Written }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc
      .bigInt({ min: -(2n ** 70n), max: 2n ** 70n })
      .map((number): Written => ({ text: String(number), numbers: [['', String(number)]] })),
    fc.maxSafeInteger().map((number): Written => ({ text: String(number), numbers: [['', String(number)]] })),
    fc.string({ unit: 'binary' }).map((text): Written => ({ text: JSON.stringify(text), numbers: [] })),
    fc
      .constantFrom('null', 'true', '1e30', '-0.5', '"18446744073709551615"', '"\\"18446744073709551615"')
      .map((text): Written => ({ text, numbers: [] })),
    fc.array(tie('value'), { maxLength: 4 }).map((items): Written => ({
      text: `[${items.map(({ text }) => text).join(' , ')}]`,
      numbers: items.flatMap(({ numbers }, place) =>
        numbers.map(([way, number]): [string, string] => [`/${place}${way}`, number]),
      ),
    })),
    fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), tie('value')), { maxLength: 4 }).map((members): Written => ({
      text: `{${members.map(([key, { text }]) => `"${key}" : ${text}`).join(',')}}`,
      numbers: members.flatMap(([key, { numbers }]) =>
        numbers.map(([way, number]): [string, string] => [`/${key}${way}`, number]),
      ),
    })),
  ),
})).value;

interface Written {
  text: string;
  numbers: [way: string, number: string][];
}

describe('A whole number in a JSON text', () => {
  it('is told, with the way to it, exactly when it would be read as another', () => {
    fc.assert(
      fc.property(documents, ({ text, numbers }) => {
        const wrong = numbers.find(([, number]) => String(JSON.parse(number)) !== number);
        const found = inexactIn(text);
        if (wrong === undefined) expect(found).toBeNull();
        else expect(found).toEqual({ digits: wrong[1], at: wrong[0] === '' ? '/' : wrong[0] });
      }),
      { numRuns: 3_000 },
    );
  });

  it('is kept by its digits, and all else as it was', () => {
    fc.assert(
      fc.property(documents, ({ text, numbers }) => {
        const exact = withDigitsAsText(text);
        expect(inexactIn(exact)).toBeNull();
        const wrong = numbers.filter(([, number]) => String(JSON.parse(number)) !== number);
        // The quotation marks are all that was added.
        expect(exact.length).toBe(text.length + 2 * wrong.length);
        expect(exact.replaceAll('"', '')).toBe(text.replaceAll('"', ''));
        if (wrong.length === 0) expect(exact).toBe(text);
        expect(() => JSON.parse(exact) as unknown).not.toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it('is looked for once through the text, however it is made', () => {
    for (const text of [
      `[${'"\\"",'.repeat(100_000)}1]`,
      `"${'1'.repeat(1_000_000)}"`,
      `${'['.repeat(50_000)}9007199254740993${']'.repeat(50_000)}`,
    ]) {
      const began = process.cpuUsage();
      inexactIn(text);
      expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000);
    }
  });
});
