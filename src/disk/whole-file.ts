/**
 * Files that readers find whole or not at all: each is written under another name, flushed to the disk, and only then moved
 * (or linked) to its own. Whatever goes wrong on the way, as on a disk that is full, nothing is left beside it.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, link, open, rename } from 'node:fs/promises';
import { errnoName } from './disk-fault.js';
import { discard, discardSync } from './leftovers.js';
import { isThereSoon } from './presence.js';

export interface FileMode {
  /** Who may read it; its owner alone, when not given. */
  mode?: number;
}

/** Puts the text in the place of whatever is there. */
export async function replaceFile(path: string, text: string, { mode = 0o600 }: FileMode = {}): Promise<void> {
  await beside(
    path,
    (file) => file.writeFile(text),
    mode,
    (written) => rename(written, path),
  );
}

/** Creates the file; false, and nothing touched, when it is already there. */
export async function createFile(path: string, text: string, { mode = 0o600 }: FileMode = {}): Promise<boolean> {
  return await beside(
    path,
    (file) => file.writeFile(text),
    mode,
    (written) => isLinked(written, path),
  );
}

/**
 * As `createFile`, for what is long: `fill` writes it, and nothing is kept when that throws. Also on a stick or a share that has
 * no links; there, who makes a file of that name in the same moment loses it.
 */
export async function createFileOf(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  { mode = 0o600 }: FileMode = {},
): Promise<boolean> {
  return await beside(path, fill, mode, async (written) => {
    try {
      return await isLinked(written, path);
    } catch (error) {
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(errnoName(error) ?? '')) throw error;
      if (await isThereSoon(path)) return false;
      await rename(written, path);
      return true;
    }
  });
}

/** As `replaceFile`, for what is written in one step with what was read. */
export function replaceFileSync(path: string, text: string, { mode = 0o600 }: FileMode = {}): void {
  besideSync(path, text, mode, (written) => renameSync(written, path));
}

/** As `createFile`. */
export function createFileSync(path: string, text: string, { mode = 0o600 }: FileMode = {}): boolean {
  return besideSync(path, text, mode, (written) => {
    try {
      linkSync(written, path);
      return true;
    } catch (error) {
      if (errnoName(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** The end of the names of files that are being written. */
export const UNFINISHED = '.tmp';

let sequence = 0;

/** The random part tells apart processes of two machines that share a folder, and cannot be known before by a program there. */
function nameBeside(path: string): string {
  return `${path}.${process.pid}-${++sequence}-${randomBytes(9).toString('hex')}${UNFINISHED}`;
}

async function beside<T>(
  path: string,
  fill: (file: FileHandle) => Promise<void>,
  mode: number,
  put: (written: string) => Promise<T>,
): Promise<T> {
  const temporary = nameBeside(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    return await put(temporary);
  } finally {
    await discard(temporary);
  }
}

function besideSync<T>(path: string, text: string, mode: number, put: (written: string) => T): T {
  const temporary = nameBeside(path);
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
    return put(temporary);
  } finally {
    discardSync(temporary);
  }
}

async function isLinked(written: string, path: string): Promise<boolean> {
  try {
    await link(written, path);
    return true;
  } catch (error) {
    if (errnoName(error) === 'EEXIST') return false;
    throw error;
  }
}
