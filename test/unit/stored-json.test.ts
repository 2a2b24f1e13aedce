import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Row } from '../../src/neo4j/row.js';
import { readStored, toShow } from '../../src/json/stored.js';

const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const why = (reason: string): object => ({ $unreadable: `What is stored here ${reason}.` });

describe('a stored JSON value', () => {
  it('is read as it was written, also where it is larger than is accepted today', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const written = JSON.stringify(value);
        expect(JSON.stringify(readStored(written))).toBe(written);
      }),
    );
    expect(new Row({ value: nested(200) }).json('value')).toEqual(JSON.parse(nested(200)));
    expect(new Row({ value: `{"a":"${'x'.repeat(240_000)}"}` }).json('value')).toEqual({ a: 'x'.repeat(240_000) });
  });

  it.each([
    ['too deep', nested(201), 'nests deeper than 200 levels'],
    ['as deep as a body holds', nested(100_000), 'nests deeper than 200 levels'],
    ['too large', `{"a":"${'x'.repeat(1_048_576)}"}`, 'is larger than 1048576 characters'],
    ['cut off', '{"a":', 'is not JSON'],
    ['a list where an object is expected', '[]', 'is not an object'],
  ])('that is %s says so in its place', (_, text, reason) => {
    const shown = new Row({ value: text }).json('value');
    expect(shown).toEqual(why(reason));
    expect(() => JSON.stringify(shown)).not.toThrow();
  });

  it('that some other way leads to the answer is looked at again before it is written out', () => {
    expect(toShow(JSON.parse(nested(100_000)))).toEqual(why('nests deeper than 200 levels'));
    expect(toShow(null)).toBeNull();
  });
});
