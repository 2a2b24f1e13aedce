import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token starts with: secret scanners can find it, and a person knows what it is. */
const TOKEN_PREFIX = 'wft';
const FORM = /^wft_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

export interface TokenSecret {
  /** Names the token; no secret. */
  id: string;
  /** The whole token as its holder sends it. Shown once, stored nowhere. */
  text: string;
  /** SHA-256 of the text: enough for 256 random bits, and cheap to check. */
  hash: string;
}

/** Makes a new token for the id: wft_<id>_<256 random bits>. */
export function mintToken(id: string): TokenSecret {
  const text = `${TOKEN_PREFIX}_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  return { id, text, hash: hashOf(text) };
}

/** The id within a token; null when the text is no Weftline token. */
export function tokenIdOf(text: string): string | null {
  const hex = FORM.exec(text)?.[1];
  return hex ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') : null;
}

export function isTokenFor(text: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(text), 'hex'), Buffer.from(hash, 'hex'));
}

/** What is kept of a token, here and in the database. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
