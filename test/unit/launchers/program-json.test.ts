import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../src/launchers/runner/output-manifest.js';
import { asJson } from '../../../src/launchers/run-folder/program-json.js';

/** As Python writes it: a value that may hold what JSON has no word for, and what is read of it. */
const written = fc.letrec<{ value: [text: string, read: unknown] }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<[string, unknown]>(['NaN', 'NaN'], ['Infinity', 'Infinity'], ['-Infinity', '-Infinity']),
    fc.jsonValue().map((value): [string, unknown] => [JSON.stringify(value), JSON.parse(JSON.stringify(value))]),
    fc
      .constantFrom('"NaN"', '"a \\" NaN"', '"\\\\"', '"-Infinity, NaN"')
      .map((text): [string, unknown] => [text, JSON.parse(text)]),
    fc
      .array(tie('value'), { maxLength: 4 })
      .map((items): [string, unknown] => [
        `[${items.map(([text]) => text).join(', ')}]`,
        items.map(([, read]) => read),
      ]),
    fc
      .array(tie('value'), { maxLength: 3 })
      .map((items): [string, unknown] => [
        `{${items.map(([text], place) => `"k${place}": ${text}`).join(', ')}}`,
        Object.fromEntries(items.map(([, read], place) => [`k${place}`, read])),
      ]),
  ),
})).value;

describe('JSON of a program', () => {
  it('is read with what is no number as a text, and otherwise as it is', () => {
    fc.assert(
      fc.property(written, ([text, read]) => {
        expect(JSON.parse(asJson(text))).toEqual(read);
      }),
      { numRuns: 3_000 },
    );
  });

  it('that is none stays none', () => {
    for (const text of ['NaNs', '{"a": Infinity1}', '+Infinity', 'nan', '"NaN', '- Infinity', '[NaN'])
      expect(() => JSON.parse(asJson(text)) as unknown, text).toThrow(SyntaxError);
  });

  it('keeps a model whose last loss is no number', () => {
    const bytes = Buffer.from('{"model": "m", "metrics": {"loss": NaN, "best": -Infinity, "at": 3}}');
    expect(parseManifest(bytes)).toMatchObject({ model: 'm', metrics: { loss: 'NaN', best: '-Infinity', at: 3 } });
  });
});
