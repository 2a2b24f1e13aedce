import { folded, type QueryWord, wordStarts } from './tokens.js';

export interface TextMatch {
  /** Position of the first character in `text`, counted in UTF-16 units as JavaScript does. */
  start: number;
  end: number;
}

/** Of a text that is longer, only the beginning is looked at: what is shown of it is its beginning as well. */
const LOOKED_AT = 10_000;
/** A letter with its marks, or a mark that stands alone. */
const LETTERS = /\P{M}\p{M}*|\p{M}+/gu;
/** What hangs the parts of a name together. */
const JOINT = /^[_.\-/]$/;

/** A letter of a text, and what it is compared as. */
interface Letter {
  end: number;
  folded: string;
}

/** Where in the text the words begin parts of it, in order, without overlaps, in its first 10,000 characters. */
export function highlightsIn(text: string, words: readonly QueryWord[]): TextMatch[] {
  const looked = text.slice(0, LOOKED_AT);
  const wanted = [...new Set(words.flatMap(({ parts, whole }) => (whole === null ? parts : [...parts, whole])))];
  wanted.sort((one, other) => other.length - one.length);
  const letters = lettersOf(looked);
  const matches: TextMatch[] = [];
  for (const start of wordStarts(looked)) {
    const end = longestEnd(letters, start, wanted);
    if (end === null) continue;
    const last = matches.at(-1);
    // Pairs of letters overlap, and so does a word with its parts: to who reads they are one stretch.
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else matches.push({ start, end });
  }
  return matches;
}

/** The letters of a text by where each begins. */
function lettersOf(text: string): Map<number, Letter> {
  const known = new Map<string, string>();
  const foldedOnce = (letter: string): string => {
    const found = known.get(letter) ?? (JOINT.test(letter) ? '' : folded(letter));
    known.set(letter, found);
    return found;
  };
  return new Map(
    [...text.matchAll(LETTERS)].map(({ 0: letter, index }) => [
      index,
      { end: index + letter.length, folded: foldedOnce(letter) },
    ]),
  );
}

function longestEnd(letters: ReadonlyMap<number, Letter>, start: number, wanted: readonly string[]): number | null {
  for (const token of wanted) {
    const end = endOf(letters, start, token);
    if (end !== null) return end;
  }
  return null;
}

/** Where the text from there on has said the token; null when it says something else. */
function endOf(letters: ReadonlyMap<number, Letter>, start: number, token: string): number | null {
  let said = 0;
  let at = start;
  while (said < token.length) {
    const letter = letters.get(at);
    if (letter === undefined) return null;
    const rest = token.slice(said, said + letter.folded.length);
    // Of a letter that is typed as two, the first alone is a beginning too.
    if (!letter.folded.startsWith(rest)) return null;
    said += letter.folded.length;
    at = letter.end;
  }
  return at;
}
