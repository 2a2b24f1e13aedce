import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Signer } from '../checkpoints/signed-note.js';

const PURPOSE = 'weftline: what a server wrote into the database';
const SEED_BYTES = 32;

/**
 * What shows that a server of this installation wrote a text into the database, and not somebody who can only write to the
 * database: a HMAC with a key made of the one that signs checkpoints, which all servers of a database share.
 */
export class EntryMarks {
  private readonly key: Buffer;

  constructor(signer: Pick<Signer, 'secret'>) {
    const seed = signer.secret.export({ format: 'der', type: 'pkcs8' }).subarray(-SEED_BYTES);
    this.key = Buffer.from(hkdfSync('sha256', seed, '', PURPOSE, 32));
  }

  /** The mark of a text, in base64. */
  of(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64');
  }

  /** Whether it is the mark of the text. */
  fits(text: string, mark: string | null): boolean {
    const [made, given] = [Buffer.from(this.of(text)), Buffer.from(mark ?? '')];
    return made.length === given.length && timingSafeEqual(made, given);
  }
}

/** A mark as it is stored; null: there is none, or it was spent by sealing. */
export const unspent = (stored: string | null): string | null => (stored === '' ? null : stored);
