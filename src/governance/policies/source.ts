/** Where what stands in the text of policies. */

/** One policy as it stands in its file. */
export interface Statement {
  text: string;
  /** Of its first character, in UTF-16 units of the file. */
  start: number;
}

export interface Place {
  line: number;
  column: number;
}

/** The place of a character, from 1. */
export function placeAt(text: string, index: number): Place {
  const before = text.slice(0, index);
  return { line: before.split('\n').length, column: index - (before.lastIndexOf('\n') + 1) + 1 };
}

/** The place of a byte of the text as UTF-8, which is how the engine counts. */
export function placeOfByte(text: string, byte: number): Place {
  return placeAt(text, Buffer.from(text).subarray(0, byte).toString().length);
}

/**
 * The policies of a file, each up to its semicolon, with its annotations and without the comments before it. What is left
 * over at the end is a statement as well, for the engine to say what is wrong with it.
 */
export function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let start: number | null = null;
  for (const { at, end, kind } of piecesOf(text)) {
    if (kind === 'comment' || kind === 'space') continue;
    start ??= at;
    if (kind !== 'end') continue;
    statements.push({ text: text.slice(start, end), start });
    start = null;
  }
  return start === null ? statements : [...statements, { text: text.slice(start).trimEnd(), start }];
}

/**
 * The places at which a file falls into parts of about so many characters, each of whole statements and one at least. Together they
 * are the file: nothing of it is left out.
 */
export function partsOf(
  statements: readonly Statement[],
  length: number,
  most: number,
): { from: number; to: number }[] {
  const starts = [0];
  for (const { start, text } of statements.slice(1))
    if (start + text.length - (starts.at(-1) ?? 0) > most) starts.push(start);
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? length }));
}

/** How deep the brackets of a file are, and where they are deepest. */
export function deepest(text: string): { depth: number; at: number } {
  let [depth, most, where] = [0, 0, 0];
  for (const { at, kind } of piecesOf(text)) {
    if (kind === 'open') depth += 1;
    if (kind === 'close') depth -= 1;
    if (depth > most) [most, where] = [depth, at];
  }
  return { depth: most, at: where };
}

interface Piece {
  kind: 'comment' | 'space' | 'text' | 'open' | 'close' | 'end' | 'other';
  at: number;
  end: number;
}

const KINDS: Readonly<Record<string, Piece['kind']>> = {
  ...{ '(': 'open', '[': 'open', '{': 'open', ')': 'close', ']': 'close', '}': 'close', ';': 'end' },
  ...{ ' ': 'space', '\t': 'space', '\r': 'space', '\n': 'space' },
};

/** Comments and texts in quotes whole, everything else character by character. */
function* piecesOf(text: string): Generator<Piece> {
  for (let at = 0; at < text.length;) {
    const [kind, end] = pieceAt(text, at);
    yield { kind, at, end };
    at = end;
  }
}

function pieceAt(text: string, at: number): [Piece['kind'], number] {
  const character = text.charAt(at);
  if (text.startsWith('//', at)) {
    const end = text.indexOf('\n', at);
    return ['comment', end < 0 ? text.length : end];
  }
  if (character === '"') return ['text', endOfText(text, at + 1)];
  return [KINDS[character] ?? 'other', at + 1];
}

/** Past the closing quote of a text in quotes, or the end of the file. */
function endOfText(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}
