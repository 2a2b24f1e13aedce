/**
 * Folders, with those above them. Not by Node's `recursive`: it looks for ever, and cannot be stopped, where the folder above is
 * there and yet takes none, as below /proc.
 */
import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoName } from './disk-fault.js';

export interface FolderMode {
  /** Of each that is made; open to its owner alone, when not given. */
  mode?: number;
}

/** Makes the folder, and those above it, unless it is there. Throws the system's error for what keeps it from that. */
export async function makeFolder(path: string, { mode = 0o700 }: FolderMode = {}): Promise<void> {
  try {
    await makeUnlessThere(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (errnoName(error) !== 'ENOENT' || above === path) throw error;
    await makeFolder(above, { mode });
    await makeUnlessThere(path, mode);
  }
}

/** As `makeFolder`, in one step. */
export function makeFolderSync(path: string, { mode = 0o700 }: FolderMode = {}): void {
  try {
    makeUnlessThereSync(path, mode);
  } catch (error) {
    const above = dirname(path);
    if (errnoName(error) !== 'ENOENT' || above === path) throw error;
    makeFolderSync(above, { mode });
    makeUnlessThereSync(path, mode);
  }
}

/** Some file systems say something else than EEXIST of a folder that is there, "read-only" for one. */
async function makeUnlessThere(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const [found] = await Promise.allSettled([stat(path)]);
    if (found.status === 'rejected') throw telling(error, found.reason);
    if (!found.value.isDirectory()) throw error;
  }
}

function makeUnlessThereSync(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolder(path, error)) throw error;
  }
}

function isFolder(path: string, refusal: unknown): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw telling(refusal, error);
  }
}

/** Why it could not be made; of what is there, as a link to a folder that is gone, why nobody can tell what it is. */
function telling(refusal: unknown, looking: unknown): unknown {
  return errnoName(refusal) === 'EEXIST' ? looking : refusal;
}
