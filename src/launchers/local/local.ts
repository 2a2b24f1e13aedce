/**
 * Runs jobs as processes of this machine. Each job has a folder (RunFolder), a place in the queue (LocalQueue) and, once
 * its turn has come, a supervisor, a process of its own that outlives the API; this class only writes orders and wishes,
 * and reads records. The folders must lie on a disk of the
 * machine that runs the jobs: processes of another machine, or of another container, would look dead from here.
 * Under systemd the API needs `KillMode=process`, or stopping it ends the supervisors with it.
 */
import { access, readdir } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WatchedFolder } from '../../disk/watched-folder.js';
import { attemptName, isAttemptName } from '../port/attempt-name.js';
import { whyNotPinned } from '../runner/cpu-pinning.js';
import { writeJson } from '../files/json-file.js';
import type {
  AttemptKey,
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
import { killUnsupervised, withdraw } from './cancellation.js';
import { DamagedFile } from '../files/damaged-file.js';
import { isOver, observeRun, spoilt } from '../run-folder/run-observation.js';
import type { JobUser } from '../machine/job-user.js';
import { usableCpus, usableMemory } from '../machine/machine.js';
import { placeOrder, refuseSpec } from '../run-folder/run-order.js';
import { LocalQueue } from './queue.js';
import { RunFolder, type RunOrder } from '../run-folder/run-folder.js';
import type { Capacity } from '../run-folder/slots.js';
import { Supervision } from './supervision.js';
import { readLogPage } from '../logs/log-reader.js';
import { jobFolder, reachLauncher, refuseFull, runNamed } from '../run-folder/reach.js';
import {
  refuseSecrets,
  type SecretFiles,
  secretFilesOf,
  secretsNamed,
  type SecretTeams,
} from '../files/secret-files.js';
import { readProgramEvents } from '../run-folder/program-events.js';

/** How long it is taken for so that programs can be pinned. */
const PINS_FOR_MS = 60_000;

export interface LocalLauncherOptions {
  /** "local" when left out. */
  name?: string;
  /** Where the folders of the jobs are. */
  directory: string;
  /** GPUs of this machine, given out by index from 0. */
  gpus: number;
  /** CPUs of this machine that may be given out; all that this process may use, when left out. */
  cpus?: number | undefined;
  /** Memory of this machine that jobs may reserve, in bytes; all of it, when left out. */
  memoryBytes?: number | undefined;
  /** Programs that may run at a time. */
  maxConcurrent: number;
  /** Room on the disk of the folder that is to stay free, in bytes; none, when left out. */
  minFreeBytes?: number | undefined;
  /** None, when left out. */
  secretFiles?: SecretFiles;
  /** Everyone who may launch may use each, when left out. */
  secretTeams?: SecretTeams;
  /** Whom programs run as; the user of this process, when left out. */
  runAs?: JobUser | undefined;
  /** How a supervisor is started; when left out, as this process was: compiled, or from its source under tsx. */
  supervisor?: { command: string[] };
}

/** One queue without a name, first come, first served; and programs of the machine, no images. */
const NOTHING_TO_NAME = { queues: [], images: [] };

export class LocalLauncher implements Launcher {
  readonly kind = 'local';
  readonly name: string;
  private readonly directory: string;
  private readonly folder: WatchedFolder;
  private readonly capacity: Capacity & { cpus: number[]; memoryBytes: number };
  private readonly queue: LocalQueue;
  readonly secrets: readonly LauncherSecret[];
  private readonly secretFiles: SecretFiles;
  private readonly runAs: JobUser | null;
  private pinsUntil = 0;

  constructor(options: LocalLauncherOptions) {
    this.name = options.name ?? 'local';
    this.directory = resolve(options.directory);
    this.folder = jobFolder(this.directory, options.minFreeBytes);
    this.capacity = {
      gpus: options.gpus,
      maxConcurrent: options.maxConcurrent,
      cpus: usableCpus(options.cpus),
      memoryBytes: usableMemory(options.memoryBytes),
    };
    this.secretFiles = options.secretFiles ?? {};
    this.runAs = options.runAs ?? null;
    this.secrets = secretsNamed(Object.keys(this.secretFiles), options.secretTeams ?? {});
    this.queue = new LocalQueue(
      this.directory,
      new Supervision(options.supervisor?.command ?? ownSupervisor(), this.folder),
    );
  }

  async capabilities(): Promise<LauncherCapabilities> {
    const full = await this.folder.whyNot();
    if (full !== null) return { available: false, message: full, gpus: null, ...NOTHING_TO_NAME };
    const { gpus, cpus, memoryBytes } = this.capacity;
    const message = await this.remark();
    return { available: true, message, gpus, cpus: cpus.length, memoryBytes, ...NOTHING_TO_NAME };
  }

  async submit(spec: JobSpec, key: AttemptKey): Promise<Submitted> {
    const run = this.runNamed(attemptName(key));
    return await this.reach(async () => {
      const adopted = await run.exists();
      const refusal = adopted ? null : this.refuse(spec);
      if (refusal !== null) return { outcome: 'rejected', ...refusal };
      await refuseFull(this.folder);
      const placed = !adopted && (await placeOrder(run, this.orderFor(spec, key)));
      // Also for an order that was there: whoever placed it may have died before this line.
      await this.queue.enter(run).catch(leftToObserve);
      await this.queue.startTurns();
      return { outcome: 'accepted', handle: { launcher: this.name, id: attemptName(key) }, adopted: !placed };
    });
  }

  async find(key: AttemptKey): Promise<JobHandle | null> {
    const id = attemptName(key);
    return await this.reach(async () => ((await this.runNamed(id).exists()) ? { launcher: this.name, id } : null));
  }

  async observe(handle: JobHandle): Promise<JobObservation> {
    return await this.reachRun(handle, async (run) => {
      try {
        return await this.look(run);
      } catch (error) {
        // Else one job whose records were damaged would make the launcher look away.
        if (error instanceof DamagedFile) return spoilt(error);
        throw error;
      }
    });
  }

  private async look(run: RunFolder): Promise<JobObservation> {
    const observation = await observeRun(run);
    if (observation.state !== 'QUEUED' || (await run.readClaim()) !== null) return observation;
    // Whoever wished it may have died before it was done.
    if ((await run.readCancel()) !== null && (await this.withdraw(run))) return await observeRun(run);
    const full = await this.folder.whyNot();
    if (full !== null) return { ...observation, waitingFor: full };
    await this.queue.enter(run);
    await this.queue.startTurnsNowAndThen();
    return observation;
  }

  async cancel(handle: JobHandle, options: { graceSeconds: number }): Promise<'REQUESTED' | 'ALREADY_DONE'> {
    return await this.reachRun(handle, async (run) => {
      if (isOver(await observeRun(run))) return 'ALREADY_DONE';
      await writeJson(run.cancel, { requestedAt: new Date(), graceSeconds: options.graceSeconds });
      if (!(await this.withdraw(run))) await killUnsupervised(run);
      return 'REQUESTED';
    });
  }

  async logs(handle: JobHandle, options: { after?: string; limit: number }): Promise<LogPage> {
    return await this.reachRun(handle, async (run) => {
      const final = isOver(await observeRun(run));
      return await readLogPage(run.log, { ...options, final });
    });
  }

  async events(handle: JobHandle, options: { after?: string; limit: number }): Promise<ProgramEventPage> {
    return await this.reachRun(handle, async (run) => {
      const final = isOver(await observeRun(run));
      return await readProgramEvents(run.events, { ...options, final });
    });
  }

  /** Ends a job that waits, and starts those it kept waiting; false when it does not wait. */
  private async withdraw(run: RunFolder): Promise<boolean> {
    if (!(await withdraw(run))) return false;
    await this.queue.leave(run);
    await this.queue.startTurns();
    return true;
  }

  /** What does not work as it could; null when all does, which is taken for so for a while: each look starts a process. */
  private async remark(): Promise<string | null> {
    if (performance.now() < this.pinsUntil) return null;
    const why = await whyNotPinned();
    if (why === null) this.pinsUntil = performance.now() + PINS_FOR_MS;
    return why && `Jobs that ask for CPUs are not pinned to those they get. ${why}`;
  }

  private refuse(spec: JobSpec): { code: string; message: string } | null {
    const launcher = { name: this.name, secrets: Object.keys(this.secretFiles) };
    return refuseSpec(spec, { ...launcher, capacity: this.capacity }) ?? refuseSecrets(spec, launcher);
  }

  async list(): Promise<ListedAttempt[]> {
    return await this.reach(async () => {
      const names = (await readdir(this.directory)).filter(isAttemptName);
      const attempts: ListedAttempt[] = [];
      for (const name of names) {
        const run = new RunFolder(join(this.directory, name));
        if (await run.exists()) attempts.push({ name, id: name, over: isOver(await observeRun(run)) });
      }
      return attempts;
    });
  }

  private orderFor(spec: JobSpec, key: AttemptKey): RunOrder {
    const copy = { ...spec, command: [...spec.command], inputs: [...spec.inputs] };
    return {
      key,
      submittedAt: new Date().toISOString(),
      capacity: this.capacity,
      spec: copy,
      secretFiles: secretFilesOf(spec, this.secretFiles),
      inherited: [],
      aliveSeconds: null,
      runAs: this.runAs,
    };
  }

  private runNamed(id: string): RunFolder {
    return runNamed(id, { launcher: this.name, directory: this.directory });
  }

  private async reachRun<T>(handle: JobHandle, action: (run: RunFolder) => Promise<T>): Promise<T> {
    const run = this.runNamed(handle.id);
    return await this.reach(async () => {
      // Without this, a disk that is not mounted would look like jobs that are gone.
      await access(this.directory);
      return await action(run);
    });
  }

  private async reach<T>(action: () => Promise<T>): Promise<T> {
    return await reachLauncher(this.name, action);
  }
}

/** A record that was damaged is told by the next look at the job. */
function leftToObserve(error: unknown): void {
  if (!(error instanceof DamagedFile)) throw error;
}

/** The supervisor of this installation. Its source needs the loader that this process was given, which is in its arguments. */
export function ownSupervisor(): string[] {
  const self = fileURLToPath(import.meta.url);
  const supervisor = join(dirname(self), `../supervisor${extname(self)}`);
  return [process.execPath, ...(extname(self) === '.ts' ? process.execArgv : []), supervisor];
}
