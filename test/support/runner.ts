import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'vitest';

const SUPERVISOR = join(import.meta.dirname, '../../src/launchers/supervisor.ts');

declare module 'vitest' {
  interface ProvidedContext {
    runner: string;
  }
}

/** Makes one file of the supervisor's source, once for the run: hundreds are started, and a loader would cost each a second. */
export async function bundleRunner(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `supervisor-${process.pid}.mjs`);
  await build({
    entryPoints: [SUPERVISOR],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  return outfile;
}

/** How a supervisor, or the runner of an engine, is started in tests: from the source as it now is. */
export function runnerCommand(): string[] {
  return [process.execPath, inject('runner')];
}
