/**
 * How large an answer may be, in bytes as they are sent. A result holds texts many times over by reference, so it is small
 * until it is written: it is written in pieces, counted on the way, given up when it is too large, and gives way to other
 * requests in between.
 */
import type { FormattedExecutionResult } from 'graphql';
import { ErrorCode } from '../../errors.js';
import { Turn } from '../../turn.js';

/** The answer as JSON; one of more than `most` bytes is an error instead, LIMIT_EXCEEDED with the limit in its extensions. */
export async function writeAnswer(answer: FormattedExecutionResult, most: number): Promise<string> {
  const written = await writeWithin(answer, most);
  return written ?? JSON.stringify(tooLarge(answer, most));
}

/** The answer itself when it is within `most` bytes, and otherwise the error to send instead. For who writes it themselves. */
export async function answerWithin(answer: FormattedExecutionResult, most: number): Promise<FormattedExecutionResult> {
  return (await writeWithin(answer, most)) === null ? tooLarge(answer, most) : answer;
}

/** What a write is told besides its answer, such as its consistency token, holds although the answer is not sent. */
function tooLarge({ extensions }: FormattedExecutionResult, maximum: number): FormattedExecutionResult {
  const message =
    `The answer is larger than ${maximum} bytes. What the operation did is done; its answer is not sent. ` +
    'Ask for smaller pages with "first", for fewer texts, or in several operations.';
  const error = { message, extensions: { code: ErrorCode.LIMIT_EXCEEDED, limit: 'responseBytes', maximum } };
  return { errors: [error], data: null, ...(extensions ? { extensions } : {}) };
}

/** What comes next: a piece of JSON as it is, or a value still to be written. */
type Next = { piece: string } | { value: unknown };

/** The JSON of a value, as JSON.stringify writes it; null when it has more than `most` bytes. */
export async function writeWithin(value: unknown, most: number): Promise<string | null> {
  const turn = new Turn();
  const pieces: string[] = [];
  const pending: Next[] = [{ value }];
  let bytes = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const pause = turn.give();
    if (pause) await pause;
    const parts = 'value' in next ? partsOf(next.value) : null;
    if (parts) {
      for (const part of parts.reverse()) pending.push(part);
      continue;
    }
    const piece = 'piece' in next ? next.piece : next.value === undefined ? 'null' : JSON.stringify(next.value);
    bytes += Buffer.byteLength(piece);
    if (bytes > most) return null;
    pieces.push(piece);
  }
  return pieces.join('');
}

/** Lists and objects that hold others are written part by part; null for what is written whole. */
function partsOf(value: unknown): Next[] | null {
  if (Array.isArray(value)) {
    return value.some(isContainer)
      ? wrapped(
          '[',
          value.map((item): Next[] => [{ value: item }]),
          ']',
        )
      : null;
  }
  if (!isContainer(value)) return null;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  if (!entries.some(([, member]) => isContainer(member))) return null;
  const members = entries.map(([key, member]): Next[] => [{ piece: `${JSON.stringify(key)}:` }, { value: member }]);
  return wrapped('{', members, '}');
}

function wrapped(open: string, items: readonly Next[][], close: string): Next[] {
  const inner = items.flatMap((item, index) => (index === 0 ? item : [{ piece: ',' }, ...item]));
  return [{ piece: open }, ...inner, { piece: close }];
}

/** Lists, and objects without a way of their own to be written, as a Date has. */
function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !('toJSON' in value);
}
