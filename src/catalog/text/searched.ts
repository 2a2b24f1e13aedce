import { mapInTurns } from '../../turn.js';
import { tokensOf, wholeOf } from './tokens.js';

/** The texts of an asset that a search looks at. */
export interface SearchedTexts {
  name: string;
  namespace: string;
  description: string | null;
  tags: readonly string[];
  fieldNames: readonly string[];
}

/** The words of each place, apart by blanks, as the index and the node hold them. */
export interface SearchedTokens {
  nameTokens: string;
  tagTokens: string;
  fieldTokens: string;
  namespaceTokens: string;
  descriptionTokens: string;
}

/** What a hit in each place is worth: once for the beginning of a word, twice more for the whole of it. */
export const WORTH_OF_PLACE: Readonly<Record<keyof SearchedTokens, number>> = {
  nameTokens: 11,
  tagTokens: 5,
  fieldTokens: 4,
  namespaceTokens: 2,
  descriptionTokens: 1,
};

/** In front of what the name is as a whole: no word begins so, so no word finds it. */
export const MARKS = { whole: '_w', beginning: '_b', ending: '_e' } as const;

export const nameTokens = (name: string): string => {
  const { whole, beginnings, endings } = wholeOf(name);
  return [
    ...tokensOf(name),
    `${MARKS.whole}${whole}`,
    ...beginnings.map((each) => `${MARKS.beginning}${each}`),
    ...endings.map((each) => `${MARKS.ending}${each}`),
  ].join(' ');
};
export const namespaceTokens = (namespace: string): string => tokensOf(namespace).join(' ');
/** The words by which an asset is found that has all these names. */
export const wordsOfNames = (
  names: readonly { name: string; namespace: string }[],
): Pick<SearchedTokens, 'nameTokens' | 'namespaceTokens'> => ({
  nameTokens: names.map(({ name }) => nameTokens(name)).join(' '),
  namespaceTokens: names.map(({ namespace }) => namespaceTokens(namespace)).join(' '),
});
export const descriptionTokens = (description: string | null): string => tokensOf(description ?? '').join(' ');
export const tagTokens = (tags: readonly string[]): string => joined(tags.flatMap((tag) => tokensOf(tag)));
/** Characters of what is run together, and of all, that the names of the fields of one data set bring into the index at most. */
const MOST_RUNS = 1_000_000;
const MOST_FIELD_TOKENS = 4_000_000;

/**
 * In turns: a data set may have ten thousand fields. Where their names are very long, those behind are found by each of their parts, and
 * no longer by what is run together; what is run together grows by the square of the parts.
 */
export async function fieldTokens(fieldNames: readonly string[]): Promise<string> {
  const tokens = new Set<string>();
  let characters = 0;
  await mapInTurns(fieldNames, (name) => {
    if (characters >= MOST_FIELD_TOKENS) return;
    for (const token of tokensOf(name, characters < MOST_RUNS)) {
      if (!tokens.has(token)) characters += token.length;
      tokens.add(token);
    }
  });
  return joined([...tokens]);
}

export async function searchedTokens(texts: SearchedTexts): Promise<SearchedTokens> {
  return {
    nameTokens: nameTokens(texts.name),
    tagTokens: tagTokens(texts.tags),
    fieldTokens: await fieldTokens(texts.fieldNames),
    namespaceTokens: namespaceTokens(texts.namespace),
    descriptionTokens: descriptionTokens(texts.description),
  };
}

const joined = (tokens: readonly string[]): string => [...new Set(tokens)].join(' ');
