import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { TrainingJob } from '../jobs/job.js';
import { nextLookMs } from '../jobs/job.limits.js';
import { endsUnsubmitted } from '../jobs/job.unsubmitted.js';
import type { JobPoll, JobRepository } from '../jobs/job.repository.js';
import type { JobReconciler } from './job-reconciler.js';
import { type Launcher, LauncherUnreachable } from '../../launchers/port/launcher.js';

const BATCH = 200;
const AT_ONCE = 16;
/** So many calls in a row that did not reach the launcher mean that no other will. */
const FAILURES_IN_A_ROW = 3;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

const SYSTEM = systemActor('training-worker');

export interface LaneOptions {
  worker: string;
  logger: Logger;
  now: () => Date;
  everyMs: number;
  leaseMs: number;
}

/**
 * Looks after the jobs of one launcher. Each launcher has a lane of its own, so one that hangs holds up nobody else; one
 * that cannot be reached is asked ever more seldom, for one job first, and changes no state.
 */
export class LauncherWorker {
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private stopped = true;
  private failures = 0;
  private pauses = 0;
  private why = '';

  constructor(
    private readonly launcher: Launcher,
    private readonly jobs: JobRepository,
    private readonly step: JobReconciler,
    private readonly options: LaneOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Looks at once, but not at a launcher that was not reached. */
  wake(): void {
    if (!this.stopped && this.pauses === 0) this.schedule(0);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.working;
  }

  private schedule(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.working = this.working
        .then(() => this.round())
        .then((pauseMs) => {
          if (!this.stopped) this.schedule(pauseMs);
        });
    }, ms);
  }

  /** Works on what is due; how long to wait until the next round. Never throws. */
  private async round(): Promise<number> {
    const { worker, leaseMs, everyMs, logger } = this.options;
    try {
      const until = new Date(this.options.now().getTime() + leaseMs);
      const lease = { worker, launcher: this.launcher.name, until, limit: BATCH };
      const due = await this.jobs.lease(SYSTEM.origin, lease);
      const looks = await this.lookAt(due, until);
      if (looks.length > 0) await this.jobs.giveBack(SYSTEM.origin, worker, looks);
      if (this.unreachable) return this.pauseMs();
      this.pauses = 0;
      return due.length === BATCH ? 0 : everyMs;
    } catch (error) {
      const said = 'The training worker could not look at the jobs of a launcher; it tries again.';
      logger.warn({ err: error, launcher: this.launcher.name }, said);
      return this.pauseMs();
    }
  }

  private async lookAt(due: readonly TrainingJob[], until: Date): Promise<JobPoll[]> {
    const looks: JobPoll[] = [];
    const waiting = [...due];
    const work = async (): Promise<void> => {
      for (let job = waiting.shift(); job; job = waiting.shift()) {
        const vain = this.unreachable && !endsUnsubmitted(job, this.options.now());
        const look = vain ? this.notReached(job, until, this.why) : await this.lookAtOne(job, until);
        if (look) looks.push(look);
      }
    };
    if (this.unreachable) await this.probe(waiting, looks, until);
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return looks;
  }

  /** One job tells whether the launcher is back: the others do not wait for it in vain. */
  private async probe(waiting: TrainingJob[], looks: JobPoll[], until: Date): Promise<void> {
    const before = this.failures;
    while (this.failures === before && waiting.length > 0) {
      const first = waiting.shift();
      const look = first && (await this.lookAtOne(first, until));
      if (look) looks.push(look);
    }
  }

  /** null for a job that is left to whoever takes it when the lease ends. */
  private async lookAtOne(job: TrainingJob, until: Date): Promise<JobPoll | null> {
    const { now, leaseMs, logger } = this.options;
    // What is begun late would still be under way when another takes the job.
    if (this.stopped || now().getTime() > until.getTime() - leaseMs / 2) return null;
    try {
      const { seen, reported, waitingFor } = await this.step.take(job, this.launcher);
      if (seen) this.failures = 0;
      const at = now();
      const dueAt = new Date(at.getTime() + nextLookMs(job, reported, at));
      return { id: job.id, dueAt, seenAt: seen ? at : null, waitingFor, error: null };
    } catch (error) {
      if (error instanceof LauncherUnreachable) {
        this.failures += 1;
        this.why = error.message;
        return this.notReached(job, until, error.message);
      }
      logger.error({ err: error, job: job.id }, 'A training job could not be advanced; it is tried again.');
      return this.notReached(
        job,
        until,
        'Weftline failed at this job and tries again; the log of the server says why.',
      );
    }
  }

  private notReached(job: TrainingJob, until: Date, error: string): JobPoll {
    return { id: job.id, dueAt: until, seenAt: null, waitingFor: null, error };
  }

  private get unreachable(): boolean {
    return this.failures >= FAILURES_IN_A_ROW;
  }

  private pauseMs(): number {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.pauses);
    this.pauses += 1;
    return pause * (0.5 + Math.random() / 2);
  }
}
