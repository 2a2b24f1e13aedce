/**
 * What Linux tells of processes through /proc; elsewhere there is nothing. Synchronous reads: only the supervisor calls
 * these, and it has no one to keep waiting.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { hasErrno } from './errno.js';
import { statFields } from './process-identity.js';

export interface ProcessStat {
  pid: number;
  parent: number;
  group: number;
  /** Tells it from a later process with its pid. */
  start: string;
}

export function allPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

/** All processes of the machine, or of the container. */
export function allProcesses(): ProcessStat[] {
  return allPids().flatMap((pid) => {
    const [, parent, group, ...more] = statFields(readProc(pid, 'stat'));
    const start = more[16];
    return start === undefined ? [] : [{ pid, parent: Number(parent), group: Number(group), start }];
  });
}

/** Whether the environment it was started with holds the variable, given as "NAME=value". */
export function carries(pid: number, variable: string): boolean {
  return readProc(pid, 'environ').split('\0').includes(variable);
}

/** Whether the living process is in the group, which only root can leave. */
export function isInGroup(pid: number, group: number): boolean {
  const status = readProc(pid, 'status');
  const groups = /^Groups:\s*(.*)$/m.exec(status)?.[1]?.trim().split(' ') ?? [];
  return groups.includes(String(group)) && !/^State:\s*[ZX]/m.test(status);
}

/** A number of kilobytes in `status` and its like, in bytes; null when there is no such field. */
export function bytesIn(text: string, field: string): number | null {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** "" for a process that is gone or that is not ours to look into, and for a file the kernel does not have. */
export function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return '';
    throw error;
  }
}
