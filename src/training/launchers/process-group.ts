/** What can be done to, and learnt about, all processes of a program. Measures are null where there is no /proc. */
import { hasErrno } from './errno.js';
import { allPids, carries, readProc } from './proc.js';
import { statFields } from './process-identity.js';

/** USER_HZ: the unit of times in /proc, fixed at 100 by the kernel's interface on every platform Node runs on. */
const TICKS_PER_SECOND = 100;

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
    if (!carries(pid, mark)) continue;
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
