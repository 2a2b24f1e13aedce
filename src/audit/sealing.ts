import { canonicalBody, detach } from './log-entry.js';
import { type Hash, leafHash } from './merkle.js';

/** An entry that waits for its number; those written before the log was sealed have no body yet, but all it is made of. */
export type UnsealedRow =
  | { id: string; body: string }
  | {
      id: string;
      body: null;
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
    };

export interface EntryToSeal {
  id: string;
  body: string;
  /** The personal values of a body that was made now; null for one that was written with the entry. */
  detached: string | null;
  madeNow: boolean;
}

/** What of an entry is hashed: the bytes of its body. */
export function leafOf(body: string): Hash {
  return leafHash(Buffer.from(body, 'utf8'));
}

/** The entry with a body: an old one gets the body it would be written with today. */
export function withBody(row: UnsealedRow): EntryToSeal {
  if (row.body !== null) return { id: row.id, body: row.body, detached: null, madeNow: false };
  const { actorId: actor, targetId: target, assetIds: assets, at, ...same } = row;
  const entry = { ...same, v: 1 as const, at: at.toISOString(), actor, target, assets };
  const { body, detached } = detach(entry, personalOf(row.action));
  return { id: row.id, body: canonicalBody(body), detached: JSON.stringify(detached), madeNow: true };
}

/** What told of people in entries of before: they did not say it themselves. */
function personalOf(action: string): string[] {
  const always = ['/actorName', '/reason', '/after/purpose'];
  return /^(user|token):/.test(action) ? [...always, '/targetName', '/after/handle'] : always;
}
