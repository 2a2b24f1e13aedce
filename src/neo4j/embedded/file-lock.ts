import { readFileSync, rmSync, statSync, unlinkSync } from 'node:fs';

import { createFileSync } from '../../disk/whole-file.js';
import { pause } from '../pause.js';
import { identifySelf, isAlive, parseIdentity } from './process-identity.js';

/**
 * A lock between processes of one machine: a file that only one of them can create, holding who did.
 *
 * A holder that died leaves its file behind, and removing it is the delicate part: two waiters that both saw a dead
 * holder must not remove, one after the other, the dead lock and then the fresh lock of the faster one. So a stale
 * file is removed only under a second lock, whose holder looks again and removes in one synchronous step.
 */
export interface FileLock {
  release(): void;
}

/** A lock file younger than this may be empty because its maker is just writing it. */
const HALF_WRITTEN_MS = 10_000;
const RETRY_MS = 100;

/** Takes the lock, or answers null when a living process holds it. */
export function tryLock(path: string): FileLock | null {
  if (!createLockFile(path)) {
    breakStaleLock(path);
    if (!createLockFile(path)) return null;
  }
  return { release: () => rmSync(path, { force: true }) };
}

/** Runs the work while holding the lock. Waits for as long as the holder lives; `onWait` is called once if it must. */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { signal?: AbortSignal | undefined; onWait?: () => void } = {},
): Promise<T> {
  let lock = tryLock(path);
  if (lock === null) options.onWait?.();
  while (lock === null) {
    await pause(RETRY_MS, options.signal);
    lock = tryLock(path);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

function createLockFile(path: string): boolean {
  return createFileSync(path, JSON.stringify(identifySelf()));
}

function breakStaleLock(path: string): void {
  if (!isStale(path)) return;
  const breaker = `${path}.breaking`;
  if (!createLockFile(breaker)) {
    // Its holder needs microseconds; one that is still there long after was killed in the middle.
    if (ageOf(breaker) > HALF_WRITTEN_MS) rmSync(breaker, { force: true });
    return;
  }
  try {
    if (isStale(path)) unlinkSync(path);
  } finally {
    rmSync(breaker, { force: true });
  }
}

function isStale(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    const holder = text === '' ? null : parseIdentity(JSON.parse(text));
    return holder === null ? ageOf(path) > HALF_WRITTEN_MS : !isAlive(holder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Milliseconds since the file was written; 0 when it is gone. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
