/**
 * Small records several processes share through the file system. No reader ever meets a half-written one: each is
 * written under another name, flushed to the disk, and only then moved (or linked) to its own.
 */
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import type { z } from 'zod';
import { hasErrno } from './errno.js';

/** Puts the value in the place of whatever is there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await rename(await writeBeside(path, value), path);
}

/** Creates the file with the value; false, and nothing touched, when it is already there. */
export async function createJson(path: string, value: unknown): Promise<boolean> {
  const temporary = await writeBeside(path, value);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The value of the file, null when there is none. Throws when it is not what the schema asks. */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`The file ${path} is damaged.`, { cause: error });
  }
}

let sequence = 0;

async function writeBeside(path: string, value: unknown): Promise<string> {
  const temporary = `${path}.${process.pid}-${++sequence}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(value));
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}
