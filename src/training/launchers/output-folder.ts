import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno } from './errno.js';

export interface OutputFile {
  /** Relative to the folder, with "/" between its parts. */
  path: string;
  bytes: number;
}

/** Something in an output folder that can be no part of a model. */
export interface ForeignEntry {
  path: string;
  kind: 'a symbolic link' | 'not a regular file';
}

/** All files below the folder sorted by path (by bytes, as `LC_ALL=C sort` does); links are listed, never followed. */
export async function listOutput(folder: string): Promise<{ files: OutputFile[]; foreign: ForeignEntry[] }> {
  const files: OutputFile[] = [];
  const foreign: ForeignEntry[] = [];
  for await (const { path, entry } of walk(folder, [])) {
    if (entry.isSymbolicLink()) foreign.push({ path, kind: 'a symbolic link' });
    else if (!entry.isFile()) foreign.push({ path, kind: 'not a regular file' });
    else files.push({ path, bytes: (await lstat(join(folder, path))).size });
  }
  files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return { files, foreign };
}

/** What a program may do to a part of its output while it is being measured: remove it, replace it, lock us out of it. */
const UNCOUNTED = ['ENOENT', 'ENOTDIR', 'EACCES'];

/** Bytes of all files below the folder while a program is writing there; what cannot be looked at counts nothing. */
export async function measureOutput(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { path } of walk(folder, UNCOUNTED)) {
    try {
      bytes += (await lstat(join(folder, path))).size;
    } catch (error) {
      if (!hasErrno(error, ...UNCOUNTED)) throw error;
    }
  }
  return bytes;
}

/** Everything below the folder that is not itself a folder. A folder that cannot be read for a tolerated reason is empty. */
async function* walk(folder: string, tolerated: readonly string[]): AsyncGenerator<{ path: string; entry: Dirent }> {
  const open = [''];
  for (let relative = open.pop(); relative !== undefined; relative = open.pop()) {
    for (const entry of await readEntries(join(folder, relative), tolerated)) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else yield { path, entry };
    }
  }
}

async function readEntries(folder: string, tolerated: readonly string[]): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasErrno(error, ...tolerated)) return [];
    throw error;
  }
}
