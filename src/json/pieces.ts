/**
 * Reads JSON texts of megabytes without keeping everybody waiting. `JSON.parse` reads all of a text at once, and ten megabytes of
 * empty objects or of different keys take it most of a second; parsers of streams make `__proto__` a prototype and round whole
 * numbers. So `JSON.parse` reads here too, but piece by piece: this file only looks where lists and objects can be cut.
 */

/** In characters. */
const PIECE = 65_536;
/** Looked through before others have their turn. */
const STEP = 65_536;

/** Lists and objects lie deeper within each other than `levels`. */
export class JsonTooDeep extends SyntaxError {
  override readonly name = 'JsonTooDeep';

  constructor(readonly levels: number) {
    super(`It nests deeper than ${levels.toLocaleString('en-US')} levels`);
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = /^[ \t\n\r]*$/;

/** A list or an object that is not at its end. */
interface Opened {
  isList: boolean;
  start: number;
  /** Where begins what is not read yet. */
  from: number;
  /** Its last comma, or its beginning. */
  cut: number;
  /** What was read of it, null: nothing; a small one is read as a part of what it lies in. */
  read: unknown[] | Record<string, unknown> | null;
  /** What stands before `from` was read by itself: a comma has to follow, or the end. */
  awaitsComma: boolean;
}

interface Reading {
  /** Reads a piece; JSON.parse when not given. */
  parse?: (piece: string) => unknown;
  /** In characters: what is shorter is read at once, however deep. */
  piece?: number;
  /** Of lists and objects within each other: more are refused before they are read. */
  levels?: number;
}

/** What `JSON.parse` makes of the text, in steps. Throws SyntaxError where `JSON.parse` does, and JsonTooDeep. */
export function* jsonInPieces(
  text: string,
  { parse = JSON.parse, piece = PIECE, levels = 1_000 }: Reading = {},
): Generator<undefined, unknown, undefined> {
  if (text.length <= piece) return parse(text);
  const cutter = new Cutter(text, { parse, piece, levels });
  let pause = STEP;
  let isText = false;
  for (let at = 0; at < text.length; at += 1) {
    if (at >= pause) {
      pause = at + STEP;
      yield;
    }
    const char = text.charCodeAt(at);
    if (isText) {
      if (char === BACKSLASH) at += 1;
      else if (char === QUOTE) isText = false;
    } else if (char === QUOTE) isText = true;
    else if (char === COMMA) cutter.comma(at);
    else if (char === LIST || char === OBJECT) cutter.open(at, char === LIST);
    else if (char === LIST_END || char === OBJECT_END) cutter.close(at, char === LIST_END);
  }
  return cutter.whole();
}

class Cutter {
  private readonly opened: Opened[] = [];
  private root: { value: unknown; end: number } | null = null;

  constructor(
    private readonly text: string,
    private readonly reading: Required<Reading>,
  ) {}

  open(at: number, isList: boolean): void {
    if (this.opened.length >= this.reading.levels) throw new JsonTooDeep(this.reading.levels);
    this.opened.push({ isList, start: at, from: at + 1, cut: at, read: null, awaitsComma: false });
  }

  comma(at: number): void {
    const within = this.opened.at(-1);
    if (within === undefined) throw this.unexpected(at);
    if (within.awaitsComma) this.goOn(within, at);
    else if (at - within.from > this.reading.piece) this.readMembers(within, at);
    within.cut = at;
  }

  close(at: number, isList: boolean): void {
    const ended = this.opened.pop();
    if (ended?.isList !== isList) throw this.unexpected(at);
    const within = this.opened.at(-1);
    if (ended.read === null && at - ended.start < this.reading.piece && within !== undefined) return;
    const value = this.finished(ended, at);
    if (within !== undefined) this.take(within, ended.start, value, at + 1);
    else {
      if (this.root !== null) throw this.unexpected(ended.start);
      this.headOf(0, ended.start, true);
      this.root = { value, end: at + 1 };
    }
  }

  /** A text without a list or an object that was read is read as it is: a number, a string, or no JSON. */
  whole(): unknown {
    if (this.opened.length > 0) throw this.unexpected(this.text.length);
    if (this.root === null) return this.reading.parse(this.text);
    if (!BLANK.test(this.text.slice(this.root.end))) throw this.unexpected(this.root.end);
    return this.root.value;
  }

  private finished(ended: Opened, at: number): unknown {
    if (ended.read === null) return this.reading.parse(this.text.slice(ended.start, at + 1));
    if (ended.awaitsComma) this.goOn(ended, at);
    else this.readMembers(ended, at);
    return ended.read;
  }

  /** Reads the members from `from` to a comma or the end. There is one at least: before a comma, and after one. */
  private readMembers(within: Opened, end: number): void {
    const text = this.text.slice(within.from, end);
    const members = Object.entries(this.reading.parse(within.isList ? `[${text}]` : `{${text}}`) as object);
    if (members.length === 0) throw this.unexpected(end);
    for (const [key, value] of members) put(within, key, value);
    within.from = end + 1;
  }

  /** What was read by itself becomes a member: all before it is read, then its key. */
  private take(within: Opened, start: number, value: unknown, end: number): void {
    if (within.awaitsComma) throw this.unexpected(start);
    if (within.cut >= within.from) this.readMembers(within, within.cut);
    put(within, this.headOf(within.cut + 1, start, within.isList), value);
    within.from = end;
    within.awaitsComma = true;
  }

  /** What stands before a value: its key in an object, nothing elsewhere. */
  private headOf(from: number, to: number, isList: boolean): string {
    const head = this.text.slice(from, to);
    const keys = Object.keys(this.reading.parse(isList ? `[${head}null]` : `{${head}null}`) as object);
    return keys[0] ?? '';
  }

  private goOn(within: Opened, at: number): void {
    if (!BLANK.test(this.text.slice(within.from, at))) throw this.unexpected(within.from);
    within.awaitsComma = false;
    within.from = at + 1;
  }

  private unexpected(at: number): SyntaxError {
    const said = JSON.stringify(this.text.slice(at, at + 1));
    return new SyntaxError(`Unexpected ${at < this.text.length ? said : 'end'} at character ${at}`);
  }
}

/** As JSON.parse puts it: `__proto__` is a key as any other. */
function put(within: Opened, key: string, value: unknown): void {
  within.read ??= within.isList ? [] : {};
  if (Array.isArray(within.read)) within.read.push(value);
  else if (key !== '__proto__') within.read[key] = value;
  else Object.defineProperty(within.read, key, { value, writable: true, enumerable: true, configurable: true });
}
