import type { Asset } from '../model/asset.js';

import { phraseOf, wordsOf } from './search-text.js';

/** An asset that a search finds, and how well: the higher the score, the better. */
export interface FoundAsset {
  asset: Asset;
  fieldNames: string[];
  score: number;
}

/** What is looked for: the query in lower case, its words in their order, and each of them. */
export interface Wanted {
  typed: string;
  phrase: string;
  terms: readonly string[];
}

/**
 * Ranks assets as they were, for a session that is frozen at a time: the index holds only what they are. By the same rules
 * as `toLuceneQuery` and `NAME_WORTH` (asset.cypher.ts), except that accents count.
 */
export function rankAsOf(assets: readonly Asset[], wanted: Wanted): FoundAsset[] {
  return assets
    .flatMap((asset) => {
      const fieldNames = (asset.fieldsThen ?? []).map(({ name }) => name);
      const places = placesWorth(asset, fieldNames, wanted.terms);
      return places === null ? [] : [{ asset, fieldNames, score: nameWorth(asset.name, wanted) + places }];
    })
    .sort((one, other) => other.score - one.score || (one.asset.id < other.asset.id ? -1 : 1));
}

/** Whether it stands after a place of the ranking. */
export function isBehind({ asset, score }: FoundAsset, place: { score: number; id: string }): boolean {
  return score < place.score || (score === place.score && asset.id > place.id);
}

/** null: a word of the query is nowhere. */
function placesWorth(asset: Asset, fieldNames: readonly string[], terms: readonly string[]): number | null {
  const places: [number, Set<string>][] = [
    [11, wordsIn([asset.name])],
    [5, wordsIn(asset.tags)],
    [4, wordsIn(fieldNames)],
    [2, wordsIn([asset.namespace])],
    [1, wordsIn([asset.description ?? ''])],
  ];
  let worth = 0;
  for (const term of terms) {
    const found = places.map(([weight, words]) => weight * hit(words, term)).reduce((sum, each) => sum + each, 0);
    if (found === 0) return null;
    worth += found;
  }
  return worth;
}

/** 3 for a whole word, 1 for the beginning of one, 0 for none. */
function hit(words: ReadonlySet<string>, term: string): number {
  if (words.has(term)) return 3;
  for (const word of words) if (word.startsWith(term)) return 1;
  return 0;
}

const wordsIn = (texts: readonly string[]): Set<string> =>
  new Set(texts.flatMap((text) => wordsOf(text).toLowerCase().split(' ')));

function nameWorth(name: string, { typed, phrase }: Wanted): number {
  const [lower, words] = [name.toLowerCase(), phraseOf(name)];
  if (lower === typed || words === phrase) return 16_000;
  if (words.startsWith(`${phrase} `)) return 8_000;
  if (lower.startsWith(typed) || words.startsWith(phrase)) return 6_000;
  if (words.includes(` ${phrase}`)) return 4_000;
  return lower.includes(typed) || words.includes(phrase) ? 2_000 : 0;
}
