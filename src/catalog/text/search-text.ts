/**
 * The words inside a name, so that "orders" finds fct_orders, OrdersDaily and warehouse/orders.csv: split at everything
 * that is neither letter nor digit (nor emoji), and where lower case turns to upper.
 */
export function wordsOf(name: string): string {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/u)
    .filter((word) => word !== '')
    .join(' ');
}

/** What a person typed, as the words of a name stand in the index: `fct_Orders` and "Fct orders" are the same. */
export function phraseOf(query: string): string {
  return wordsOf(query).toLowerCase();
}

/** The search words a person typed, lower case, at most twenty. */
export function tokenize(query: string): string[] {
  return [...new Set(phraseOf(query).split(' '))].filter((term) => term !== '').slice(0, 20);
}

/** What a hit in each place of an asset is worth: its beginning counts once, the whole word twice more. */
const WEIGHTS = { name: 6, nameWords: 5, tags: 5, fieldNames: 2, fieldWords: 2, namespace: 2, description: 1 };

/**
 * The Lucene query for the terms: every term must occur somewhere, whole or as a beginning. Terms hold only letters and
 * digits (`tokenize`), so nothing of Lucene's syntax can come in with them.
 *
 * Lucene's own score of a word counts in how many documents the word stands, hidden ones too, and so would tell a viewer
 * which words they hold. Beginnings and ranges score as their weight and nothing else, so the sum depends on the found
 * asset alone. The word as the index takes it apart finds, and is worth nothing.
 */
export function toLuceneQuery(terms: readonly string[]): string {
  return terms.map((term) => `(${placesOf(term).join(' OR ')})`).join(' AND ');
}

function placesOf(term: string): string[] {
  return Object.entries(WEIGHTS).flatMap(([field, weight]) => [
    `${field}:(${term})^0`,
    // The index holds words without accents; neither beginnings nor ranges are taken apart before they are looked up.
    ...new Set(
      [term, withoutAccents(term)].flatMap((word) => [
        `${field}:${word}*^${weight}`,
        `${field}:[${word} TO ${word}]^${2 * weight}`,
      ]),
    ),
  ]);
}

function withoutAccents(term: string): string {
  return term
    .normalize('NFD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC');
}

export interface TextMatch {
  /** Position of the first character in `text`, counted in UTF-16 units as JavaScript does. */
  start: number;
  end: number;
}

/** Of a text that is longer, only the beginning is looked at: what is shown of it is its beginning as well. */
const LOOKED_AT = 10_000;

/** Where the terms begin words in the text, in order, without overlaps, in its first 10,000 characters. */
export function highlightsIn(text: string, terms: readonly string[]): TextMatch[] {
  const matches: TextMatch[] = [];
  const wanted = terms.map((term) => ({ term, folded: fold(term) })).sort((a, b) => b.term.length - a.term.length);
  // A letter of the text may have two units where that of the term has one.
  const longest = 2 * (wanted[0]?.term.length ?? 0);
  for (const word of text.slice(0, LOOKED_AT).matchAll(/[\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu)) {
    for (const part of partsOf(word[0])) {
      const folded = fold(part.text.slice(0, longest));
      const found = wanted.find((each) => folded.startsWith(each.folded));
      if (found) {
        const start = word.index + part.offset;
        matches.push({ start, end: start + found.term.length });
      }
    }
  }
  return matches;
}

function partsOf(word: string): { text: string; offset: number }[] {
  let offset = 0;
  return word.split(/(?<=\p{Ll}|\p{N})(?=\p{Lu})/u).map((text) => {
    const part = { text, offset };
    offset += text.length;
    return part;
  });
}

/** Lower case without accents, as the index compares words; a letter keeps its place, so positions stay those of the text. */
function fold(text: string): string {
  if (/^[a-z0-9]*$/i.test(text)) return text.toLowerCase();
  return [...text].map((char) => char.normalize('NFD').charAt(0).toLowerCase()).join('');
}
