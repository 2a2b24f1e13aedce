/**
 * What an engine that runs jobs on other machines has to offer: Slurm, Ray, Kubernetes. `EngineLauncher` makes a launcher
 * of it, with the folder of the run on a file system that both sides share, so an engine only has to start one command
 * there, tell how it is, and stop it. Kueue, Volcano and the queues of clouds would be further engines.
 */
import type { EnergyReading, FailureCode, JobSpec, LauncherCapabilities } from '../port/launcher.js';

export interface Engine {
  readonly kind: 'slurm' | 'ray' | 'kubernetes';
  /** Asks the engine how it is. Never throws: one that cannot serve is `available: false` with the reason and what to do. */
  probe(): Promise<LauncherCapabilities>;
  /**
   * Hands the task over under its name. An engine that refuses a name it has answers `adopted`. Throws
   * `LauncherUnreachable` when the engine did not answer, or not in a way that tells whether it took the task.
   */
  submit(task: EngineTask): Promise<EngineSubmitted>;
  /** The engine's own id of the task of that name; null when the engine does not know the name. Throws `LauncherUnreachable`. */
  find(name: string): Promise<string | null>;
  /** How the task is; null when the engine does not know it (any more). Throws `LauncherUnreachable`. */
  look(task: TaskRef): Promise<EngineView | null>;
  /** Asks the engine to stop the task: SIGTERM, and SIGKILL after the grace. One that is over or unknown is left alone. */
  stop(task: TaskRef, options: { graceSeconds: number }): Promise<void>;
  /** All tasks under names of ours that the engine knows, over or not: for the search for orphans. */
  list(): Promise<EngineListing[]>;
  /**
   * What its accounting says of the energy of a task that is over, whose program ran for so many seconds; null: not known
   * how many. Left out by engines that account for none. Throws `LauncherUnreachable`.
   */
  accountedEnergy?(task: TaskRef, ranSeconds: number | null): Promise<EnergyReading>;
}

export interface TaskRef {
  id: string;
  name: string;
}

export interface EngineTask {
  /** Of `attemptName`: [a-z0-9-], at most 52 characters. */
  name: string;
  /** What the engine shall run: the runner and the folder of the run. No secret in it. */
  command: readonly string[];
  /** Environment of the runner itself; never empty, and without secrets. */
  environment: Readonly<Record<string, string>>;
  /** The folder of the run, an absolute path on both sides. */
  folder: string;
  /** For resources, limits, queue and image; its command, environment and secrets are the runner's to read. */
  spec: JobSpec;
}

export type EngineSubmitted =
  { outcome: 'accepted'; id: string; adopted: boolean } | { outcome: 'rejected'; code: string; message: string };

export interface EngineView {
  /** ENDED: the engine will do nothing more for it. */
  state: 'QUEUED' | 'STARTING' | 'RUNNING' | 'ENDED';
  /** Why it waits, or the like, in the engine's words; null when it says nothing. */
  message: string | null;
  startedAt: Date | null;
  /** Set with ENDED only. */
  end: EngineEnd | null;
}

/** What the engine says of the end. The exit record and the output manifest of the run outweigh it where they tell more. */
export interface EngineEnd {
  state: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED' | 'LOST';
  endedAt: Date | null;
  exitCode: number | null;
  /** "SIGKILL" and the like. */
  signal: string | null;
  /** Null with SUCCEEDED only. */
  failure: { code: FailureCode; message: string; retryable: boolean } | null;
}

export interface EngineListing extends TaskRef {
  over: boolean;
}
