import type { EntryMarks } from '../record/entry-marks.js';
import { canonicalBody, detach, readBody } from '../record/log-entry.js';
import { type Hash, leafHash } from './merkle.js';

/** What an entry that was written before the log was sealed is made of: it has no body yet. */
export interface EntryOfBefore {
  at: Date;
  actorId: string | null;
  actorName: string;
  action: string;
  outcome: string;
  targetId: string;
  targetName: string;
  assetIds: string[];
  requestId: string;
  operation: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
}

/** An entry that waits for its number, as it stands in the database: anybody who may write there may have put it. */
export interface UnsealedRow {
  /** Of the node itself: ids can be written by anybody. */
  node: string;
  id: string;
  body: string | null;
  mark: string | null;
  /** It is labelled as an entry, and has no number yet. */
  isNew: boolean;
  /** null: it has a body, or what it would be made of cannot be read. */
  ofBefore: EntryOfBefore | null;
}

export interface EntryToSeal {
  node: string;
  id: string;
  body: string;
  /** The personal values of a body that was made now; null for one that was written with the entry. */
  detached: string | null;
}

/** What is not sealed, and why: it was not written by a server. */
export interface RefusedEntry {
  node: string;
  id: string;
  why: string;
  /** It has its number already: it stays, and only waits no more. */
  sealedBefore: boolean;
}

/** What of an entry is hashed: the bytes of its body. */
export function leafOf(body: string): Hash {
  return leafHash(Buffer.from(body, 'utf8'));
}

/**
 * Tells what servers wrote from what only stands there as if. `trusting`: what has no mark is sealed as well, as servers of
 * an earlier version wrote none.
 */
export function judge(
  rows: readonly UnsealedRow[],
  marks: EntryMarks,
  trusting: boolean,
): { entries: EntryToSeal[]; refused: RefusedEntry[] } {
  const entries: EntryToSeal[] = [];
  const refused: RefusedEntry[] = [];
  for (const row of rows) {
    const why = whyRefused(row, marks, trusting);
    if (why === null) entries.push(withBody(row));
    else refused.push({ node: row.node, id: row.id, why, sealedBefore: !row.isNew });
  }
  return { entries, refused };
}

/** null: it is sealed. */
function whyRefused({ id, body, mark, isNew, ofBefore }: UnsealedRow, marks: EntryMarks, trusting: boolean) {
  if (!isNew) return 'it has a number already, or is no entry';
  if (body === null) return trusting && ofBefore !== null ? null : 'it has no text that could be sealed';
  if (mark === null && !trusting) return 'it has no mark of a server';
  if (mark !== null && !marks.fits(body, mark)) return 'its mark does not fit its text';
  const told = readBody(body);
  if (told === null) return 'its text is not that of an entry';
  return told.id === id ? null : 'its text is that of another entry';
}

/** The entry with a body: an old one gets the body it would be written with today. */
function withBody({ node, id, body, ofBefore }: UnsealedRow): EntryToSeal {
  if (body !== null) return { node, id, body, detached: null };
  if (ofBefore === null) throw new Error(`Entry ${id} of the audit log has nothing that could be sealed.`);
  const { actorId: actor, targetId: target, assetIds: assets, at, ...same } = ofBefore;
  const entry = { ...same, v: 1 as const, id, at: at.toISOString(), actor, target, assets };
  const made = detach(entry, personalOf(entry.action));
  return { node, id, body: canonicalBody(made.body), detached: JSON.stringify(made.detached) };
}

/** What told of people in entries of before: they did not say it themselves. */
function personalOf(action: string): string[] {
  const always = ['/actorName', '/reason', '/after/purpose'];
  return /^(user|token):/.test(action) ? [...always, '/targetName', '/after/handle'] : always;
}
