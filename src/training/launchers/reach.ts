/** What every launcher with a folder of runs shares: how it speaks of what keeps it from telling, and how it finds a run. */
import { join } from 'node:path';
import { WeftlineError } from '../../errors.js';
import { isAttemptName } from './attempt-name.js';
import { messageOf } from './errno.js';
import { LauncherUnreachable } from './launcher.js';
import { RunFolder } from './local-run.js';

/** Does it; whatever goes wrong is `LauncherUnreachable`, for nothing is known of any job then. Refusals stay what they are. */
export async function reachLauncher<T>(launcher: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof WeftlineError || error instanceof LauncherUnreachable) throw error;
    throw new LauncherUnreachable(`The launcher "${launcher}" could not be reached: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The folder of an attempt. Names come from the database and become a path: a RangeError for all but those of `attemptName`. */
export function runNamed(attempt: string, { launcher, directory }: { launcher: string; directory: string }): RunFolder {
  if (!isAttemptName(attempt)) throw new RangeError(`"${attempt}" is not an attempt of the launcher "${launcher}".`);
  return new RunFolder(join(directory, attempt));
}
