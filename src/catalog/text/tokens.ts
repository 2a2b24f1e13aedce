/**
 * Words as the index of a search holds them, and as they are asked for: our own, so that what is written and what is asked go through
 * the very same rules, and the index leaves them alone (a whitespace analyser: no stop words, no stems, no language).
 *
 * - Written alike is alike: NFKC but for Hangul letters that were written one by one, which it would make one; then Unicode's full case folding, then no accents on Latin, Greek and Cyrillic letters.
 * - A word is split where a person sees parts: at everything that is neither letter, mark, digit nor emoji, between lower and upper case
 *   (`ordersDaily`), before the last capital of an acronym (`HTTPServer`), between letters and digits. From each
 *   part on it is kept whole beside.
 * - Scripts that write no spaces are held by pairs of letters, and each letter at the end of a run by itself.
 *
 * A query matches where each of its words does, by a beginning: so the hits of a word that is being typed never vanish between letters.
 */

/** Letters of a token, at most, for a whitespace tokenizer of Lucene takes up to 255 UTF-16 units as one: of what is longer, the beginning counts. */
const LONGEST = 100;
/** Han, kana, Hangul, and the scripts of South East Asia that put no space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const MOST_WORDS = 20;
/** Each is a dozen clauses of a query of Lucene, which has 1,024 at most. */
const MOST_PARTS = 40;
/** A letter with its marks, or marks that stand alone. */
const LETTERS = /\P{M}\p{M}*|\p{M}+/gu;
const WORDS = /[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu;
const PICTURE = /\p{Extended_Pictographic}/u;
/** Hangul letters of their own width: seen one by one, and put together to syllables by NFKC. */
const LONE_JAMO = /([\u3131-\u318e\uffa1-\uffdc])/;
/** By its NFKC, each such letter as it is mostly written: ᄀ is ㄱ. */
const FULL_WIDTH = new Map(
  Array.from({ length: 0x318e - 0x3131 + 1 }, (_, index) => String.fromCodePoint(0x3131 + index)).map((letter) => [
    letter.normalize('NFKC'),
    letter,
  ]),
);
/** Letters that are no accented form of another and are still typed as one. */
const TYPED_AS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ħ: 'h',
  ı: 'i',
  ĸ: 'k',
  ŋ: 'n',
  ŧ: 't',
  ς: 'σ',
};

/** A word of a query: it is found where all its parts are, or itself whole. Only in scripts that write no spaces has it several parts. */
export interface QueryWord {
  parts: readonly string[];
  /** The parts run together; null where that is the only part. */
  whole: string | null;
}

/**
 * The tokens of a text, each once: each part, and each run together with those behind it, so that `serverLog` finds `http_server_log`;
 * without `runs`, of a text among very many, each part alone.
 */
export function tokensOf(text: string, runs = true): string[] {
  const tokens = new Set<string>();
  for (const compound of compoundsOf(text)) {
    const parts = compound.flatMap(partsOf);
    for (const part of parts) for (const token of heldAs(part)) tokens.add(cut(token));
    for (const at of runs ? parts.keys() : []) tokens.add(cut(joined(parts.slice(at, at + LONGEST))));
  }
  tokens.delete('');
  return [...tokens];
}

/** The words of a query: of what is longer, the first twenty, and of those the first forty parts. */
export function queryWords(query: string): QueryWord[] {
  const words: QueryWord[] = [];
  let left = MOST_PARTS;
  for (const parts of compoundsOf(query).flat().map(partsOf)) {
    const whole = cut(joined(parts));
    const pairs = [...new Set(parts.flatMap(askedAs).map(cut))].slice(0, left);
    const asked = parts.some(isUnspaced) ? pairs : [whole].slice(0, left);
    if (asked.length === 0 || words.length === MOST_WORDS) break;
    left -= asked.length;
    words.push({ parts: asked, whole: asked[0] === whole ? null : whole });
  }
  return words;
}

/** A whole text as one token, and what it begins and ends with where a part does: by these the name that is typed comes first. */
export interface WholeText {
  whole: string;
  beginnings: string[];
  endings: string[];
}

/** At most twenty beginnings and twenty endings, the longest of a name of many parts left out. */
export function wholeOf(text: string): WholeText {
  const parts = compoundsOf(text).flat().flatMap(partsOf);
  const inner = parts.slice(1, MOST_WORDS + 1).map((_, index) => index + 1);
  return {
    whole: cut(joined(parts)),
    beginnings: inner.map((at) => cut(joined(parts.slice(0, at)))),
    endings: inner.map((at) => cut(joined(parts.slice(at)))),
  };
}

