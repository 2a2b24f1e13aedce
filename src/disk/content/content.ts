/** What lies at a path: its size and its digest, read in bounded steps, whatever it is and becomes meanwhile. */
import type { BigIntStats } from 'node:fs';

export interface Question {
  path: string;
  /** Of the digest, of a folder only SHA-256; null: how large it is, is all that is asked. */
  algorithm: string | null;
  /** What was found there before; not read again while it looks the same. */
  known?: Known | null;
  /** Ends it: the promise is rejected with its reason. */
  signal?: AbortSignal | undefined;
  /** Whether a file may be read, by where it really lies once all links are followed; any, when left out. */
  mayRead?: (realPath: string) => boolean;
  /** Names of files at the top of a folder that do not belong to its content. */
  without?: readonly string[];
  /** Gets the bytes of a file on the way, in order. They are valid for the call alone. */
  onBytes?: (bytes: Buffer) => void | Promise<void>;
}

export interface Known {
  /** Size, times and inode, of a folder those of all in it. */
  fingerprint: string;
  /** "<algorithm>:<hex>" */
  digest: string;
  bytes: string;
}

export type Content =
  | (Known & {
      found: 'FILE' | 'FOLDER';
      /** false: it looks as it did when it was read before. */
      wasRead: boolean;
      /** Its last change is so long ago that a later one cannot have the same times. */
      isSettled: boolean;
    })
  | { found: 'SIZE'; bytes: string }
  | NoContent;

export interface NoContent {
  found: 'NOTHING' | 'UNREADABLE' | 'CHANGING';
  /** Follows "it": "is not there". */
  why: string;
  /** How many there are, where that is known. */
  bytes?: string | undefined;
}

/** Times of files are as coarse as this on some file systems, in milliseconds. */
const COARSEST_MS = 2_000n;

export function fingerprintOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ctimeNs}:${ino}`;
}

/** Whether what changes from now on will show it by its times. */
export function isSettled({ mtimeMs, ctimeMs }: Pick<BigIntStats, 'mtimeMs' | 'ctimeMs'>, readAt: number): boolean {
  const last = mtimeMs > ctimeMs ? mtimeMs : ctimeMs;
  return last + COARSEST_MS < BigInt(Math.floor(readAt));
}

/** The system's error as what was found; null for what is the fault of the machine, and may pass. */
export function unreadable(name: string | null): NoContent | null {
  if (name === 'ENOENT' || name === 'ENOTDIR') return { found: 'NOTHING', why: 'is not there' };
  const why = WORDS[name ?? ''];
  return why === undefined ? null : { found: 'UNREADABLE', why };
}

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by the user that programs run as',
  EPERM: 'may not be read by the user that programs run as',
  ELOOP: 'is a link that leads in a circle',
  ENAMETOOLONG: 'has a name that is too long for this machine',
  ENXIO: 'is no regular file',
  EOPNOTSUPP: 'is no regular file',
  ENODEV: 'is no regular file',
};
