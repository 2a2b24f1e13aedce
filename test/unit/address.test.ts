import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { holdsJwt, holdsToken } from '../../src/http/address.js';

/** What is looked for, written as plainly as can be. It goes back for each beginning, so only short texts are given to it. */
const REFERENCE = /eyJ[\w-]{6,}\.[\w-]+\./i;

/** Pieces that make and nearly make a JWT, so that most texts of them are close calls. */
const PIECES = [
  'eyJ',
  'EYj',
  'e',
  'y',
  'J',
  '.',
  '..',
  '-',
  '_',
  'abcdef',
  'abcde',
  '%',
  '/',
  '?',
  ' ',
  'ſ',
  'İ',
  '\u212a',
  'é',
  '1',
];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''));

describe('The beginning of a JWT', () => {
  it('is found exactly where the plain pattern finds it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(holdsJwt(text)).toBe(REFERENCE.test(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it('is found or not within any other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), texts, (around, text) => {
        expect(holdsJwt(around + text + around)).toBe(REFERENCE.test(around + text + around));
      }),
    );
  });

  it('is found however often the address is encoded, up to the limit beyond which all is refused', () => {
    const jwt = 'eyJhbGciOi.eyJzdWIi.sig';
    const percent = (text: string): string =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    let written = jwt;
    for (let times = 0; times <= 6; times++, written = written.replaceAll('%', '%25')) {
      if (times === 1) written = percent(jwt);
      expect(holdsToken(`/graphql?q=${written}`)).toBe(true);
    }
  });
});

/**
 * The work is shown by its steps and not by a clock: every pass over an address looks at each of its characters a few times
 * at most, so the characters that are read grow as the length does.
 */
describe('An address made to be slow', () => {
  const SLOW: Record<string, (length: number) => string> = {
    'of beginnings without an end': (length) => 'eyJ'.repeat(length / 3),
    'of beginnings with one dot': (length) => `${'eyJ'.repeat(length / 3)}.`,
    'of beginnings that end in what is no word': (length) => 'eyJaaaaaa.!'.repeat(length / 11),
    'of words and dots': (length) => 'a.'.repeat(length / 2),
    'of escapes within escapes': (length) => '%25'.repeat(length / 3),
    'of beginnings in escapes within escapes': (length) => '%2565yJ'.repeat(length / 7),
    'of names': (length) => '?token'.repeat(length / 6),
  };

  it.each(Object.entries(SLOW))('%s is read in steps that grow with its length', (_, write) => {
    const [short, long] = [stepsFor(write(2_000)), stepsFor(write(64_000))];
    expect(long).toBeLessThan(short * 32 * 2);
  });
});

/** Characters that are looked at one by one while the address is read; the patterns are held to be linear by `npm run check`. */
function stepsFor(url: string): number {
  const reading = vi.spyOn(String.prototype, 'charCodeAt');
  try {
    holdsToken(url);
    return reading.mock.calls.length + url.length;
  } finally {
    reading.mockRestore();
  }
}
