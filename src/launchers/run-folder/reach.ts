/** What every launcher with a folder of runs shares: how it speaks of what keeps it from telling, and how it finds a run. */
import { join } from 'node:path';
import { causeOf } from '../../disk/disk-fault.js';
import { WatchedFolder } from '../../disk/watched-folder.js';
import { WeftlineError } from '../../errors.js';
import { isAttemptName } from '../port/attempt-name.js';
import { LauncherUnreachable } from '../port/launcher.js';
import { RunFolder } from './run-folder.js';

/** Does it; whatever goes wrong is `LauncherUnreachable`, for nothing is known of any job then. Refusals stay what they are. */
export async function reachLauncher<T>(launcher: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof WeftlineError || error instanceof LauncherUnreachable) throw error;
    throw new LauncherUnreachable(`The launcher "${launcher}" could not be reached: ${causeOf(error)}`, {
      cause: error,
    });
  }
}

/** The folder of an attempt. Names come from the database and become a path: a RangeError for all but those of `attemptName`. */
export function runNamed(attempt: string, { launcher, directory }: { launcher: string; directory: string }): RunFolder {
  if (!isAttemptName(attempt)) throw new RangeError(`"${attempt}" is not an attempt of the launcher "${launcher}".`);
  return new RunFolder(join(directory, attempt));
}

/** The folder the runs of a launcher are in, as one that must take files. */
export function jobFolder(path: string, minFreeBytes: number | undefined): WatchedFolder {
  return new WatchedFolder({ path, name: 'The folder for jobs', minFreeBytes });
}

/** Before anything of an attempt is written. Throws `LauncherUnreachable` while the folder takes no files: the attempt waits. */
export async function refuseFull(folder: WatchedFolder): Promise<void> {
  const full = await folder.whyNot();
  if (full !== null) throw new LauncherUnreachable(full);
}
