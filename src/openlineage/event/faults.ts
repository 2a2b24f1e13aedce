/** What is wrong with an event, in words that follow the name of the place. */
import type { z } from 'zod';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
/** More than a person mends at once. */
const MOST_TOLD = 3;
const MOST_SHOWN = 200;

/** The words for a fault that zod found. */
export function sayFault(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return `must not have the key ${quoted(issue.keys.join(', '))}`;
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
  if (issue.code !== 'invalid_type') return undefined;
  return issue.input === undefined ? 'is missing' : `must be ${NOUNS[issue.expected] ?? issue.expected}`;
}

/** The first faults of an event: "outputs[0].facets.schema.fields[2].name must be a string". */
export function faultsIn(issues: readonly z.core.$ZodIssue[]): string {
  const told = issues.slice(0, MOST_TOLD).map(({ path, message }) => `${placeOf(path)} ${message}`);
  const rest = issues.length - told.length;
  return `${told.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}.`;
}

/** How a place is written, as JavaScript would: `facets["spark.exception"]`. */
function placeOf(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    const key = String(step);
    return /^[A-Za-z_]\w{0,60}$/.test(key) ? `.${key}` : `[${quoted(key)}]`;
  });
  const place = steps.join('').replace(/^\./, '');
  if (place === '') return 'The event';
  return place.length > MOST_SHOWN ? `${place.slice(0, MOST_SHOWN).toWellFormed()}…` : place;
}

const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