/** As letters are compared: two spellings of the same are the same. */
export function folded(text: string): string {
  if (isPlain(text)) return text.toLowerCase();
  // To upper case first: full case folding, by which ß is ss and a final sigma a sigma.
  const alike = compatible(compatible(text).toUpperCase().toLowerCase());
  const plain = alike
    .normalize('NFD')
    .replaceAll(/(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu, '')
    .normalize('NFC');
  return [...plain].map((letter) => TYPED_AS[letter] ?? letter).join('');
}

/** NFKC, in which letters that a person sees as several stay several: so each beginning of a name is one in the index, too. */
const compatible = (text: string): string =>
  LONE_JAMO.test(text)
    ? text
        .split(LONE_JAMO)
        .map((part, index) =>
          index % 2 === 1 ? (FULL_WIDTH.get(part.normalize('NFKC')) ?? part) : part.normalize('NFKC'),
        )
        .join('')
    : text.normalize('NFKC');

/** Words that hang together by `_`, `.`, `-` or `/`, one list each. */
function compoundsOf(text: string): string[][] {
  return compatible(text)
    .split(/[^\p{L}\p{N}\p{M}\p{Extended_Pictographic}_.\-/]+/u)
    .map((compound) => compound.match(WORDS) ?? [])
    .filter((words) => words.length > 0);
}

/** The parts of a word, folded. */
function partsOf(word: string): string[] {
  return cutIntoParts(word)
    .flatMap(runsOf)
    .map(folded)
    .filter((part) => part !== '');
}

/** A word in the parts that a person sees in it. */
function cutIntoParts(word: string): string[] {
  if (/^(?:[a-z]+|[A-Z]+|\d+)$/.test(word)) return [word];
  const letters = word.match(LETTERS) ?? [];
  const kinds = letters.map(kindOf);
  const parts: string[] = [];
  for (const [at, letter] of letters.entries()) {
    const [before, kind, after] = [kinds[at - 1], kinds[at], kinds[at + 1]];
    const isHump = kind === 'upper' && (before === 'lower' || (before === 'upper' && after === 'lower'));
    const isOther = (before === 'digit') !== (kind === 'digit');
    if (before === undefined || isHump || isOther) parts.push(letter);
    else parts.push((parts.pop() ?? '') + letter);
  }
  return parts;
}

function kindOf(letter: string): 'upper' | 'lower' | 'digit' | 'other' {
  if (/^\p{Lu}/u.test(letter)) return 'upper';
  if (/^\p{Ll}/u.test(letter)) return 'lower';
  return /^\p{N}/u.test(letter) ? 'digit' : 'other';
}

/** Where in a text a word begins that a query may ask for, in UTF-16 units: each part, and each letter of a script without spaces. */
export function wordStarts(text: string): number[] {
  const starts: number[] = [];
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    let at = index;
    for (const part of cutIntoParts(word).flatMap(runsOf)) {
      if (isUnspaced(part)) for (const { index: letter } of part.matchAll(/\P{M}/gu)) starts.push(at + letter);
      else starts.push(at);
      at += part.length;
    }
  }
  return starts;
}

/** A change between a script with spaces and one without ends a part. */
function runsOf(part: string): string[] {
  if (isPlain(part)) return [part];
  const runs: string[] = [];
  let last: boolean | null = null;
  for (const letter of part) {
    const unspaced: boolean = last !== null && /\p{M}/u.test(letter) ? last : UNSPACED.test(letter);
    if (unspaced === last) runs.push((runs.pop() ?? '') + letter);
    else runs.push(letter);
    last = unspaced;
  }
  return runs;
}

/** ASCII, as most texts are: all the rules say the same of it, and take long. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
const joined = (parts: readonly string[]): string => parts.join('');
const cut = (token: string): string => (token.length > LONGEST ? [...token].slice(0, LONGEST).join('') : token);

const isUnspaced = (part: string): boolean => UNSPACED.test(part) && !PICTURE.test(part);

function pairsOf(part: string): string[] {
  const letters = [...part];
  return letters.slice(1).map((letter, index) => `${letters[index] ?? ''}${letter}`);
}

/** A part as the index holds it. */
function heldAs(part: string): string[] {
  if (!isUnspaced(part)) return [part];
  return [...pairsOf(part), [...part].at(-1) ?? ''];
}

/** A part as it is asked for, by beginnings. */
function askedAs(part: string): string[] {
  const pairs = UNSPACED.test(part) ? pairsOf(part) : [];
  return pairs.length > 0 ? pairs : [part];
}
