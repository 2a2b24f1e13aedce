/** What Weftline asks of a Slurm, by whichever way it is reached: slurmrestd or the commands. */
import type { TaskRef } from '../engine/engine.js';

export interface SlurmAccess {
  /** Submits a job. Throws `LauncherUnreachable` when nobody can tell whether Slurm took it. */
  submit(request: SlurmRequest): Promise<SlurmSubmitted>;
  /** The job as the controller knows it; null when it does not (any more). Throws `LauncherUnreachable`. */
  job(id: string): Promise<SlurmJob | null>;
  /** Jobs of our user that the controller knows, of this name when one is given. Throws `LauncherUnreachable`. */
  jobs(name?: string): Promise<SlurmJobLine[]>;
  /** SIGTERM, and SIGKILL after the KillWait of the cluster. One that is over or unknown is left alone. Throws `LauncherUnreachable`. */
  cancel(id: string): Promise<void>;
  /** What accounting has kept of jobs of our user with this name, oldest first; [] where there is no accounting. Throws `LauncherUnreachable`. */
  accounted(name: string): Promise<SlurmJob[]>;
  /**
   * What accounting has of the energy of this job of our user, by its allocation and its steps; [] while it has not heard
   * of the job, null where there is no accounting. Throws `LauncherUnreachable`.
   */
  energy(task: TaskRef): Promise<SlurmEnergy[] | null>;
  /** Names of the partitions, those that are hidden too: jobs may name them. Throws `LauncherUnreachable`. */
  partitions(): Promise<string[]>;
  /** What the nodes have to give, as their Gres lines: ["gpu:a100:4(S:0-1)"]. Throws `LauncherUnreachable`. */
  gres(): Promise<string[]>;
}

export interface SlurmRequest {
  name: string;
  /** Begins with "#!". */
  script: string;
  folder: string;
  environment: Readonly<Record<string, string>>;
  partition: string | null;
  account: string | null;
  qos: string | null;
  /** "gpu:1"; null for none. */
  gres: string | null;
  cpus: number | null;
  memoryMib: number | null;
  /** null: what the partition gives. */
  minutes: number | null;
}

export type SlurmSubmitted = { id: string } | { id: null; code: number | null; reason: string };

export interface SlurmJobLine {
  id: string;
  name: string;
  /** "COMPLETED" and the like, without flags. */
  state: string;
  /** Why it waits or failed: "Resources"; null for none. */
  reason: string | null;
}

export interface SlurmJob extends SlurmJobLine {
  /** Null while it runs or where it is not told. */
  exitCode: number | null;
  /** The number of the signal that ended it; null for none. */
  signal: number | null;
  /** Null when it never had a node. */
  startedAt: Date | null;
  endedAt: Date | null;
}

/** What accounting counted for an allocation, or for one of the steps within it. */
export interface SlurmEnergy {
  /** "allocation", "batch" (the script), "extern" (all that runs on the node for the job), or the number of a step that srun began. */
  part: string;
  state: string;
  /** null: it counted none. */
  joules: number | null;
  /** Null before, or where it is not told. */
  startedAt: Date | null;
  endedAt: Date | null;
}

/** Ids come from the database. In the place of one, a word is an option to a command, and the end of slurmrestd 22.05.8. */
export function numberOf(id: string): string {
  if (!/^\d{1,10}$/.test(id)) throw new RangeError(`"${id}" is not the id of a job of Slurm.`);
  return id;
}

/** Slurm keeps a record of what it refused for ever, under the same name: that is no job. */
export function isRefusedRecord({ state, reason }: SlurmJobLine): boolean {
  return state === 'FAILED' && reason === 'BadConstraints';
}
