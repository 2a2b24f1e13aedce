import type { DeclaredFacts } from './declared.js';
import type { InputCheck } from './input-check.js';

/**
 * The port every engine implements: the one way Weftline starts, watches and stops work on a machine.
 *
 * Three promises hold for each implementation and are checked by one shared suite (test/support/launcher-suite.ts):
 * submitting the same attempt again never starts a second program; an engine that cannot be reached throws
 * `LauncherUnreachable` and never invents a state; nothing is remembered in the memory of this process, so a restart
 * of the API loses nothing.
 */
export interface Launcher {
  /** The name jobs are addressed to, unique among the configured launchers: "local". */
  readonly name: string;
  readonly kind: 'local' | 'slurm' | 'ray' | 'kubernetes';
  /** The secrets that jobs may ask for; none, when left out. */
  readonly secrets?: readonly LauncherSecret[];
  /** Probes the engine now. Never throws: an engine that cannot serve is `available: false` with the reason. */
  capabilities(): Promise<LauncherCapabilities>;
  /** Starts the attempt, or adopts it when it was started before. Throws `LauncherUnreachable` when nobody can tell. */
  submit(spec: JobSpec, key: AttemptKey): Promise<Submitted>;
  /** Looks the attempt up under its deterministic name; null when the engine never heard of it. */
  find(key: AttemptKey): Promise<JobHandle | null>;
  /** What the engine knows now. Throws `LauncherUnreachable`. */
  observe(handle: JobHandle): Promise<JobObservation>;
  /**
   * Asks the program to stop: SIGTERM to its group, SIGKILL after the grace. A job that waits is never started. Asked
   * again, the shorter grace counts.
   */
  cancel(handle: JobHandle, options: { graceSeconds: number }): Promise<'REQUESTED' | 'ALREADY_DONE'>;
  /**
   * Log lines after the cursor, oldest first; at most `limit` lines, and fewer where they are long: read on until `ended`.
   * Throws BAD_USER_INPUT for a cursor that no page gave.
   */
  logs(handle: JobHandle, options: { after?: string; limit: number }): Promise<LogPage>;
  /** Metrics and progress the program reported after the cursor, oldest first; at most `limit`. */
  events(handle: JobHandle, options: { after?: string; limit: number }): Promise<ProgramEventPage>;
  /** All attempts under names of ours that the engine knows, over or not: for the search for orphans. Throws `LauncherUnreachable`. */
  list(): Promise<ListedAttempt[]>;
  /**
   * What the accounting of the engine says of the energy of an attempt that is over, whose program ran for so many seconds;
   * null: not known how many. Null, or left out, where the engine accounts for none. Throws `LauncherUnreachable`.
   */
  accountedEnergy?(handle: JobHandle, ranSeconds: number | null): Promise<EnergyReading | null>;
}

export interface ListedAttempt {
  /** Of `attemptName`. */
  name: string;
  /** The engine's own id of it. */
  id: string;
  over: boolean;
}

export interface LauncherSecret {
  name: string;
  /** Ids of the teams whose members may use it; null: whoever may launch. */
  teams: readonly string[] | null;
}

export interface LauncherCapabilities {
  available: boolean;
  /** Why not available, or a remark; null when there is nothing to say. */
  message: string | null;
  /** GPUs this launcher can give to jobs; null when it cannot tell. */
  gpus: number | null;
  /** CPUs and bytes of memory it can give to one job; left out when it cannot tell. */
  cpus?: number;
  memoryBytes?: number;
  /** Queues a job may name: [] when it has none, left out when it cannot tell. */
  queues?: readonly string[];
  /** Images a job may name: [] when it runs none; left out when any may be named, and only its engine finds out whether it exists. */
  images?: readonly string[];
  /** A job has to name an image, as there is none for jobs that do not. */
  needsImage?: boolean;
}

/** One try of one job. The engine-side name is derived from it and from nothing else. */
export interface AttemptKey {
  jobId: string;
  /** From 1. */
  attempt: number;
}

export interface JobSpec {
  /** The program and its arguments; never passed through a shell. */
  command: readonly string[];
  /** Added to the small clean environment the program gets; the environment of the API is not inherited. */
  environment: Readonly<Record<string, string>>;
  /** Written to a file the program finds through WEFTLINE_PARAMETERS. */
  parameters: Readonly<Record<string, unknown>>;
  /** Written to a file the program finds through WEFTLINE_INPUTS. */
  inputs: readonly InputPin[];
  resources: { gpus: number; cpus: number | null; memoryBytes: number | null };
  /** Container image, where the engine runs images; null: what the launcher is configured with. */
  image: string | null;
  /** Queue of the engine: a Slurm partition, a Kubernetes namespace. null: the one the launcher is configured with. */
  queue: string | null;
  /** Names of secrets of this installation, by the environment variable the program finds each in. Never their values. */
  secrets: Readonly<Record<string, string>>;
  limits: {
    /** Wall time of the program in seconds; null: unlimited. */
    runSeconds: number | null;
    /** Between SIGTERM and SIGKILL, in seconds. */
    graceSeconds: number;
    /** All output files together, in bytes. */
    outputBytes: number;
    /** Log kept per attempt, in bytes; what comes after is counted and dropped, but for a tail. */
    logBytes: number;
  };
}

/** An exact version the program may read. */
export interface InputPin {
  id: string;
  urn: string;
  kind: 'DATASET' | 'MODEL';
  version: string;
  /** "sha256:<hex>", or null when the publisher gave none. */
  digest: string | null;
  uri: string | null;
  /** Absolute path on this machine when the uri is a file: URI; else null. */
  path: string | null;
  format: string | null;
  bytes: string | null;
  rowCount: string | null;
  /** The attempt of a job of Weftline that made it, by `attemptName`; null or absent: none did. Not told to the program. */
  madeBy?: string | null | undefined;
}

