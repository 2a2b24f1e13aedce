/** What a program tells while it runs, in the file WEFTLINE_EVENTS names (docs/training-protocol.md). */
import { z } from 'zod';
import { linesOf, offsetOf, readPart } from './file-tail.js';
import type { ProgramEvent, ProgramEventPage } from './launcher.js';

/** A program may write without end; the API reads it in bites. */
const MOST_BYTES_PER_PAGE = 1024 * 1024;

const at = z.iso.datetime({ offset: true }).optional();
const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('metric'),
    at,
    name: z.string().min(1).max(200),
    value: z.number(),
    step: z.number().int().min(0).nullish(),
  }),
  z.object({
    type: z.literal('progress'),
    at,
    fraction: z.number().min(0).max(1),
    message: z.string().max(2000).nullish(),
  }),
]);

/**
 * Events after the cursor, oldest first, at most `limit` and at most 1 MiB of lines. An event that says no time gets the
 * time the file was last written to. `final`: the program has ended, so a last line without line end is a line as well.
 */
export async function readProgramEvents(
  path: string,
  options: { after?: string; limit: number; final: boolean },
): Promise<ProgramEventPage> {
  const offset = offsetOf(options.after);
  const page: ProgramEventPage = { events: [], cursor: String(offset), invalidLines: 0 };
  const part = await readPart(path, offset, MOST_BYTES_PER_PAGE);
  if (part === null) return page;
  for (const { text, after } of linesOf(part, { final: options.final, limitBytes: MOST_BYTES_PER_PAGE })) {
    if (page.events.length >= options.limit) break;
    if (text.trim() !== '') {
      const event = parseEvent(text, part.modifiedAt);
      if (event === null) page.invalidLines += 1;
      else page.events.push(event);
    }
    page.cursor = String(after);
  }
  return page;
}

function parseEvent(line: string, writtenAt: Date): ProgramEvent | null {
  const { success, data } = eventSchema.safeParse(parseJson(line));
  if (!success) return null;
  const time = data.at === undefined ? writtenAt : new Date(data.at);
  return data.type === 'metric'
    ? { type: 'metric', at: time, name: data.name, value: data.value, step: data.step ?? null }
    : { type: 'progress', at: time, fraction: data.fraction, message: data.message ?? null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not an event; the caller counts it.
  }
}
