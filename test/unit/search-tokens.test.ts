import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptionTokens, searchedTokens } from '../../src/catalog/text/searched.js';
import { scoreOf, searchQuery } from '../../src/catalog/text/search-query.js';
import { folded, queryWords, tokensOf } from '../../src/catalog/text/tokens.js';

const NOTHING = await searchedTokens({ name: '', namespace: '', description: null, tags: [], fieldNames: [] });
const finds = (query: string, text: string): boolean =>
  scoreOf({ ...NOTHING, descriptionTokens: descriptionTokens(text) }, searchQuery(query)) !== null;

describe('A text', () => {
  it.each([
    ['sales_by_region', ['sales', 'by', 'region', 'salesbyregion', 'byregion']],
    ['HTTPServer2', ['http', 'server', '2', 'httpserver2', 'server2']],
    ['pii.email', ['pii', 'email', 'piiemail']],
    ['Zürich', ['zurich']],
    ['東京都', ['東京', '京都', '都', '東京都']],
    ['straße ΟΔΟΣ ﬀ', ['strasse', 'οδοσ', 'ff']],
  ])('%s is held as %j', (text, tokens) => {
    expect(tokensOf(text)).toEqual(tokens);
  });

  it.each([
    ['by', 'sales_by_region'],
    ['the system', 'loaded from the billing system'],
    ['Zür', 'Zürich'],
    ['zur', 'Zürich'],
    ['Zü', 'Zu\u0308rich'],
    ['email', 'pii.email'],
    ['HTTPS', 'HTTPServer'],
    ['ordersd', 'OrdersDaily'],
    ['OrdersDaily', 'orders_daily'],
    ['42', 'table42'],
    ['STRASSE', 'straße'],
    ['οδος', 'ΟΔΟΣ'],
    ['lodz', 'Łódź'],
    ['국어', '한국어'],
    ['都', '東京都'],
    ['ㄱ', 'ㄱㅏ'],
    ['ﾡㅏ', 'ㄱￂ'],
    ['가', '가'],
    ['ไทย', 'ภาษาไทย'],
  ])('"%s" finds "%s"', (query, text) => {
    expect(finds(query, text)).toBe(true);
  });

  it.each([
    ['orders', 'order'],
    ['rders', 'orders'],
    ['東都', '東京都'],
    ['sales east', 'sales_by_region'],
  ])('"%s" does not find "%s"', (query, text) => {
    expect(finds(query, text)).toBe(false);
  });
});

const WORDS = [
  'sales',
  'HTTP',
  'Server',
  '_',
  '.',
  '-',
  '/',
  ' ',
  '42',
  'Zü',
  'ß',
  '東京',
  'ラ',
  '한국',
  'ё',
  'Ν',
  'ς',
  'X',
  'y',
  '😀',
];
const names = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...WORDS, 'ไทย', 'ㄱ', 'ㅏ', 'ﾡ', 'ￂ', '가', 'हिन्दी', 'ﬁ', 'ǅ', 'İ', 'ᾀ'),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join('')),
);
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Beginnings of a text, letter by letter as a person types it. */
function beginningsOf(text: string): string[] {
  const letters = [...graphemes.segment(text)].map(({ segment }) => segment);
  return letters.map((_, index) => letters.slice(0, index + 1).join(''));
}

/** Hangul letters written one by one are no syllable to who reads them, as they are to NFKC. */
const piecesOf = (text: string): string[] =>
  text
    .split(/([\u3131-\u318e\uffa1-\uffdc])/)
    .flatMap(
      (part, index) =>
        (index % 2 === 1 ? part : part.normalize('NFKC')).match(/[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu) ?? [],
    );

describe('Any name, in any script', () => {
  const isFoundBy = (name: string, queries: readonly string[]): void => {
    const asked = queries.filter((query) => queryWords(query).length > 0);
    expect(asked.filter((query) => !finds(query, name))).toEqual([]);
  };

  it('is found by itself, by each of its parts, and by each of its beginnings', () => {
    fc.assert(
      fc.property(names, (name) => {
        isFoundBy(name, [
          name,
          ...piecesOf(name),
          ...queryWords(name).flatMap(({ parts }) => parts),
          ...beginningsOf(name),
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is found in every spelling of it: composed or not, in upper case or lower', () => {
    fc.assert(
      fc.property(names, (name) => {
        isFoundBy(name, [name.normalize('NFD'), name.normalize('NFC'), name.toUpperCase(), name.toLowerCase()]);
        for (const spelling of [name.normalize('NFD'), name.toUpperCase()]) expect(folded(spelling)).toBe(folded(name));
      }),
      { numRuns: 2_000 },
    );
  });
});
