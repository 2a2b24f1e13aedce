import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { errnoName, machineFault } from '../../disk/disk-fault.js';

/** A process that cannot be confused with a later one that was given the same pid. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in the words of the operating system; only good for comparing. */
  startedAt: string;
}

/**
 * Says who runs under the pid now; null when nobody does, or only a zombie that its parent has not collected. Throws the
 * system's error where it cannot be looked at, as with too many open files: that says nothing about the process.
 */
export function identifyProcess(pid: number): ProcessIdentity | null {
  const startedAt = process.platform === 'linux' ? linuxStartTime(pid) : portableStartTime(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** The process this code runs in. */
export function identifySelf(): ProcessIdentity {
  const self = identifyProcess(process.pid);
  if (self === null) throw new Error(`The operating system does not know this very process, ${process.pid}.`);
  return self;
}

/** Whether the very process that was identified still runs. Throws as `identifyProcess`. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

/** As `isAlive`, and true while the machine lets nobody look: whoever watches looks again, and nothing is done on a guess. */
export function seemsAlive(identity: ProcessIdentity): boolean {
  try {
    return isAlive(identity);
  } catch (error) {
    if (machineFault(error) === null) throw error;
    return true;
  }
}

/** Reads what `JSON.stringify` made of an identity; null for anything else. */
export function parseIdentity(value: unknown): ProcessIdentity | null {
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startedAt' in value)) return null;
  const { pid, startedAt } = value;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0 || typeof startedAt !== 'string') return null;
  return { pid, startedAt };
}

function linuxStartTime(pid: number): string | null {
  try {
    // The name in parentheses may hold anything, so fields are counted from the last one: state is 3, start time is 22.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    if (ticks === undefined || state === 'Z' || state === 'X') return null;
    // Ticks count from boot: without the boot's id, a process of before the reboot could pass for one of today.
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch (error) {
    // ESRCH: it ended between open and read.
    if (['ENOENT', 'ESRCH'].includes(errnoName(error) ?? '')) return null;
    throw error;
  }
}

function portableStartTime(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state, ...startedAt] = line.split(/\s+/);
    return state === undefined || startedAt.length === 0 || state.startsWith('Z') ? null : startedAt.join(' ');
  } catch (error) {
    // ps exits 1 when there is no such process; any other failure says nothing about it.
    if (error instanceof Error && 'status' in error && error.status === 1) return null;
    throw error;
  }
}
