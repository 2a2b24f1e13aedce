import { badInput } from '../../errors.js';
import { isInexact } from '../../json/exact-numbers.js';
import { NOT_FINITE } from '../../json/not-finite.js';
import { checkObject } from '../assets/asset.changes.js';

const MAX_NAME = 200;

/**
 * The metrics that a version is published with: a number under each name, or one of the three texts for what is no finite number.
 * Throws BAD_USER_INPUT naming the first that is something else.
 */
export function checkMetrics(given: unknown): Record<string, unknown> {
  const metrics = checkObject('metrics', given);
  for (const [name, value] of Object.entries(metrics)) {
    if (name.trim() === '' || [...name].length > MAX_NAME)
      throw badInput(`The name of a metric must have 1 to ${MAX_NAME} characters, and "${excerpt(name)}" has not.`);
    const fault = faultOf(value);
    if (fault !== null) throw badInput(`The metric "${excerpt(name)}" ${fault}`);
  }
  return metrics;
}

/** What is wrong with the value and what to do; null: nothing. */
function faultOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : `is beyond what a number holds. ${SPELLED_OUT}`;
  if (NOT_FINITE.some((each) => each === value)) return null;
  if (typeof value === 'string') {
    // Not as a number either: another one would be kept.
    if (isInexact(value.trim()))
      return `is ${excerpt(value.trim())}, a whole number beyond 2^53 that would not be kept as it is. Send a smaller one, or put it into \`parameters\`.`;
    const number = value.trim() === '' ? Number.NaN : Number(value);
    const wanted = Number.isFinite(number) ? `Send it as a number: ${number}, without quotation marks.` : SPELLED_OUT;
    return `is the text ${JSON.stringify(excerpt(value))}, and a metric is a number. ${wanted}`;
  }
  if (value === null) return 'is null, and a metric is a number. Leave it out where it was not measured.';
  if (typeof value === 'object')
    return `is ${Array.isArray(value) ? 'a list' : 'an object'}, and a metric is a number. Give each number a name of its own, such as "loss/test".`;
  return `is ${JSON.stringify(value)}, and a metric is a number. Send 0 or 1, or put it into \`parameters\`.`;
}

const SPELLED_OUT = 'What is no finite number is sent as "NaN", "Infinity" or "-Infinity".';

const excerpt = (text: string): string => ([...text].length > 60 ? `${[...text].slice(0, 60).join('')}…` : text);
