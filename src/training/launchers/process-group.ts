/**
 * What can be done to and learnt about all processes of a program. Linux tells through /proc; elsewhere the signals
 * work the same and the measures are null. Synchronous reads: only the supervisor calls these, and it has no one to keep
 * waiting.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { hasErrno } from './errno.js';
import { statFields } from './process-identity.js';

/** USER_HZ: the unit of times in /proc, fixed at 100 by the kernel's interface on every platform Node runs on. */
const TICKS_PER_SECOND = 100;
/** A look at every process of the machine costs a few milliseconds: not at each sample. */
const MEMBERS_EVERY_MS = 1000;

/** Sends the signal to the whole group; false when nobody is left in it. */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // EPERM: macOS says so when only zombies are left.
    if (hasErrno(error, 'ESRCH', 'EPERM')) return false;
    throw error;
  }
}

/**
 * Kills what is left of a program after it ended: its group, and on Linux also those that left the group for a session of
 * their own. These are known by a variable of their environment ("NAME=value") that no other process carries.
 */
export function killLeftovers(group: number, mark: string): void {
  signalGroup(group, 'SIGKILL');
  for (const pid of allPids()) {
    if (!readProc(pid, 'environ').split('\0').includes(mark)) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!hasErrno(error, 'ESRCH', 'EPERM')) throw error;
    }
  }
}

/** Processor time of all children this process has reaped, with theirs, in seconds; null where it cannot be told. */
export function reapedCpuSeconds(): number | null {
  if (process.platform !== 'linux') return null;
  const fields = statFields(readProc(process.pid, 'stat'));
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}

/** Watches the memory of a group: call `sample` every now and then. */
export class GroupMemory {
  private members: number[];
  private membersAt = performance.now();
  private peak: number | null = null;

  constructor(private readonly group: number) {
    this.members = [group];
  }

  /**
   * The most memory seen, in bytes: the peak of any one process as the kernel keeps it, or the sum of all at one sample,
   * whichever is greater. Null when nothing could be read.
   */
  get peakBytes(): number | null {
    return this.peak;
  }

  sample(): void {
    if (performance.now() - this.membersAt > MEMBERS_EVERY_MS) {
      this.members = allPids().filter((pid) => statFields(readProc(pid, 'stat'))[2] === String(this.group));
      this.membersAt = performance.now();
    }
    const statuses = this.members.map((pid) => readProc(pid, 'status'));
    const together = statuses.reduce((sum, status) => sum + readBytes(status, 'VmRSS'), 0);
    const seen = Math.max(together, ...statuses.map((status) => readBytes(status, 'VmHWM')));
    if (seen > 0) this.peak = Math.max(this.peak ?? 0, seen);
  }
}

function allPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** "" for a process that is gone or that is not ours to look into. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return '';
    throw error;
  }
}

function readBytes(status: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kilobytes === undefined ? 0 : Number(kilobytes) * 1024;
}
