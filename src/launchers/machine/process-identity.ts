/**
 * Which process is meant, for longer than its pid lasts. A pid is used again sooner or later, also by somebody else's
 * process, so a job is recognised by pid, start time and boot of the machine together, and nothing else is signalled.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { hasErrno } from './errno.js';

export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** Clock ticks since boot on Linux; what `ps` prints as the start time elsewhere. */
  start: z.string(),
  /** Tells one boot of the machine from the next; "" where the start time is a date and tells by itself. */
  boot: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** The identity of a living process; null when there is none with this pid, or only a zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
  return process.platform === 'linux' ? await identifyByProc(pid) : await identifyByPs(pid);
}

/** Whether this very process still lives. A zombie does not: nothing of it can run again. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identifyProcess(identity.pid);
  return now !== null && isSameProcess(now, identity);
}

export function isSameProcess(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.start === other.start && one.boot === other.boot;
}

/**
 * The fields of /proc/PID/stat from the third on: [0] state, [1] parent, [2] group, [11] to [14] times, [19] start.
 * The second, the program's name, may hold spaces and parentheses, hence the search for the last one.
 */
export function statFields(stat: string): string[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ');
}

async function identifyByProc(pid: number): Promise<ProcessIdentity | null> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    // ESRCH: it ended between open and read.
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
  const fields = statFields(stat);
  const start = fields[19];
  if (start === undefined || isDead(fields[0])) return null;
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  return { pid, start, boot: boot.trim() };
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | null> {
  try {
    const answer = await promisify(execFile)('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)]);
    const [state, ...start] = answer.stdout.trim().split(/\s+/);
    return isDead(state?.[0]) ? null : { pid, start: start.join(' '), boot: '' };
  } catch (error) {
    // `ps` ends with 1 when there is no such process; any other failure says nothing about it.
    if (error instanceof Error && 'code' in error && error.code === 1) return null;
    throw error;
  }
}

function isDead(state: string | undefined): boolean {
  return state === undefined || state === 'Z' || state === 'X';
}
