import { badInput, limitExceeded } from '../../errors.js';

/** Deepest nesting of lists and objects in a variable or in a document. What reads them by recursion stays far from the end of its stack. */
export const MAX_NESTING = 100;
/** Most keys and items in the variables or the extensions of a request, all levels together. */
const MAX_VALUES = 50_000;

/**
 * Refuses what is nested too deep or has too many parts, before anything reads it. Throws BAD_USER_INPUT for the one and
 * LIMIT_EXCEEDED for the other, naming the entry of `given` that goes beyond.
 *
 * @param part how messages call `given`: "variables" or "extensions".
 */
export function boundInput(part: string, given: Readonly<Record<string, unknown>>): void {
  let left = MAX_VALUES;
  for (const [name, value] of Object.entries(given)) {
    left = partsLeft(value, left - 1, `\`${shorten(name, 60)}\` in the ${part}`);
  }
}

/** A list of what is still to be read instead of recursion: no nesting can overflow the call stack. */
function partsLeft(value: unknown, allowed: number, called: string): number {
  let left = allowed;
  const open: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > MAX_NESTING) {
      throw badInput(`${called} nests lists and objects deeper than ${MAX_NESTING}. Send a flatter value.`);
    }
    const parts: unknown[] = Array.isArray(next.value) ? next.value : Object.values(next.value);
    left -= parts.length;
    if (left < 0) {
      throw limitExceeded(
        `With ${called} the request brings more than ${MAX_VALUES} keys and items. Send less at once, in several requests.`,
      );
    }
    for (const part of parts) open.push({ value: part, depth: next.depth + 1 });
  }
  return left;
}

/** The beginning of a text for a message, never all of a long one. */
export const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text;
