/** A folder whose disk can be filled: a small file system of its own where one may be mounted, else one that may not be written to. */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface FullDisk {
  path: string;
  /** What is said of it while it takes no files. */
  says: string;
  /** From now on it takes no file. */
  fill: () => void;
  /** From now on it can only be read; answers what is said of it then. */
  lock: () => string;
  /** It takes files again. */
  free: () => void;
  /** Names of all files and folders in it. */
  names: () => string[];
  remove: () => void;
}

export function fullDisk(megabytes: number): FullDisk {
  const path = mkdtempSync(join(tmpdir(), 'weftline-disk-'));
  const names = (): string[] => readdirSync(path, { recursive: true, encoding: 'utf8' });
  return mountAt(path, megabytes) ? filled(path, names) : locked(path, names);
}

function mountAt(path: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // Not root, or in a container that may not.
    if (error instanceof Error && ('status' in error || 'code' in error)) return false;
    throw error;
  }
}

function filled(path: string, names: () => string[]): FullDisk {
  const filler = join(path, 'filler');
  return {
    path,
    says: 'the disk is full',
    fill: () => {
      const file = openSync(filler, 'a', 0o600);
      // The last bytes are taken one by one.
      for (const size of [65_536, 4_096, 1]) while (isWritten(file, size));
      closeSync(file);
    },
    lock: () => {
      execFileSync('mount', ['-o', 'remount,ro', path]);
      return 'the file system is read-only';
    },
    free: () => {
      execFileSync('mount', ['-o', 'remount,rw', path]);
      rmSync(filler, { force: true });
    },
    names,
    remove: () => {
      // Lazily: a program of a test that failed may sit in it.
      execFileSync('umount', ['--lazy', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function isWritten(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size, 1)) === size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

/** Root writes everywhere, but root may mount nearly everywhere, too. */
function locked(path: string, names: () => string[]): FullDisk {
  const allow = (mode: number): void => {
    const folders = [
      '',
      ...readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((each) => each.isDirectory())
        .map((each) => join(each.parentPath, each.name)),
    ];
    for (const folder of folders) chmodSync(folder === '' ? path : folder, mode);
  };
  return {
    path,
    says: 'the server may not write there',
    fill: () => allow(0o500),
    lock: () => {
      allow(0o500);
      return 'the server may not write there';
    },
    free: () => allow(0o700),
    names,
    remove: () => {
      allow(0o700);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
