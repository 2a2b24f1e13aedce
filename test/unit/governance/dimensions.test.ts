import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUILT_IN,
  covers,
  Dimensions,
  isConflict,
  joinOf,
  loweredBy,
  valueOf,
} from '../../../src/governance/labels/dimensions.js';
import type { Dimension, LabelValue } from '../../../src/governance/labels/label.js';

const CODES = ['a', 'b', 'c', 'd'];
const LICENCES = [
  'MIT',
  'CC-BY-NC-4.0',
  'GPL-2.0-only WITH Classpath-exception-2.0',
  'MIT OR Apache-2.0',
  '(MIT AND ISC) OR CC0-1.0',
  'NOASSERTION',
  'LicenseRef-own',
];

function textsOf(dimension: Dimension): fc.Arbitrary<string[]> {
  switch (dimension.values) {
    case 'LEVELS':
      return fc.constantFrom(...(dimension.levels ?? [])).map((level) => [level]);
    case 'CODES':
      return fc.subarray(CODES, { minLength: dimension.kind === 'INTERSECTION' ? 1 : 0 });
    case 'SPDX':
      return fc.constantFrom(...LICENCES).map((licence) => [licence]);
    case 'INSTANT':
      return fc
        .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
        .map((date) => [date.toISOString()]);
    case 'NUMBER':
      return fc.integer({ min: 0, max: 1000 }).map((number) => [String(number / 1000)]);
  }
}
const valuesOf = (dimension: Dimension) => textsOf(dimension).map((texts) => valueOf(dimension, texts));

describe.each(BUILT_IN.map((dimension) => [dimension.name, dimension] as const))('labels of %s', (_name, dimension) => {
  const value = valuesOf(dimension);
  const join = (one: LabelValue, other: LabelValue) => joinOf(dimension, one, other);

  it('are joined in any order, however often', () => {
    fc.assert(
      fc.property(value, value, value, (a, b, c) => {
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        expect(join(a, a)).toEqual(a);
        expect(covers(dimension, join(a, b), a)).toBe(true);
      }),
    );
  });

  it('are lowered alike before and after they are joined, and never to less than what was lower', () => {
    fc.assert(
      fc.property(value, value, value, value, (a, b, from, to) => {
        const grant = { from, to };
        const lower = (each: LabelValue) => loweredBy(dimension, each, grant);
        expect(lower(join(a, b))).toEqual(join(lower(a), lower(b)));
        if (covers(dimension, a, b)) expect(covers(dimension, lower(a), lower(b))).toBe(true);
      }),
    );
  });

  it('are read again as they are written', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const joined = join(a, b);
        if (isConflict(dimension, joined)) return;
        expect(valueOf(dimension, typeof joined === 'object' ? [...joined] : [String(joined)])).toEqual(joined);
      }),
    );
  });
});

describe('what is no value', () => {
  const dimensions = new Dimensions();
  it.each([
    [
      'classification',
      ['SECRET'],
      '"SECRET" is no value of `classification`. Give one of PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED.',
    ],
    ['classification', [], 'takes one value; 0 were given'],
    ['classification', ['PUBLIC', 'INTERNAL'], 'takes one value; 2 were given'],
    ['regions', [], 'without a code would allow nothing'],
    ['regions', ['EU', 'the moon'], '"the moon" is no code of `regions`'],
    ['licences', ['MIT AND'], '"MIT AND" is no value of `licences`. Give an expression of SPDX'],
    ['licences', ['mit'], '"mit" is no value'],
    ['licences', ['('.repeat(5_000)], 'is no value of `licences`'],
    ['licences', ['MIT) AND (MIT'], 'is no value of `licences`'],
    ['deleteBy', ['soon'], '"soon" is no value of `deleteBy`. Give a time as'],
    ['deleteBy', ['2026-13-01'], 'is no value of `deleteBy`'],
    ['quality', ['1.2'], '"1.2" is no value of `quality`. Give a number from 0 to 1.'],
    ['quality', ['NaN'], 'Give a number from 0 to 1'],
  ])('of %s is refused: %j', (name, texts, why) => {
    expect(() => valueOf(dimensions.named(name), texts)).toThrow(why);
  });

  it('is refused of a dimension that there is not, with those there are', () => {
    expect(() => dimensions.named('colour')).toThrow(
      'There is no dimension "colour". There are classification, personalData,',
    );
  });

  it('keeps a licence in one spelling', () => {
    const licences = dimensions.named('licences');
    expect(valueOf(licences, ['(Apache-2.0 OR MIT) AND MIT AND (MIT OR Apache-2.0)'])).toBe(
      '(Apache-2.0 OR MIT) AND MIT',
    );
    expect(valueOf(licences, ['NOASSERTION'])).toBe('NOASSERTION');
  });
});
