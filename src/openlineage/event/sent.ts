/** Events as they come: as JSON, or as a line of JSON each. */
import { badInput, limitExceeded, type WeftlineError } from '../../errors.js';
import { withDigitsAsText } from '../../json/exact-numbers.js';
import { jsonInPieces, JsonTooDeep } from '../../json/pieces.js';
import { inTurns } from '../../turn.js';
import type { LineageEvent } from './event.js';
import { MOST_LEVELS, parseEventInTurns } from './parse.js';

/** Of one body: clients that send many at once send a hundred or a thousand. */
const MOST_EVENTS = 10_000;

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

/** The events of a JSON list. Throws BAD_USER_INPUT when the text is none, LIMIT_EXCEEDED when it has too many. */
export async function sentList(text: string): Promise<SentEvent[]> {
  const { value, kept } = await readJson(text);
  if (!Array.isArray(value) || !Array.isArray(kept))
    throw badInput('The body of a batch must be a JSON list of events, or lines of JSON as application/x-ndjson.');
  if (value.length > MOST_EVENTS) throw tooMany(value.length);
  return value.map((event: unknown, index) => ({
    parse: () => parseEventInTurns(event, kept[index]),
    text: () => writtenOut(event),
  }));
}

/** The events of lines; empty ones say nothing. A line that is no JSON is an event that cannot be parsed. Throws LIMIT_EXCEEDED. */
export function sentLines(text: string): SentEvent[] {
  const lines = linesOf(text);
  return lines.map((line) => ({
    parse: async () => {
      const { value, kept } = await readJson(line, { what: 'The line' });
      return await parseEventInTurns(value, kept);
    },
    text: () => line,
  }));
}

function linesOf(text: string): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length;) {
    const found = text.indexOf('\n', from);
    const end = found < 0 ? text.length : found;
    const line = text.slice(from, end);
    if (line.trim() !== '') lines.push(line);
    if (lines.length > MOST_EVENTS) throw tooMany(null);
    from = end + 1;
  }
  return lines;
}

/** `count` null: nobody counted on. */
function tooMany(count: number | null): WeftlineError {
  const most = MOST_EVENTS.toLocaleString('en-US');
  const has = count === null ? `more than ${most}` : count.toLocaleString('en-US');
  return limitExceeded(`The body has ${has} events; at most ${most} are possible. Send the others in further bodies.`);
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
