/** A folder of jobs of its own with local launchers over it, whose supervisors run from the TypeScript source. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JobHandle, JobSpec } from '../../src/launchers/port/launcher.js';
import { LocalLauncher, type LocalLauncherOptions } from '../../src/launchers/local/local.js';
import { RunFolder } from '../../src/launchers/run-folder/run-folder.js';
import { identifyProcess } from '../../src/launchers/machine/process-identity.js';
import { runnerCommand } from './runner.js';

export const launcherSource = (file: string): string =>
  fileURLToPath(new URL(`../../src/launchers/${file}`, import.meta.url));

export class LocalWorkshop {
  readonly options: LocalLauncherOptions;

  private constructor(readonly directory: string) {
    this.options = { directory, gpus: 2, maxConcurrent: 4, supervisor: { command: runnerCommand() } };
  }

  static async open(directory?: string): Promise<LocalWorkshop> {
    return new LocalWorkshop(directory ?? (await mkdtemp(join(tmpdir(), 'weftline-jobs-'))));
  }

  launcher(changes: Partial<LocalLauncherOptions> = {}): LocalLauncher {
    return new LocalLauncher({ ...this.options, ...changes });
  }

  runOf(handle: JobHandle): RunFolder {
    return new RunFolder(join(this.directory, handle.id));
  }

  async pidsOf(handle: JobHandle): Promise<{ supervisor: number; program: number }> {
    const claim = await this.runOf(handle).readClaim();
    const program = await this.runOf(handle).readProgram();
    if (claim?.owner == null || program === null) throw new Error('The job does not run.');
    return { supervisor: claim.owner.pid, program: program.identity.pid };
  }

  async close(): Promise<void> {
    // A supervisor that ends may still be writing its last lines: the folder goes once it is done.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 100, retryDelay: 20 });
  }
}

export const withGpus = (gpus: number): Pick<JobSpec, 'resources'> => ({
  resources: { gpus, cpus: null, memoryBytes: null },
});

/** Waits until no process, or only a zombie, has this pid. */
export async function untilGone(pid: number): Promise<void> {
  while ((await identifyProcess(pid)) !== null) await delay(20);
}
