/** Reading on in a file that another process appends to, from a cursor: the number of bytes already read. */
import { badInput } from '../../errors.js';
import { legible } from '../files/damaged-file.js';
import { openPlain } from '../files/plain-file.js';

export interface FilePart {
  /** Where the bytes begin in the file. */
  offset: number;
  bytes: Buffer;
  /** The bytes reach the end the file had when it was read. */
  atEnd: boolean;
  /** Of the whole file, when it was read. */
  size: number;
  modifiedAt: Date;
}

/** The byte offset a cursor stands for; the beginning without one. Throws BAD_USER_INPUT for a cursor nobody gave. */
export function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,15}$/.test(cursor)) {
    throw badInput(
      `"${cursor}" is not a cursor of this log. Use one that was returned with it, or none to begin at the start.`,
    );
  }
  return Number(cursor);
}

/**
 * At most `limitBytes` from the offset; null when there is no such file. A program may put anything in the place of its
 * files: a link is not followed and a pipe not waited for, and what may not be read counts as nothing.
 */
export async function readPart(path: string, offset: number, limitBytes: number): Promise<FilePart | null> {
  const opened = await legible(openPlain(path));
  if (opened === null) return null;
  const { file, stat } = opened;
  try {
    const bytes = Buffer.allocUnsafe(Math.min(limitBytes, Math.max(0, stat.size - offset)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return {
      offset,
      bytes: bytes.subarray(0, bytesRead),
      atEnd: offset + bytesRead >= stat.size,
      size: stat.size,
      modifiedAt: stat.mtime,
    };
  } finally {
    await file.close();
  }
}

/**
 * The whole lines of a part, each with the offset after it. A last line without its end is left for the next reading
 * unless `final` says that nothing will follow, or the part was full: then it is cut so that reading gets on.
 */
export function* linesOf(
  part: FilePart,
  options: { final: boolean; limitBytes: number },
): Generator<{ text: string; after: number }> {
  let start = 0;
  for (;;) {
    const newline = part.bytes.indexOf(10, start);
    if (newline === -1) break;
    yield { text: part.bytes.toString('utf8', start, newline), after: part.offset + newline + 1 };
    start = newline + 1;
  }
  const stuck = start === 0 && part.bytes.length === options.limitBytes;
  if (start < part.bytes.length && (stuck || (options.final && part.atEnd))) {
    yield { text: part.bytes.toString('utf8', start), after: part.offset + part.bytes.length };
  }
}
