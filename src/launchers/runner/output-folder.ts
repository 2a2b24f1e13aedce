/** What lies in an output folder, whatever a program has put there and whatever it does there meanwhile. */
import type { Dir, Stats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { hasErrno } from '../machine/errno.js';

/** Files and folders together: each is looked at, and kept in memory, and a listing of more is no model any more. */
const MOST_ENTRIES = 100_000;
/** Of a path within the folder. */
const MOST_PATH_BYTES = 2_000;

export interface OutputFile {
  /** Relative to the folder, with "/" between its parts. */
  path: string;
  bytes: number;
  /** Tell it from a file that is put in its place later. */
  device: number;
  inode: number;
}

/** Something in an output folder that can be no part of a model. */
export interface ForeignEntry {
  path: string;
  /** To follow "is": "a symbolic link". */
  kind: string;
}

/** There is more than anybody looks at. */
export class TooMuchOutput extends Error {
  override readonly name = 'TooMuchOutput';
}

/** All files below the folder sorted by path (by bytes, as `LC_ALL=C sort` does); links are listed, never followed. */
export async function listOutput(
  folder: string,
): Promise<{ files: OutputFile[]; folders: string[]; foreign: ForeignEntry[] }> {
  const found = { files: [] as OutputFile[], folders: [] as string[], foreign: [] as ForeignEntry[] };
  const linked = new Links();
  for await (const { raw, stat } of walk(folder, () => false)) {
    const path = raw.toString('utf8');
    const kind = Buffer.from(path).equals(raw) ? foreignKind(stat) : 'named by bytes that are not UTF-8';
    if (kind !== null) found.foreign.push({ path, kind });
    else if (stat.isDirectory()) found.folders.push(path);
    else {
      found.files.push({ path, bytes: stat.size, device: stat.dev, inode: stat.ino });
      linked.note(path, stat);
    }
  }
  found.foreign.push(...linked.fromOutside());
  found.files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return found;
}

/** What a program may do to a part of its output while it is being measured: remove it, replace it, lock us out of it. */
const UNCOUNTED = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ESTALE'];

/**
 * Bytes of all files below the folder while a program is writing there; what cannot be looked at counts nothing. Throws
 * `TooMuchOutput` when there is more than is looked at.
 */
export async function measureOutput(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { stat } of walk(folder, (error) => hasErrno(error, ...UNCOUNTED)))
    bytes += stat.isDirectory() ? 0 : stat.size;
  return bytes;
}

interface Entry {
  /** The path within the folder as the system has it: names are bytes, and need not be text. */
  raw: Buffer;
  stat: Stats;
}

/** Everything below the folder. What cannot be read for a tolerated reason is not there. */
async function* walk(folder: string, tolerates: (error: unknown) => boolean): AsyncGenerator<Entry> {
  const top = await orNull(lstat(folder), tolerates);
  // In its place there may be a link to anywhere.
  const open = top?.isDirectory() === true ? [''] : [];
  let seen = 0;
  for (let above = open.pop(); above !== undefined; above = open.pop()) {
    const within = await orNull(opendir(bytesOf(folder, above), { encoding: 'latin1' as BufferEncoding }), tolerates);
    for await (const name of within === null ? [] : namesIn(within)) {
      const path = above === '' ? name : `${above}/${name}`;
      if (++seen > MOST_ENTRIES) throw new TooMuchOutput(`more than ${MOST_ENTRIES} files and folders`);
      if (path.length > MOST_PATH_BYTES) throw new TooMuchOutput(`a path of more than ${MOST_PATH_BYTES} bytes`);
      const stat = await orNull(lstat(bytesOf(folder, path)), tolerates);
      if (stat === null) continue;
      if (stat.isDirectory()) open.push(path);
      yield { raw: Buffer.from(path, 'latin1'), stat };
    }
  }
}

/** In latin1, where each byte is a character. */
async function* namesIn(folder: Dir): AsyncGenerator<string> {
  for await (const { name } of folder) yield name;
}

function bytesOf(folder: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

function foreignKind(stat: Stats): string | null {
  if (stat.isSymbolicLink()) return 'a symbolic link';
  return stat.isFile() || stat.isDirectory() ? null : 'not a regular file';
}

/** Files that have several names: what has one outside the folder is not the program's alone. */
class Links {
  private readonly names = new Map<string, { path: string; inside: number; all: number }>();

  note(path: string, { dev, ino, nlink }: Stats): void {
    if (nlink === 1) return;
    const key = `${dev}:${ino}`;
    this.names.set(key, { path, inside: (this.names.get(key)?.inside ?? 0) + 1, all: nlink });
  }

  fromOutside(): ForeignEntry[] {
    const outside = [...this.names.values()].filter(({ inside, all }) => inside !== all);
    return outside.map(({ path }) => ({ path, kind: 'a hard link to a file outside of it' }));
  }
}

async function orNull<T>(looking: Promise<T>, tolerates: (error: unknown) => boolean): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (tolerates(error)) return null;
    throw error;
  }
}
