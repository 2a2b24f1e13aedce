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
export const descriptionTokens = (description: string | null): string => tokensOf(description ?? '').join(' ');
export const tagTokens = (tags: readonly string[]): string => joined(tags.flatMap(tokensOf));
/** In turns: a data set may have ten thousand fields. */
export const fieldTokens = async (fieldNames: readonly string[]): Promise<string> =>
  joined((await mapInTurns(fieldNames, tokensOf)).flat());

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
