import { z } from 'zod';
import { badInput } from '../../errors.js';
import { readStoredAs } from '../../json/stored.js';

/** What the facets of a run have to say, so that a grant lowers there: all that is given has to hold. */
export interface Condition {
  /** JSON pointer into the facets. */
  facet: string;
  /** The text, number, true or false that stands there, as a text. */
  equals: string | null;
  atLeast: number | null;
  atMost: number | null;
}

const condition = z.object({
  facet: z.string(),
  ...{ equals: z.string().nullable(), atLeast: z.number().nullable(), atMost: z.number().nullable() },
});

/** The conditions of a grant as they were kept; null: they cannot be read, and hold of no run. */
export function storedConditions(text: string | null): readonly Condition[] | null {
  return text === null ? [] : readStoredAs<Condition[] | null>(text, z.array(condition), () => null);
}

/** Whether the facets say what is asked for. */
export function holdsOf(
  facets: Readonly<Record<string, unknown>>,
  { facet, equals, atLeast, atMost }: Condition,
): boolean {
  const value = valueAt(facets, facet);
  if (equals !== null && !(isPlain(value) && String(value) === equals)) return false;
  if (atLeast !== null && !(typeof value === 'number' && value >= atLeast)) return false;
  if (atMost !== null && !(typeof value === 'number' && value <= atMost)) return false;
  return equals !== null || atLeast !== null || atMost !== null;
}

/** Throws BAD_USER_INPUT for a condition that no run can meet, or that asks nothing. */
export function checkCondition({ facet, equals, atLeast, atMost }: Condition): void {
  if (!/^(\/([^/~]|~[01])+)+$/.test(facet))
    throw badInput(`"${facet.slice(0, 120)}" is no JSON pointer into the facets of a run. Give one as "/anonymity/k".`);
  if (equals === null && atLeast === null && atMost === null)
    throw badInput(`The condition on ${facet} asks nothing. Give \`equals\`, \`atLeast\` or \`atMost\`.`);
  if (equals !== null && (atLeast !== null || atMost !== null))
    throw badInput(`The condition on ${facet} asks for one value and for a range. Give either.`);
  if (atLeast !== null && atMost !== null && atLeast > atMost)
    throw badInput(`The condition on ${facet} asks for at least ${atLeast} and at most ${atMost}: nothing is both.`);
}

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function valueAt(facets: Readonly<Record<string, unknown>>, pointer: string): unknown {
  let value: unknown = facets;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = isThere ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}
