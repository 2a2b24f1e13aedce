/** What a program tells while it runs, in the file WEFTLINE_EVENTS names (docs/training-protocol.md). */
import { z } from 'zod';
import { type FilePart, linesOf, offsetOf, readPart } from '../logs/file-tail.js';
import { METRIC_LIMITS } from './kept-metrics.js';
import type { ProgramEvent, ProgramEventPage } from '../port/launcher.js';
import { asJson } from './program-json.js';
import { NOT_FINITE } from '../../json/not-finite.js';

/** A program may write without end; the API reads it in bites. */
const MOST_BYTES_PER_PAGE = 1024 * 1024;
/** What a program wrote beyond that since the last reading is passed over: the last values are the ones that count. */
export const MOST_BYTES_BEHIND = 16 * 1024 * 1024;
/** The shortest line that can say something, and the longest that is read. */
const SHORTEST_LINE = '{"type":"progress","fraction":1}'.length;
const LONGEST_LINE = 16 * 1024;
const LONGEST_MESSAGE = 2_000;

const at = z.iso.datetime({ offset: true }).optional();
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('metric'),
    at,
    name: z.string().min(1).max(METRIC_LIMITS.nameCharacters).refine(isName),
    value: z.union([z.number(), z.enum(NOT_FINITE)]),
    step: z.number().int().min(0).nullish(),
  }),
  z.object({
    type: z.literal('progress'),
    at,
    fraction: z.number().min(0).max(1),
    message: z.string().max(LONGEST_MESSAGE).nullish(),
  }),
]);

/** Some readers take this name for more than one. */
function isName(name: string): boolean {
  return name !== '__proto__' && name.isWellFormed();
}

/**
 * Events after the cursor, oldest first, of at most `limit` lines and 1 MiB. An event that says no time gets the
 * time the file was last written to. `final`: the program has ended, so a last line without line end is a line as well.
 */
export async function readProgramEvents(
  path: string,
  options: { after?: string; limit: number; final: boolean },
): Promise<ProgramEventPage> {
  const offset = offsetOf(options.after);
  const page: ProgramEventPage = { events: [], cursor: String(offset), invalidLines: 0 };
  const part = await readNotTooFarBehind(path, offset);
  if (part === null) return page;
  if (part.offset > offset) page.skippedBytes = part.offset - offset;
  page.cursor = String(part.offset);
  let lines = 0;
  for (const { text, after } of linesOf(part, { final: options.final, limitBytes: MOST_BYTES_PER_PAGE })) {
    if (++lines > options.limit) break;
    if (text.trim() !== '') {
      const event = parseEvent(text, part.modifiedAt);
      if (event === null) page.invalidLines += 1;
      else page.events.push(event);
    }
    page.cursor = String(after);
  }
  return page;
}

async function readNotTooFarBehind(path: string, offset: number): Promise<FilePart | null> {
  const part = await readPart(path, offset, MOST_BYTES_PER_PAGE);
  if (part === null || part.size - offset <= MOST_BYTES_BEHIND) return part;
  return await readPart(path, part.size - MOST_BYTES_BEHIND, MOST_BYTES_PER_PAGE);
}

function parseEvent(line: string, writtenAt: Date): ProgramEvent | null {
  if (line.length < SHORTEST_LINE || line.length > LONGEST_LINE) return null;
  const { success, data } = eventSchema.safeParse(parseJson(line));
  if (!success) return null;
  const time = data.at === undefined ? writtenAt : new Date(data.at);
  return data.type === 'metric'
    ? { type: 'metric', at: time, name: data.name, value: data.value, step: data.step ?? null }
    : { type: 'progress', at: time, fraction: data.fraction, message: data.message ?? null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(asJson(text));
  } catch {
    return undefined; // Not an event; the caller counts it.
  }
}
