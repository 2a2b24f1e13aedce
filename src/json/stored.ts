/**
 * JSON that was stored before there were limits, or was changed by hand: one value that cannot be read must not spoil the
 * page it is on. It is told in its place, as `{ "$unreadable": why }`, and can be replaced like any other.
 */
import type { z } from 'zod';
import { isDeeper } from './limits.js';

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

/**
 * A stored text as the type it is written with, each level checked; what is not of it is told to `standIn`, which makes
 * the value that is shown instead and says why.
 */
export function readStoredAs<T>(text: string, type: z.ZodType<T>, standIn: (why: string) => T): T {
  const value = readStored(text);
  const why = whyUnreadable(value);
  if (why !== null) return standIn(why);
  const parsed = type.safeParse(value);
  return parsed.success ? parsed.data : standIn(whyOf('is not what belongs here'));
}

/** The value itself, or what stands for one that is too deep to be written out. */
export function toShow(value: unknown): unknown {
  return isDeeper(value, DEEPEST) ? unreadable(`nests deeper than ${DEEPEST} levels`) : value;
}

const whyOf = (why: string): string => `What is stored here ${why}.`;
const unreadable = (why: string): Record<string, unknown> => ({ $unreadable: whyOf(why) });

function whyUnreadable(value: unknown): string | null {
  const why: unknown = typeof value === 'object' && value !== null && '$unreadable' in value ? value.$unreadable : null;
  return typeof why === 'string' ? why : null;
}
