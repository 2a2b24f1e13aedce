import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

const RESULTS = join(import.meta.dirname, 'results');

/** Keeps what a bench measured as results/<name>-<date>.json, with the machine it was measured on; answers the file. */
export function saveResults(name: string, measured: object): string {
  const at = new Date().toISOString();
  const machine = {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    // Of the last minute: above the number of CPUs, others wanted them too.
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${name}-${at.slice(0, 10)}.json`);
  writeFileSync(file, `${JSON.stringify({ at, node: process.version, machine, ...measured }, null, 2)}\n`);
  return file;
}

/** A table on stdout: the first column to the left, numbers to the right. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(46) : cell.padStart(12))).join('');
  process.stdout.write(`${rows.map(line).join('\n')}\n`);
}
