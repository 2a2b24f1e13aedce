import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { JobLifecycle } from './job-lifecycle.js';
import type { JobRepository } from '../jobs/job.repository.js';
import type { JobRights } from '../launch/job-rights.policy.js';
import { JobReconciler } from './job-reconciler.js';
import { LauncherWorker } from './launcher-worker.js';
import type { LauncherRegistry } from '../../launchers/registry.js';

/** So long do the jobs of a server that was killed wait for another. */
const LEASE_SECONDS = 20;

const SYSTEM = systemActor('training-worker');

export interface JobRunnerOptions {
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
  /** Between two looks at what is due, in milliseconds. */
  everyMs: number;
}

/**
 * Carries accepted jobs to their end: hands them to the launcher, watches, stops, and closes them. All it knows is in
 * the database and with the launcher, so it can be killed at any moment and begun again anywhere: a lease lets exactly
 * one process work on a job, every launcher call may be repeated, and every write is a compare-and-set.
 */
export class JobRunner {
  private readonly lanes: readonly LauncherWorker[];
  private readonly launchers: readonly string[];

  constructor(
    private readonly jobs: JobRepository,
    parts: { closing: JobLifecycle; rights: JobRights; launchers: LauncherRegistry },
    private readonly options: JobRunnerOptions,
  ) {
    const leaseMs = LEASE_SECONDS * 1000;
    const step = new JobReconciler(jobs, parts.closing, parts.rights, { now: options.now, leaseMs });
    const launchers = parts.launchers.all();
    this.lanes = launchers.map((launcher) => new LauncherWorker(launcher, jobs, step, { ...options, leaseMs }));
    this.launchers = launchers.map(({ name }) => name);
  }

  start(): void {
    this.lanes.forEach((lane) => lane.start());
  }

  /** Looks at once: something was asked for. */
  wake(): void {
    this.lanes.forEach((lane) => lane.wake());
  }

  /** Ends the work in hand and gives the leases back; the programs run on. Never throws: what is not given back expires. */
  async stop(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
    const { worker, logger } = this.options;
    try {
      await this.jobs.releaseLeases(SYSTEM.origin, { worker, launchers: this.launchers });
    } catch (error) {
      logger.warn(
        { err: error },
        `The leases of the training worker could not be given back; they expire within ${LEASE_SECONDS} s.`,
      );
    }
  }
}
