import { MARKS, type SearchedTokens, WORTH_OF_PLACE } from './searched.js';
import { type QueryWord, queryWords, wholeOf } from './tokens.js';

/** What is looked for. */
export interface SearchQuery {
  words: readonly QueryWord[];
  /** All of it run together: a name that is, begins or ends so comes first. */
  whole: string;
}

/**
 * What the whole of a query says of a name outweighs where single words stand: a name that is the query begins with it too, and gets 16,000;
 * one that begins with it, ended by a part, gets 8,000.
 */
const WORTH_OF_NAME = { same: 10_000, beginsByParts: 2_000, begins: 6_000, endsBegin: 1_500 };
const PLACES = Object.entries(WORTH_OF_PLACE) as [keyof SearchedTokens, number][];

export function searchQuery(typed: string): SearchQuery {
  return { words: queryWords(typed), whole: wholeOf(typed).whole };
}

/**
 * The Lucene query: every word must be found, whole or by its parts, each as a beginning. Tokens hold only letters, digits and
 * pictures, so nothing of Lucene's syntax can come in with them; and they are compared as they are, for the index leaves its words alone.
 *
 * Lucene's own score of a word counts in how many documents the word stands, hidden ones too, and so would tell a viewer
 * which words they hold. Beginnings and ranges score as their weight and nothing else, so the sum depends on the found
 * asset alone, and `scoreOf` says the same. The sums are whole numbers far below 2^24, which Lucene's floats add exactly.
 */
export function luceneOf({ words, whole }: SearchQuery): string {
  return [...words.map((word) => `+(${luceneOfWord(word)})`), ...luceneOfName(whole)].join(' ');
}

/** The same query, and of its hits those alone of which something stands elsewhere than in the description. The scores are the same. */
export function luceneOfNamed(query: SearchQuery): string {
  const named = PLACES.filter(([place]) => place !== 'descriptionTokens');
  const places = tokensIn(query).flatMap((token) => named.map(([place]) => `${place}:${token}*`));
  return `${luceneOf(query)} +(${[...places, ...luceneOfName(query.whole)].join(' ')})^0`;
}

/** The highest score of a hit of which nothing stands elsewhere than in the description. */
export const bestOfDescriptions = (query: SearchQuery): number =>
  3 * WORTH_OF_PLACE.descriptionTokens * tokensIn(query).length;

const tokensIn = ({ words }: SearchQuery): string[] =>
  words.flatMap(({ parts, whole }) => (whole === null ? parts : [...parts, whole]));

function luceneOfWord({ parts, whole }: QueryWord): string {
  const byParts = parts.map((part) => `+(${placesOf(part)})`).join(' ');
  return whole === null ? byParts : `(${byParts}) (${placesOf(whole)})`;
}

function placesOf(token: string): string {
  return PLACES.map(([place, worth]) => `${begins(place, token, worth)} ${is(place, token, 2 * worth)}`).join(' ');
}

function luceneOfName(whole: string): string[] {
  return [
    is('nameTokens', `${MARKS.whole}${whole}`, WORTH_OF_NAME.same),
    is('nameTokens', `${MARKS.beginning}${whole}`, WORTH_OF_NAME.beginsByParts),
    begins('nameTokens', `${MARKS.whole}${whole}`, WORTH_OF_NAME.begins),
    begins('nameTokens', `${MARKS.ending}${whole}`, WORTH_OF_NAME.endsBegin),
  ];
}

const begins = (place: string, token: string, worth: number): string => `${place}:${token}*^${worth}`;
const is = (place: string, token: string, worth: number): string => `${place}:[${token} TO ${token}]^${worth}`;

/** How well what an asset holds answers the query, as Lucene scores it; null: it does not. */
export function scoreOf(held: SearchedTokens, { words, whole }: SearchQuery): number | null {
  const places = PLACES.map(([place, worth]): [readonly string[], number] => [held[place].split(' '), worth]);
  const sums = words.map((word) => scoreOfWord(places, word));
  if (sums.includes(0)) return null;
  return sums.reduce((sum, each) => sum + each, scoreOfName(held.nameTokens.split(' '), whole));
}

function scoreOfWord(places: readonly [readonly string[], number][], { parts, whole }: QueryWord): number {
  const worthOf = (token: string): number =>
    places.reduce((sum, [tokens, worth]) => sum + worth * hit(tokens, token), 0);
  const byParts = parts.map(worthOf);
  const sum = byParts.includes(0) ? 0 : byParts.reduce((total, each) => total + each, 0);
  return sum + (whole === null ? 0 : worthOf(whole));
}

/** 3 for a whole word, 1 for the beginning of one, 0 for none. */
function hit(tokens: readonly string[], token: string): number {
  if (tokens.includes(token)) return 3;
  return tokens.some((each) => each.startsWith(token)) ? 1 : 0;
}

function scoreOfName(tokens: readonly string[], whole: string): number {
  const begins = (mark: string): boolean => tokens.some((each) => each.startsWith(mark + whole));
  return (
    (tokens.includes(MARKS.whole + whole) ? WORTH_OF_NAME.same : 0) +
    (tokens.includes(MARKS.beginning + whole) ? WORTH_OF_NAME.beginsByParts : 0) +
    (begins(MARKS.whole) ? WORTH_OF_NAME.begins : 0) +
    (begins(MARKS.ending) ? WORTH_OF_NAME.endsBegin : 0)
  );
}
