import { appendFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

const ROOT = join(import.meta.dirname, '../..');
const SLOWEST = 10;

/** Tests that need what a bare machine lacks, and the command that runs them. */
const APART = [
  { folder: 'test/engines', needs: 'Slurm and Ray', command: 'npm run test:engines' },
  { folder: 'test/producers', needs: 'producers of lineage from PyPI and Maven', command: 'npm run test:producers' },
  { folder: 'test/lines', needs: 'the Java of both lines of Neo4j', command: 'npm run test:neo4j' },
  { folder: 'test/browser', needs: 'Chromium', command: 'npm run test:browser' },
];

/** Says at the end of a run which files took longest, and what it did not run: nobody should take a part for the whole. */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    keepErrors(errors);
    const files = modules.map((module) => ({ name: relative(ROOT, module.moduleId), ...module.diagnostic() }));
    if (files.length < SLOWEST) return;
    const slowest = files.toSorted((one, other) => other.duration - one.duration).slice(0, SLOWEST);
    const lines = slowest.map(({ name, duration }) => `  ${(duration / 1000).toFixed(1).padStart(6)} s  ${name}`);
    process.stdout.write(`\nThe slowest files\n${lines.join('\n')}\n`);
    const left = APART.filter(({ folder }) => !files.some(({ name }) => name.startsWith(folder)));
    const apart = left.map(
      ({ folder, needs, command }) => `  ${folder} (${count(folder)} files, on ${needs}): ${command}`,
    );
    if (apart.length > 0) process.stdout.write(`\nNot run\n${apart.join('\n')}\n\n`);
  }
}

/** A worker that died, or an error that no test waited for, is in no report of tests: kept for whoever named a file for it. */
function keepErrors(errors: readonly SerializedError[]): void {
  const file = process.env['WEFTLINE_TEST_ERRORS'];
  if (file === undefined) return;
  for (const { name, message } of errors) appendFileSync(file, `outside of tests: ${name}: ${message}\n`);
}

const count = (folder: string): number =>
  readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.ts')).length;
