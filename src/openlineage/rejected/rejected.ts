import type { ErrorCode } from '../../errors.js';

/** Why an event was not taken, or a body of events. */
export interface Rejection {
  code: ErrorCode;
  reason: string;
  /** SHA-256 of what came, in hex; null when it was not read to its end. */
  digest: string | null;
  /** How it began; null when nothing of it was read. */
  excerpt: string | null;
}

/** One that is kept. */
export interface RejectedEvent extends Rejection {
  id: string;
  /** Whose token it came with. */
  senderId: string;
  at: Date;
}

/** Of one sender the latest are kept. */
export const MOST_KEPT = 1_000;
const EXCERPT_BYTES = 2_048;
const REASON_CHARACTERS = 2_000;

/** The first 2 kB, in whole characters. */
export function excerptOf(text: string): string {
  const bytes = Buffer.from(text.slice(0, EXCERPT_BYTES));
  // A character that is cut through would be a mark of replacement at the end.
  return new TextDecoder().decode(bytes.subarray(0, EXCERPT_BYTES), { stream: true }).toWellFormed();
}

/** A reason that repeats a long name is cut. */
export const reasonOf = (reason: string): string =>
  reason.length > REASON_CHARACTERS ? `${reason.slice(0, REASON_CHARACTERS).toWellFormed()}…` : reason;
