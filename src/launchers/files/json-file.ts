/**
 * Small records several processes share through the file system. No reader ever meets a half-written one. Where programs
 * run as the user of the server they may change them: so a reader believes in neither their kind, their size nor their
 * depth.
 */
import { rename } from 'node:fs/promises';
import type { z } from 'zod';
import { createFile, replaceFile } from '../../disk/whole-file.js';
import { isDeeper } from '../../json/limits.js';
import { DamagedFile } from './damaged-file.js';
import { hasErrno, messageOf } from '../machine/errno.js';
import { openToOverwrite, putAside, readPlain } from './plain-file.js';

/** All that a verdict may hold, metrics, facts and failure, is less than half of it. */
const MOST_BYTES = 512 * 1024;
/** What a program may nest is JSON_LIMITS.maxDepth; the record is around it. */
const MOST_DEPTH = 64;
const SHOWN_FAULT = 300;

/** Puts the value in the place of whatever is there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  try {
    await replaceFile(path, text);
  } catch (error) {
    // A folder cannot be replaced by a file.
    if (!hasErrno(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw error;
    await putAside(path);
    await replaceFile(path, text);
  }
}

/**
 * Writes the value, and spaces, over a file kept for it, and gives that file its name: a disk that takes no other file takes
 * this, which needs no room and gives none to others. false when what was kept is gone, is no file any more, or too small.
 */
export async function writeJsonInto(kept: string, path: string, value: unknown): Promise<boolean> {
  const text = Buffer.from(JSON.stringify(value));
  const file = await openToOverwrite(kept);
  if (file === null) return false;
  try {
    const { size } = await file.stat();
    if (size < text.length || size > MOST_BYTES) return false;
    const bytes = Buffer.alloc(size, ' ');
    text.copy(bytes);
    for (let done = 0; done < size;) done += (await file.write(bytes, done, size - done, done)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(kept, path);
  return true;
}

/** Creates the file with the value; false, and nothing touched, when it is already there. */
export async function createJson(path: string, value: unknown): Promise<boolean> {
  return await createFile(path, JSON.stringify(value));
}

/** How much of a record is read; more only of those that no program could have written. */
export interface RecordLimits {
  bytes?: number;
  depth?: number;
}

/** The value of the file, null when there is none. Throws `DamagedFile` when it is not what the schema asks. */
export async function readJson<T>(path: string, schema: z.ZodType<T>, limits: RecordLimits = {}): Promise<T | null> {
  const bytes = await readPlain(path, limits.bytes ?? MOST_BYTES);
  if (bytes === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new DamagedFile(path, `is not JSON (${messageOf(error).slice(0, SHOWN_FAULT)})`, { cause: error });
  }
  if (isDeeper(value, limits.depth ?? MOST_DEPTH)) throw new DamagedFile(path, 'nests too deep');
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new DamagedFile(path, `does not say what such a file says (${faultOf(error)})`, { cause: error });
}

function faultOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`.slice(0, SHOWN_FAULT).toWellFormed();
}
