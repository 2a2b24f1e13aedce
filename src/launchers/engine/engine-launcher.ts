/**
 * Makes a launcher of an engine that runs jobs on other machines. The folder of a run lies on a file system both sides
 * share; the engine starts the runner there (../supervisor.ts), which starts the program, keeps its limits, and writes
 * log, reports and exit record into the folder. So they are the same on every engine, and outlive what the engine remembers.
 */
import { access, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../../disk/make-folder.js';
import type { WatchedFolder } from '../../disk/watched-folder.js';
import type { Patience } from '../run-folder/abandonment.js';
import { attemptName, isAttemptName } from '../port/attempt-name.js';
import type { Engine, TaskRef } from './engine.js';
import { orderForEngine, refuseForEngine } from './engine-order.js';
import { EngineWatch } from './engine-watch.js';
import { DamagedFile, legible } from '../files/damaged-file.js';
import { withLock } from '../files/file-lock.js';
import type {
  AttemptKey,
  EnergyReading,
  JobHandle,
  JobObservation,
  JobSpec,
  Launcher,
  LauncherCapabilities,
  LauncherSecret,
  ListedAttempt,
  LogPage,
  ProgramEventPage,
  Submitted,
} from '../port/launcher.js';
import { isOver, spoilt } from '../run-folder/run-observation.js';
import { placeOrder } from '../run-folder/run-order.js';
import { RunFolder } from '../run-folder/run-folder.js';
import { readLogPage } from '../logs/log-reader.js';
import { readProgramEvents } from '../run-folder/program-events.js';
import { jobFolder, reachLauncher, refuseFull, runNamed } from '../run-folder/reach.js';
import { type SecretFiles, secretsNamed, type SecretTeams } from '../files/secret-files.js';

export interface EngineLauncherOptions extends Patience {
  name: string;
  /** Where the folders of the jobs are: the same absolute path here and on the machines of the engine. */
  directory: string;
  /** How the runner is started on a machine of the engine; it gets the folder of the run as its last argument. */
  runner: readonly string[];
  engine: Engine;
  /** Room on the disk of the folder that is to stay free, in bytes; none, when left out. */
  minFreeBytes?: number | undefined;
  /** Read by the runner on the machine of the engine; none, when left out. */
  secretFiles?: SecretFiles;
  /** Names of secrets the engine itself puts into the environment of the runner; none, when left out. */
  engineSecrets?: readonly string[];
  /** Everyone who may launch may use each, when left out. */
  secretTeams?: SecretTeams;
}

export class EngineLauncher implements Launcher {
  readonly kind: Engine['kind'];
  readonly name: string;
  readonly secrets: readonly LauncherSecret[];
  private readonly directory: string;
  private readonly folder: WatchedFolder;
  private readonly engine: Engine;
  private readonly watch: EngineWatch;

  constructor(private readonly options: EngineLauncherOptions) {
    this.name = options.name;
    this.engine = options.engine;
    this.kind = options.engine.kind;
    this.directory = resolve(options.directory);
    this.folder = jobFolder(this.directory, options.minFreeBytes);
    this.watch = new EngineWatch(options.engine, options);
    const names = [...Object.keys(options.secretFiles ?? {}), ...(options.engineSecrets ?? [])];
    this.secrets = secretsNamed(names, options.secretTeams ?? {});
  }

  async capabilities(): Promise<LauncherCapabilities> {
    const full = await this.folder.whyNot();
    return full === null ? await this.engine.probe() : { available: false, message: full, gpus: null };
  }

  async submit(spec: JobSpec, key: AttemptKey): Promise<Submitted> {
    const name = attemptName(key);
    const run = new RunFolder(join(this.directory, name));
    return await this.reach(async () => {
      await makeFolder(this.directory);
      const refusal = (await run.exists()) ? null : refuseForEngine(spec, this.options);
      if (refusal !== null) return { outcome: 'rejected', ...refusal };
      await refuseFull(this.folder);
      await placeOrder(run, orderForEngine(spec, key, this.options));
      // Where names are not unique at the engine, only asking and submitting in one step makes them so.
      return await withLock(join(this.directory, `.${name}.lock`), async () => await this.handOver(run, name, spec));
    });
  }

  async find(key: AttemptKey): Promise<JobHandle | null> {
    const attempt = attemptName(key);
    return await this.reach(async () => {
      const id = await this.engine.find(attempt);
      return id === null ? null : this.handleOf(id, attempt);
    });
  }

  async observe(handle: JobHandle): Promise<JobObservation> {
    return await this.reachRun(handle, async (run, task) => {
      try {
        return await this.watch.observe(run, task);
      } catch (error) {
        if (!(error instanceof DamagedFile)) throw error;
        // Nobody believes what it leaves: it is stopped, and others get its place.
        await this.engine.stop(task, { graceSeconds: 0 });
        return spoilt(error);
      }
    });
  }

  async cancel(handle: JobHandle, options: { graceSeconds: number }): Promise<'REQUESTED' | 'ALREADY_DONE'> {
    return await this.reachRun(handle, async (run, task) => {
      try {
        return await this.watch.cancel(run, task, options);
      } catch (error) {
        // The next look says so, and stops it.
        if (error instanceof DamagedFile) return 'ALREADY_DONE';
        throw error;
      }
    });
  }

  async logs(handle: JobHandle, options: { after?: string; limit: number }): Promise<LogPage> {
    return await this.reachRun(handle, async (run) => {
      return await readLogPage(run.log, { ...options, final: await this.isFinal(run, handle) });
    });
  }

  async events(handle: JobHandle, options: { after?: string; limit: number }): Promise<ProgramEventPage> {
    return await this.reachRun(handle, async (run) => {
      return await readProgramEvents(run.events, { ...options, final: await this.isFinal(run, handle) });
    });
  }

  async list(): Promise<ListedAttempt[]> {
    return await this.reach(async () => (await this.engine.list()).filter(({ name }) => isAttemptName(name)));
  }

  async accountedEnergy(handle: JobHandle, ranSeconds: number | null): Promise<EnergyReading | null> {
    return await this.reachRun(
      handle,
      async (_, task) => (await this.engine.accountedEnergy?.(task, ranSeconds)) ?? null,
    );
  }

  private async handOver(run: RunFolder, attempt: string, spec: JobSpec): Promise<Submitted> {
    const submitted = await this.engine.submit({
      name: attempt,
      command: [...this.options.runner, run.path],
      environment: { WEFTLINE_RUN: run.path },
      folder: run.path,
      spec,
    });
    if (submitted.outcome === 'accepted') {
      return { outcome: 'accepted', handle: this.handleOf(submitted.id, attempt), adopted: submitted.adopted };
    }
    await rm(run.path, { recursive: true, force: true });
    return submitted;
  }

  private async isFinal(run: RunFolder, handle: JobHandle): Promise<boolean> {
    return (await legible(run.readVerdict())) !== null || isOver(await this.observe(handle));
  }

  private handleOf(id: string, attempt: string): JobHandle {
    return { launcher: this.name, id, attempt };
  }

  private async reachRun<T>(handle: JobHandle, action: (run: RunFolder, task: TaskRef) => Promise<T>): Promise<T> {
    const name = handle.attempt ?? handle.id;
    const run = runNamed(name, { launcher: this.name, directory: this.directory });
    return await this.reach(async () => {
      // Without this, a disk that is not mounted would look like jobs that are gone.
      await access(this.directory);
      return await action(run, { id: handle.id, name });
    });
  }

  private async reach<T>(action: () => Promise<T>): Promise<T> {
    return await reachLauncher(this.name, action);
  }
}
