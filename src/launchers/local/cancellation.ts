import { legible } from '../files/damaged-file.js';
import { createJson, writeJson } from '../files/json-file.js';
import type { RunFolder } from '../run-folder/run-folder.js';
import { CANCELLED, NEVER_STARTED, STOPPED_NOTE } from '../runner/outcome.js';
import { LogWriter } from '../logs/log-writer.js';
import { signalGroup } from '../machine/process-group.js';
import { isAlive } from '../machine/process-identity.js';

/**
 * Ends a run that nobody has claimed, for which there must be a wish to stop; false when somebody has. The claim decides
 * between this and a supervisor that is just starting; should we die after it, the wish beside it tells the same.
 */
export async function withdraw(run: RunFolder): Promise<boolean> {
  if (!(await createJson(run.claim, { owner: null }))) return false;
  const log = new LogWriter(run.log, 0);
  log.note(STOPPED_NOTE);
  log.close();
  await writeJson(run.exit, { ...NEVER_STARTED, endedAt: new Date(), ...CANCELLED });
  return true;
}

/** A program whose supervisor died cannot become a model any more, and nobody would count its grace. */
export async function killUnsupervised(run: RunFolder): Promise<void> {
  const owner = (await legible(run.readClaim()))?.owner ?? null;
  const program = await legible(run.readProgram());
  // Without an owner that can be read, its program alone is known: nobody is left who would give it time.
  if (program === null || (owner !== null && (await isAlive(owner)))) return;
  if (await isAlive(program.identity)) signalGroup(program.identity.pid, 'SIGKILL');
}
