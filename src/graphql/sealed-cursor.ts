import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { badInput } from '../errors.js';

/**
 * Cursors that must not tell what they stand for: a place among assets some of which the viewer may not know.
 * AES-256-GCM under a key of this installation, so every replica reads them and nobody can read or forge one.
 */
export class SealedCursors {
  private readonly key: Buffer;

  /** What is sealed for one purpose cannot be opened for another. */
  constructor(secret: string, purpose = 'cursor') {
    this.key = createHmac('sha256', secret).update(purpose).digest();
  }

  /** The cursors of one list as one question asks for it: all its arguments but the size and the place of the page. */
  of(list: string, question: unknown): ListCursors {
    return new ListCursors(this, list, printOf(question));
  }

  seal(position: readonly unknown[]): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const body = Buffer.concat([cipher.update(JSON.stringify(position), 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** Throws BAD_USER_INPUT for what this installation has not sealed. */
  open(cursor: string): unknown[] {
    const position = this.tryOpen(cursor);
    if (position !== null) return position;
    throw badInput(
      `"${cursor.slice(0, 60)}" is not a cursor of this list. Use a cursor of an earlier page of the same list.`,
    );
  }

  /** null for what this installation has not sealed. */
  tryOpen(cursor: string): unknown[] | null {
    try {
      const bytes = Buffer.from(cursor, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', this.key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
      return JSON.parse(text) as unknown[];
    } catch {
      return null;
    }
  }

  /** A key for something hidden: the same within one nonce, worthless beyond it. */
  opaqueKey(nonce: string, id: string): string {
    return createHmac('sha256', this.key).update(`${nonce}:${id}`).digest('base64url').slice(0, 22);
  }
}

/** Cursors that lead on only where they come from: with another question, what lies after a place is something else. */
export class ListCursors {
  constructor(
    private readonly cursors: SealedCursors,
    private readonly list: string,
    private readonly print: string,
  ) {}

  seal(place: readonly unknown[]): string {
    return this.cursors.seal([this.list, this.print, ...place]);
  }

  /** The place it stands for. Throws BAD_USER_INPUT for a cursor of another list or of another question. */
  open(cursor: string): unknown[] {
    const [list, print, ...place] = this.cursors.open(cursor);
    if (list !== this.list)
      throw badInput(
        `This cursor belongs to another list. Use a cursor of an earlier page of the same \`${this.list}\`.`,
      );
    if (print !== this.print)
      throw badInput(
        'This cursor belongs to another question. Ask with the same arguments as for the page it is of, or without `after`.',
      );
    return place;
  }
}

const printOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);
