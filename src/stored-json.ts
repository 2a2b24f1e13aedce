/**
 * JSON that was stored before there were limits, or was changed by hand: one value that cannot be read must not spoil the
 * page it is on. It is told in its place, as `{ "$unreadable": why }`, and can be replaced like any other.
 */
import { isDeeper } from './json-limits.js';

/** More than any input was ever large; functions that call themselves for each level are safe with it. */
const DEEPEST = 200;
const LARGEST = 1_048_576;

/** The value of a stored text, or what stands for one that cannot be read. */
export function readStored(text: string): unknown {
  if (text.length > LARGEST) return unreadable(`is larger than ${LARGEST} characters`);
  try {
    return toShow(JSON.parse(text));
  } catch {
    return unreadable('is not JSON');
  }
}

/** The same where an object is expected. */
export function readStoredObject(text: string): Record<string, unknown> {
  const value = readStored(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return unreadable('is not an object');
}

/** The value itself, or what stands for one that is too deep to be written out. */
export function toShow(value: unknown): unknown {
  return isDeeper(value, DEEPEST) ? unreadable(`nests deeper than ${DEEPEST} levels`) : value;
}

const unreadable = (why: string): Record<string, unknown> => ({ $unreadable: `What is stored here ${why}.` });
