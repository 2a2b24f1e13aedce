/** Events as they come: as JSON, or as a line of JSON each. */
import { badInput } from '../../errors.js';
import { withDigitsAsText } from '../../exact-numbers.js';
import { jsonInPieces, JsonTooDeep } from '../../json-pieces.js';
import { inTurns } from '../../turn.js';
import type { LineageEvent } from './event.js';
import { MOST_LEVELS, parseEventInTurns } from './parse.js';

export interface SentEvent {
  /** Rejects with BAD_USER_INPUT or LIMIT_EXCEEDED, which name the place. */
  parse: () => Promise<LineageEvent>;
  /** How it came. */
  text: () => string;
}

/** The one event that a text holds. Throws BAD_USER_INPUT when it is no JSON. */
export async function sentEvent(text: string): Promise<SentEvent> {
  const { value, kept } = await readJson(text, { levels: MOST_LEVELS });
  if (Array.isArray(value))
    throw badInput(
      'The body is a list. One event is sent to /api/v1/lineage, a list of them to /api/v1/lineage/batch.',
    );
  return { parse: () => parseEventInTurns(value, kept), text: () => text };
}

/** The events of a JSON list. Throws BAD_USER_INPUT when the text is none. */
export async function sentList(text: string): Promise<SentEvent[]> {
  const { value, kept } = await readJson(text);
  if (!Array.isArray(value) || !Array.isArray(kept))
    throw badInput('The body of a batch must be a JSON list of events, or lines of JSON as application/x-ndjson.');
  return value.map((event: unknown, index) => ({
    parse: () => parseEventInTurns(event, kept[index]),
    text: () => writtenOut(event),
  }));
}

/** The events of lines; empty ones say nothing. A line that is no JSON is an event that cannot be parsed. */
export function sentLines(text: string): SentEvent[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => ({
    parse: async () => {
      const { value, kept } = await readJson(line, { what: 'The line' });
      return await parseEventInTurns(value, kept);
    },
    text: () => line,
  }));
}

/** In turns. A whole number that a double does not hold is another one in `value`, and its digits in `kept`. */
async function readJson(
  text: string,
  { what = 'The body', levels }: { what?: string; levels?: number } = {},
): Promise<{ value: unknown; kept: unknown }> {
  const within = levels === undefined ? {} : { levels };
  const seen = { inexact: false };
  const parse = (piece: string): unknown => {
    const value: unknown = JSON.parse(piece);
    if (withDigitsAsText(piece) !== piece) seen.inexact = true;
    return value;
  };
  const digits = (piece: string): unknown => JSON.parse(withDigitsAsText(piece));
  try {
    const value = await inTurns(jsonInPieces(text, { parse, ...within }));
    return { value, kept: seen.inexact ? await inTurns(jsonInPieces(text, { parse: digits, ...within })) : value };
  } catch (error) {
    if (error instanceof JsonTooDeep)
      throw badInput(`${what} nests deeper than ${error.levels.toLocaleString('en-US')} levels.`);
    if (!(error instanceof SyntaxError)) throw error;
    throw badInput(`${what} is not JSON: ${error.message}.`);
  }
}

/** Empty of what nests too deep to be written. */
function writtenOut(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return '';
    throw error;
  }
}