export type Submitted =
  | { outcome: 'accepted'; handle: JobHandle; /** It was already there. */ adopted: boolean }
  | { outcome: 'rejected'; code: string; message: string };

/** What is needed to find the attempt again from another process. Stored as JSON; holds no secret. */
export interface JobHandle {
  launcher: string;
  /** The engine's own id of the attempt. */
  id: string;
  /** The name of the attempt, where the engine has ids of its own. */
  attempt?: string;
}

export interface JobObservation {
  state: 'QUEUED' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED' | 'LOST';
  /** Why the program has not begun, in the words of the engine; left out when it has, or when nothing is said. */
  waitingFor?: string | null;
  startedAt: Date | null;
  endedAt: Date | null;
  exitCode: number | null;
  /** "SIGKILL" and the like, when a signal ended the program. */
  signal: string | null;
  /** Why a state other than SUCCEEDED was reached; null otherwise. */
  failure: { code: FailureCode; message: string; retryable: boolean } | null;
  /** Set once SUCCEEDED. */
  output: JobOutput | null;
  usage: JobUsage | null;
  /** What the accounting of the engine says of the energy of the whole attempt; absent: it was not asked. */
  accounted?: EnergyReading | undefined;
  /** What was found of its inputs before its program began; absent: they were not looked at, or not yet. */
  inputs?: readonly InputCheck[] | undefined;
}

export type FailureCode =
  | 'EXIT_CODE'
  | 'SIGNAL'
  | 'START_FAILED'
  | 'RUN_TIMEOUT'
  | 'QUEUE_TIMEOUT'
  | 'OUT_OF_MEMORY'
  | 'SECRET_MISSING'
  | 'INPUT_CHANGED'
  | 'INPUT_MISSING'
  | 'NODE_FAILURE'
  | 'PREEMPTED'
  | 'UNSCHEDULABLE'
  | 'IMAGE_PULL'
  | 'CANCELLED_BY_USER'
  | 'CANCELLED_OUTSIDE'
  | 'RESULT_MISSING'
  | 'RESULT_INVALID'
  | 'OUTPUT_TOO_LARGE'
  | 'BACKEND_LOST'
  | 'REJECTED'
  | 'ACCESS_ENDED'
  /** What is stored of the failure cannot be read. */
  | 'UNREADABLE';

export interface JobOutput {
  /** "file:" URI of the model file, or of the output folder when there are several files. */
  uri: string;
  /**
   * "sha256:<hex>" of the one model file; for several, the SHA-256 of the lines "<hex>  <relative path>\n" sorted by path
   * (what `sha256sum` prints).
   */
  digest: string;
  bytes: number;
  /** From the program's manifest, within METRIC_LIMITS; {} without one. */
  metrics: Record<string, unknown>;
  /** What the manifest says of how the model came about, and what is known of the machine; absent: nothing. */
  declared?: DeclaredFacts | undefined;
  /** What of the manifest was not kept, and why, for people; absent: all was. */
  note?: string | undefined;
}

export interface JobUsage {
  /** Wall seconds times GPUs reserved. */
  gpuSeconds: number;
  /** User and system time of the whole process tree; null where it cannot be measured. */
  cpuSeconds: number | null;
  /** Peak resident memory seen, in bytes; null where it cannot be measured. */
  maxMemoryBytes: number | null;
  /** What could be measured of its energy; absent: nobody tried. */
  energy?: MeasuredEnergy | undefined;
}

export interface MeasuredEnergy {
  gpu: EnergyReading;
  cpu: EnergyReading;
}

/** A measure of a part of a machine, as far as it was taken. */
export interface EnergyReading {
  /** During what was measured; null: nothing was, and `note` says why. */
  joules: number | null;
  /** Share of the run time that was measured, 0 to 1. */
  coverage: number;
  /** The name of the hardware; null when it does not tell. */
  model: string | null;
  note: string | null;
}

export interface LogLine {
  /** Position after this line: pass it as `after` to read on. */
  cursor: string;
  at: Date;
  stream: 'STDOUT' | 'STDERR' | 'SYSTEM';
  text: string;
}

export interface LogPage {
  lines: LogLine[];
  /** Where to read on; equals the given cursor when nothing came. */
  cursor: string;
  /** Nothing more will ever come. */
  ended: boolean;
}

/**
 * What a program may write, one JSON object a line, to the file named by WEFTLINE_EVENTS. `at` is what the line says, else
 * the time the file was last written to before it was read.
 */
export type ProgramEvent =
  | {
      type: 'metric';
      at: Date;
      name: string;
      /** What is no number, as a text: a loss that diverged is to be seen. */
      value: number | 'NaN' | 'Infinity' | '-Infinity';
      step: number | null;
    }
  | { type: 'progress'; at: Date; /** 0 to 1. */ fraction: number; message: string | null };

export interface ProgramEventPage {
  events: ProgramEvent[];
  cursor: string;
  /** Lines that were not a metric or progress object; they are counted and passed over. */
  invalidLines: number;
  /** Passed over unread, as the program had written so much since the last page; absent: none. */
  skippedBytes?: number;
}

/** The engine did not answer, or not in a way that tells the state of the job. Changes no state; try again. */
export class LauncherUnreachable extends Error {
  override readonly name = 'LauncherUnreachable';
}
