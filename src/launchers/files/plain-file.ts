/**
 * Opens files that a program may have put something else in the place of. No link is followed, no pipe waited for, no
 * device opened, and a file is read no further than it may be long, whatever becomes of it meanwhile.
 */
import type { Stats } from 'node:fs';
import { constants, type FileHandle, lstat, open, rename } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { DamagedFile } from './damaged-file.js';
import { hasErrno, messageOf } from '../machine/errno.js';

/** Only a regular file, to read; null when there is none of that name. Throws `DamagedFile` for anything else that is there. */
export async function openPlain(path: string): Promise<{ file: FileHandle; stat: Stats } | null> {
  try {
    refuseOther(path, await lstat(path));
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      refuseOther(path, stat);
      return { file, stat };
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw damaged(path, error);
  }
}

/** A file to write at the end of, made when it is not there. What is no regular file is put aside. */
export async function openToAppend(path: string): Promise<FileHandle> {
  const found = await lstat(path).catch((error: unknown) => {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  });
  if (found !== null && !found.isFile()) await putAside(path);
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  return await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
}

/** A regular file of one name, to write over what is in it; null when there is none, or something else. */
export async function openToOverwrite(path: string): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isFile() && stat.nlink === 1) return file;
    await file.close();
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES', 'EPERM')) throw error;
  }
  return null;
}

/** The whole of a regular file; null when there is none. Throws `DamagedFile` for what is none, or longer. */
export async function readPlain(path: string, mostBytes: number): Promise<Buffer | null> {
  const opened = await openPlain(path);
  if (opened === null) return null;
  const { file, stat } = opened;
  try {
    if (stat.size > mostBytes) {
      throw new DamagedFile(path, `has ${stat.size} bytes; at most ${mostBytes} are read`);
    }
    const bytes = Buffer.alloc(stat.size);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Makes room under a name that something was put at which cannot be replaced, such as a folder. It stays, for people. */
export async function putAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.refused-${randomBytes(6).toString('hex')}`);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}

function refuseOther(path: string, stat: Stats): void {
  if (stat.isFile()) return;
  const kind = stat.isSymbolicLink() ? 'a symbolic link' : stat.isDirectory() ? 'a folder' : 'no regular file';
  throw new DamagedFile(path, `is ${kind}`);
}

function damaged(path: string, error: unknown): unknown {
  if (hasErrno(error, 'ELOOP')) return new DamagedFile(path, 'is a symbolic link', { cause: error });
  if (hasErrno(error, 'ENXIO')) return new DamagedFile(path, 'is no regular file', { cause: error });
  if (hasErrno(error, 'EACCES', 'EPERM')) {
    return new DamagedFile(path, `may not be read (${messageOf(error).split(':', 1).join()})`, { cause: error });
  }
  return error;
}
