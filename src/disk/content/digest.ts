/** Digests as they are written, "<algorithm>:<hex>", and which of them can be made here. */
import { createHash, getHashes, type Hash } from 'node:crypto';

/** As OpenSSL calls them. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  ...{ md5: 'md5', sha1: 'sha1', sha224: 'sha224', sha256: 'sha256', sha384: 'sha384', sha512: 'sha512' },
  ...{ 'sha512-256': 'sha512-256', 'sha3-256': 'sha3-256', 'sha3-384': 'sha3-384', 'sha3-512': 'sha3-512' },
};
/** Of which two files can be made that have the same: one that differs proves a change, and one that matches proves nothing. */
const FORGEABLE: readonly string[] = ['md5', 'sha1'];

/** The algorithm that is taken where nobody has chosen one, and the only one that a folder has a digest of. */
export const OF_CHOICE = 'sha256';

export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** Whether such digests can be made on this machine. */
export function isKnown(algorithm: string): boolean {
  return Object.hasOwn(ALGORITHMS, algorithm) && getHashes().includes(ALGORITHMS[algorithm] ?? '');
}

export function isForgeable(algorithm: string): boolean {
  return FORGEABLE.includes(algorithm);
}

/** Throws a RangeError for an algorithm that is not known. */
export function hashOf(algorithm: string): Hash {
  const name = ALGORITHMS[algorithm];
  if (name === undefined) throw new RangeError(`The algorithm "${algorithm}" is not known.`);
  return createHash(name);
}
