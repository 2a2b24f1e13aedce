import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Linux counts CPU time in; the same on every machine of today. */
const TICKS_A_SECOND = 100;

/** Seconds of CPU that a process has used so far, all its threads together. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** The process of an embedded Neo4j, by its home. */
export function processOfNeo4j(home: string): number {
  const state = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as { process: { pid: number } };
  return state.process.pid;
}
