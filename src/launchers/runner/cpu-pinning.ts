/**
 * Starts programs on CPUs of their own. Node cannot pin, and a program that is pinned after its start has counted the CPUs
 * by then. Put before the program, `taskset` would hide why a program cannot be started. So the thread that starts it is
 * pinned for that moment: a child inherits where its parent may run, and what is started is the program itself.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../machine/errno.js';
import { cleanEnvironment } from '../run-folder/environment.js';
import { allowedCpus } from '../machine/machine.js';

/** Starts it on these CPUs, or wherever it may run when there are none or pinning fails: `tell` hears why. */
export async function startOn<T>(
  cpus: readonly number[],
  start: () => Promise<T>,
  tell: (why: string) => void,
): Promise<T> {
  if (cpus.length === 0) return await start();
  const before = allowedCpus();
  const problem = before === null ? ONLY_LINUX : await tryToPin(cpus);
  if (problem !== null) tell(`The program is not pinned to its CPUs. ${problem}`);
  try {
    return await start();
  } finally {
    const left = problem === null && before !== null ? await tryToPin(before) : null;
    if (left !== null) tell(`The supervisor stays pinned to the CPUs of its program. ${left}`);
  }
}

/** Why programs cannot be pinned on this machine; null when they can. */
export async function whyNotPinned(): Promise<string | null> {
  return allowedCpus() === null ? ONLY_LINUX : await taskset(String(process.pid));
}

const ONLY_LINUX = 'Only on Linux can that be done.';

async function tryToPin(cpus: readonly number[]): Promise<string | null> {
  const problem = await taskset(cpus.join(','), String(process.pid));
  if (problem !== null) return problem;
  // The kernel passes over CPUs that were taken away meanwhile.
  const now = allowedCpus() ?? [];
  return now.join() === cpus.join() ? null : `Of the CPUs ${cpus.join(', ')} there are: ${now.join(', ') || 'none'}.`;
}

/** With a list, pins the main thread of a process; without, only looks. What went wrong, or null. */
async function taskset(...args: string[]): Promise<string | null> {
  try {
    await promisify(execFile)('taskset', ['-c', '-p', ...args], { env: cleanEnvironment() });
    return null;
  } catch (error) {
    return `The command taskset (util-linux) has to be on the PATH, and to work: ${messageOf(error).trim().replaceAll('\n', ' ')}.`;
  }
}
