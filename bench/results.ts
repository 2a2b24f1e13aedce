import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

const RESULTS = join(import.meta.dirname, 'results');

/** What it was measured on. */
function machineNow() {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Of the last minute: above the number of CPUs, others wanted them too.
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

/** The machine in a sentence. */
export function describeMachine(): string {
  const { cpus: count, cpu, memoryGiB, load } = machineNow();
  const at = new Date().toISOString().slice(0, 10);
  return `${at}, Node ${process.version}, ${count} cores of ${cpu}, ${memoryGiB} GiB; load at the end ${load}.`;
}

/** Keeps what a bench measured as results/<name>-<date>.json, with the machine it was measured on; answers the file. */
export function saveResults(name: string, measured: object): string {
  const facts = { at: new Date().toISOString(), node: process.version, machine: machineNow() };
  return saveFile(name, 'json', `${JSON.stringify({ ...facts, ...measured }, null, 2)}\n`);
}

/** Keeps a text as results/<name>-<date>.<extension>; answers the file. */
export function saveFile(name: string, extension: string, text: string): string {
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}-${new Date().toISOString().slice(0, 10)}.${extension}`);
  writeFileSync(file, text);
  return file;
}

/** A table on stdout: the first column to the left, numbers to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(46) : cell.padStart(12))).join('');
  process.stdout.write(`${rows.map(line).join('\n')}\n`);
}
