/** What can be done to, and learnt about, all processes of a program. Measures are null where there is no /proc. */
import { hasErrno } from './errno.js';
import { allPids, readProc } from './proc.js';
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
 * their own, by what marks them. How many of these there were.
 */
export function killLeftovers(group: number, isMarked: (pid: number) => boolean): number {
  signalGroup(group, 'SIGKILL');
  let killed = 0;
  for (const pid of allPids()) {
    if (!isMarked(pid)) continue;
    killed += 1;
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (!hasErrno(error, 'ESRCH', 'EPERM')) throw error;
    }
  }
  return killed;
}

/** Processor time of all children this process has reaped, with theirs, in seconds; null where it cannot be told. */
export function reapedCpuSeconds(): number | null {
  if (process.platform !== 'linux') return null;
  const fields = statFields(readProc(process.pid, 'stat'));
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
