/**
 * Files that readers find whole or not at all: each is written under another name, flushed to the disk, and only then moved
 * (or linked) to its own. Whatever goes wrong on the way, as on a disk that is full, nothing is left beside it.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { diskFault } from './disk-fault.js';

export interface FileMode {
  /** Who may read it; its owner alone, when not given. */
  mode?: number;
}

/** Puts the text in the place of whatever is there. */
export async function replaceFile(path: string, text: string, { mode = 0o600 }: FileMode = {}): Promise<void> {
  await beside(path, text, mode, (written) => rename(written, path));
}

/** Creates the file; false, and nothing touched, when it is already there. */
export async function createFile(path: string, text: string, { mode = 0o600 }: FileMode = {}): Promise<boolean> {
  return await beside(path, text, mode, async (written) => {
    try {
      await link(written, path);
      return true;
    } catch (error) {
      if (isThere(error)) return false;
      throw error;
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
      if (isThere(error)) return false;
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

async function beside<T>(path: string, text: string, mode: number, put: (written: string) => Promise<T>): Promise<T> {
  const temporary = nameBeside(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    return await put(temporary);
  } finally {
    // As in `discard`.
    await Promise.allSettled([rm(temporary, { force: true })]);
  }
}

function besideSync<T>(path: string, text: string, mode: number, put: (written: string) => T): T {
  const temporary = nameBeside(path);
  try {
    writeFileSync(temporary, text, { mode, flag: 'wx', flush: true });
    return put(temporary);
  } finally {
    discard(temporary);
  }
}

/** What went wrong before is what is told: a disk that takes no file may not let go of one either. */
function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch (error) {
    if (diskFault(error) === null) throw error;
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}
