/** A lock between processes that no crash can leave behind: it names its owner, and a dead owner's lock is cleared away. */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DamagedFile } from './damaged-file.js';
import { createJson, readJson } from './json-file.js';
import { putAside } from './plain-file.js';
import {
  identifyProcess,
  isAlive,
  isSameProcess,
  processIdentitySchema,
  type ProcessIdentity,
} from '../machine/process-identity.js';

const POLL_MS = 50;

/** Takes the lock for the owner. False when another holds it, or just did: try again. */
export async function tryLock(path: string, owner: ProcessIdentity): Promise<boolean> {
  if (await createJson(path, owner)) return true;
  const holder = await holderOf(path);
  if (holder !== null && !(await isAlive(holder))) await clearAfter(holder, path, owner);
  return false;
}

/** Does it alone: waits for the lock, also for one that another part of this process holds. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const self = await identifyProcess(process.pid);
  if (self === null) throw new Error('This process cannot be identified.');
  while (!(await tryLock(path, self))) await delay(POLL_MS);
  try {
    return await action();
  } finally {
    await unlock(path);
  }
}

/** Who holds it. A lock that names nobody any more was damaged: it is put aside, or it would keep everybody out for ever. */
async function holderOf(path: string): Promise<ProcessIdentity | null> {
  try {
    return await readJson(path, processIdentitySchema);
  } catch (error) {
    if (!(error instanceof DamagedFile)) throw error;
    await putAside(path);
    return null;
  }
}

/** Gives the lock back; only its owner may. */
export async function unlock(path: string): Promise<void> {
  await rm(path, { force: true });
}

/**
 * Two that see the same dead holder must not both remove its file: the slower one would remove the lock of whoever came
 * next. So clearing away needs a lock of its own, cleared in the same way should its owner die.
 */
async function clearAfter(dead: ProcessIdentity, path: string, owner: ProcessIdentity): Promise<void> {
  const clearing = `${path}~`;
  if (!(await tryLock(clearing, owner))) return;
  try {
    const holder = await holderOf(path);
    if (holder !== null && isSameProcess(holder, dead)) await rm(path, { force: true });
  } finally {
    await unlock(clearing);
  }
}
