import { DamagedFile } from '../files/damaged-file.js';
import type { RunFolder } from './run-folder.js';
import { isSameProcess, type ProcessIdentity } from '../machine/process-identity.js';

/**
 * What somebody has done to the records of a run that this supervisor stands by, for people; null: nothing. A program of
 * the same user can reach them, and one that has changed them could have the job begin twice, or end as it likes.
 */
export async function findTampering(run: RunFolder, owner: ProcessIdentity): Promise<string | null> {
  try {
    const [claim] = [await run.readClaim(), await run.readProgram(), await run.readCancel()];
    // A run whose folder is gone is another matter.
    if (!(await run.exists())) return null;
    if (claim?.owner == null || !isSameProcess(claim.owner, owner))
      return new DamagedFile(run.claim, 'was changed').said;
    const verdict = await run.readVerdict();
    return verdict && new DamagedFile(run.exit, 'was there before the program had ended').said;
  } catch (error) {
    // Whatever else is wrong, such as a file system that stumbles, is no fault of the program.
    return error instanceof DamagedFile ? error.said : null;
  }
}
