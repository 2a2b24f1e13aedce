import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';

/**
 * The CPUs of this machine that this process may use, by index, no more than asked for. In a container, or under a
 * cpuset, these are neither all nor the first. Where only their number is known, the first are meant.
 */
export function usableCpus(most: number = availableParallelism()): number[] {
  const cpus = allowedCpus() ?? Array.from({ length: availableParallelism() }, (_, index) => index);
  return cpus.slice(0, most);
}

/** The memory of this machine, or of the container, whichever is less, in bytes; no more than asked for. */
export function usableMemory(most = Infinity): number {
  // 0, or more than there is, where nothing constrains it.
  const constrained = process.constrainedMemory();
  return Math.min(most, totalmem(), constrained > 0 ? constrained : Infinity);
}

/** The CPUs the main thread of this process may use now; null where the system does not tell. */
export function allowedCpus(): number[] | null {
  if (process.platform !== 'linux') return null;
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return list === undefined ? null : readList(list);
}

/** "0-3,8" as the kernel writes it. */
function readList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
