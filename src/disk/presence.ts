import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { errnoName } from './disk-fault.js';

/**
 * Whether there is a file or folder of that name. Throws the system's error where nobody can tell, as on a disk that fails or
 * in a folder that is closed: Node's `existsSync` says "no" to that, and what was kept would be taken for never written.
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return canBe(error);
  }
}

/** As `isThere`, without holding up others. */
export async function isThereSoon(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return canBe(error);
  }
}

/** False where no file can be of that name; throws whatever else kept it from being looked at. */
function canBe(error: unknown): false {
  if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errnoName(error) ?? '')) return false;
  throw error;
}
