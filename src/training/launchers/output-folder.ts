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
  for await (const { path, entry } of walk(folder)) {
    if (entry.isSymbolicLink()) foreign.push({ path, kind: 'a symbolic link' });
    else if (!entry.isFile()) foreign.push({ path, kind: 'not a regular file' });
    else files.push({ path, bytes: (await lstat(join(folder, path))).size });
  }
  files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return { files, foreign };
}

/** Bytes of all files below the folder, read while a program is writing there: what vanishes meanwhile counts nothing. */
export async function measureOutput(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { path } of walk(folder)) {
    try {
      bytes += (await lstat(join(folder, path))).size;
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR')) throw error;
    }
  }
  return bytes;
}

/** Everything below the folder that is not itself a folder. A folder that is gone, or became something else, is empty. */
async function* walk(folder: string): AsyncGenerator<{ path: string; entry: Dirent }> {
  const open = [''];
  for (let relative = open.pop(); relative !== undefined; relative = open.pop()) {
    for (const entry of await readEntries(join(folder, relative))) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) open.push(path);
      else yield { path, entry };
    }
  }
}

async function readEntries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
