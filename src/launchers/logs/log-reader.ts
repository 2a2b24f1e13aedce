import { LINE_OVERHEAD_BYTES, LONGEST_LINE_BYTES } from './log-writer.js';
import { linesOf, offsetOf, readPart } from './file-tail.js';
import type { LogLine, LogPage } from '../port/launcher.js';

const MOST_BYTES_PER_PAGE = 1024 * 1024;
const LINE = /^(\S{24}) (STDOUT|STDERR|SYSTEM) ?(.*)$/s;

/**
 * Lines of a log file (see LogWriter) after the cursor, oldest first, at most `limit` and at most 1 MiB of them.
 * `final`: the program has ended and its log is complete.
 */
export async function readLogPage(
  path: string,
  options: { after?: string; limit: number; final: boolean },
): Promise<LogPage> {
  const offset = offsetOf(options.after);
  const limitBytes = Math.min(MOST_BYTES_PER_PAGE, options.limit * (LONGEST_LINE_BYTES + LINE_OVERHEAD_BYTES));
  const part = await readPart(path, offset, limitBytes);
  const page: LogPage = { lines: [], cursor: String(offset), ended: options.final };
  if (part === null) return page;
  for (const { text, after } of linesOf(part, { final: options.final, limitBytes })) {
    if (page.lines.length >= options.limit) break;
    const line = parseLine(text, String(after));
    // No line of ours: the cursor was made up and points into one. What is left of it is passed over.
    if (line !== null) page.lines.push(line);
    page.cursor = String(after);
  }
  page.ended = options.final && part.atEnd && Number(page.cursor) >= part.offset + part.bytes.length;
  return page;
}

function parseLine(text: string, cursor: string): LogLine | null {
  const [, time, stream, words] = LINE.exec(text) ?? [];
  if (time === undefined || words === undefined) return null;
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? null : { cursor, at, stream: stream as LogLine['stream'], text: words };
}
