/**
 * The log as a file that can be checked without the server: lines of JSON, described for auditors in docs/audit-log.md.
 * The first line says which log it is, then comes each entry in order, and the last line is a checkpoint over them.
 */
import { z } from 'zod';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { readLines } from './line-reader.js';
import type { Detached, LogBody } from '../record/log-entry.js';
import type { Hash } from '../sealing/merkle.js';

const EXPORT_FORMAT = 'weftline-audit-log/1';

export interface ExportHeader {
  origin: Checkpoint['origin'];
  exportedAt: Date;
}

export interface ExportEntry {
  /** Place in the log, from 0 without gaps. */
  seq: number;
  /** The leaf as it is in the tree: not computed from the body, or a body that was changed would not show. */
  leafHash: Hash;
  /** null: past retention. The leaf stays, so that all proofs stay. */
  content: { body: LogBody; detached: Detached } | null;
}

/** What a line of an export is. `line` is its number, from 1. */
export type ExportLine =
  | { kind: 'header'; line: number; origin: string }
  | ({ kind: 'entry'; line: number } & ExportEntry)
  /** Its place and leaf can be read, and the rest is no body of an entry. */
  | { kind: 'damaged'; line: number; seq: number; leafHash: Hash }
  | { kind: 'checkpoint'; line: number; note: string }
  | { kind: 'unreadable'; line: number; why: string };

/** The first line of an export, with its line feed. */
export function headerLine(header: ExportHeader): string {
  return line({ format: EXPORT_FORMAT, origin: header.origin, exportedAt: header.exportedAt.toISOString() });
}

/** The line of an entry, with its line feed. */
export function entryLine({ seq, leafHash, content }: ExportEntry): string {
  return line({ seq, leafHash: leafHash.toString('base64'), ...content });
}

/** The last line of an export, with its line feed: a signed note over exactly the entries before it. */
export function checkpointLine(note: string): string {
  return line({ checkpoint: note });
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads an export of any length line by line. Never throws for what a line holds: that is an `unreadable` line. */
export async function* readExport(file: AsyncIterable<Uint8Array>): AsyncGenerator<ExportLine> {
  for await (const { number, text } of readLines(file, MAX_LINE_BYTES)) yield readLine(number, text);
}

/** Bodies come from requests, which are far smaller. */
const MAX_LINE_BYTES = 2 ** 26;

const Header = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  origin: z.string().min(1),
  exportedAt: z.iso.datetime(),
});
// Of the last letter before the end not all bits count: those that do not have to be zero, or one hash had many texts.
const Leaf = z.object({
  seq: z.int().nonnegative(),
  leafHash: z.string().regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/),
});
const Kept = z.strictObject({ salt: z.string().regex(/^[\w-]{21}[AQgw]$/), value: z.unknown() });
const Entry = z.strictObject({
  ...Leaf.shape,
  // The leaf says whether the rest is as it was. A later server may write more than this version knows.
  body: z.looseObject({ id: z.string(), at: z.iso.datetime() }).optional(),
  detached: z.record(z.string(), Kept).optional(),
});
const Closing = z.strictObject({ checkpoint: z.string() });

function readLine(line: number, text: string | null): ExportLine {
  const unreadable = (why: string): ExportLine => ({ kind: 'unreadable', line, why });
  if (text === null) return unreadable('it is no text, or far too long');
  const read = readJson(text);
  if (read === null) return unreadable('it is no JSON, so it was cut off or changed');
  // A member given twice, or a text written in another way, would be read differently by different tools.
  if (read.written !== text) return unreadable('a member is there twice, or it was written anew by another tool');
  // Entries first: nearly all lines are, and each schema that does not fit costs as much as one that does.
  return (
    readEntry(line, read.value) ?? readFrame(line, read.value) ?? unreadable('it is neither an entry nor a checkpoint')
  );
}

/** The first line of an export, or the last. null: neither. */
function readFrame(line: number, value: unknown): ExportLine | null {
  const header = Header.safeParse(value);
  if (header.success) return { kind: 'header', line, origin: header.data.origin };
  const closing = Closing.safeParse(value);
  return closing.success ? { kind: 'checkpoint', line, note: closing.data.checkpoint } : null;
}

/** null: not even the place and the leaf of an entry. */
function readEntry(line: number, value: unknown): ExportLine | null {
  if (!Entry.safeParse(value).success) {
    const leaf = Leaf.safeParse(value);
    return leaf.success ? { kind: 'damaged', line, ...leafOf(leaf.data) } : null;
  }
  // The value itself, and not the copy that the check made: what is hashed is what stands in the file.
  const { body, detached, ...leaf } = value as z.infer<typeof Entry>;
  if ((body === undefined) !== (detached === undefined)) return { kind: 'damaged', line, ...leafOf(leaf) };
  const content = body && detached ? { body: body as unknown as LogBody, detached } : null;
  return { kind: 'entry', line, ...leafOf(leaf), content };
}

function leafOf({ seq, leafHash }: z.infer<typeof Leaf>): { seq: number; leafHash: Hash } {
  return { seq, leafHash: Buffer.from(leafHash, 'base64') };
}

/** The value, and how it would be written. null: no JSON, or nested so deep that nobody wrote it in earnest. */
function readJson(text: string): { value: unknown; written: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    return { value, written: JSON.stringify(value) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}
