import { legible } from '../files/damaged-file.js';
import type { RunFolder } from './run-folder.js';
import { isAlive } from '../machine/process-identity.js';

/**
 * Whether the supervisor of a run, or its program, lives, as far as its records can be read. A program that outlived its
 * supervisor still uses what it was given.
 */
export async function isAtWork(run: RunFolder): Promise<boolean> {
  const owner = (await legible(run.readClaim()))?.owner ?? null;
  if (owner !== null && (await isAlive(owner))) return true;
  const program = await legible(run.readProgram());
  return program !== null && (await isAlive(program.identity));
}
