import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { JobLifecycle } from './job-lifecycle.js';
import { endsUnsubmitted, unsubmittedEnd } from '../jobs/job.unsubmitted.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import type { Stranded, StrandedRepository } from './stranded.repository.js';

const EVERY_MS = 15_000;
/** Twice as long as a server that has the launcher ever leaves its jobs alone. */
const UNATTENDED_MS = 60_000;
const AT_ONCE = 500;

const SYSTEM = systemActor('training-stranded');

/**
 * Looks for jobs whose launcher no server has any more, which would wait without a word. They are told of and keep their
 * state: the launcher may be configured again. What was never handed over to it ends without it, where somebody wants
 * that. No job is leased: whoever has the launcher after all is not held up.
 */
export class StrandedJobs {
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private warned: ReadonlySet<string> = new Set();

  constructor(
    private readonly rows: StrandedRepository,
    private readonly closing: JobLifecycle,
    private readonly launchers: LauncherRegistry,
    private readonly options: { logger: Logger; now: () => Date },
  ) {}

  start(): void {
    this.schedule(0);
  }

  /** Ends the look under way. */
  async stop(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.working;
  }

  /** Looks once. */
  async look(): Promise<void> {
    const before = new Date(this.options.now().getTime() - UNATTENDED_MS);
    const known = this.launchers.all().map(({ name }) => name);
    const found = await this.rows.launchers(SYSTEM.origin, { known, before });
    this.warn(found);
    for (const launcher of found.keys()) {
      const stranded = { launcher, before, limit: AT_ONCE };
      await this.endUnsubmitted(stranded);
      await this.rows.tell(SYSTEM.origin, stranded, whyItWaits(launcher));
    }
  }

  private async endUnsubmitted(stranded: Stranded): Promise<void> {
    const jobs = await this.rows.unsubmitted(SYSTEM.origin, stranded);
    for (const job of jobs.filter((each) => endsUnsubmitted(each, this.options.now()))) {
      const { state, failure } = unsubmittedEnd(job);
      await this.closing.fail(job, state, failure);
    }
  }

  /** Once for each launcher, and again when it had been back meanwhile. */
  private warn(found: ReadonlyMap<string, number>): void {
    const said =
      'Jobs wait for a launcher that no server has configured. Configure it again (WEFTLINE_LAUNCHERS), or cancel them.';
    for (const [launcher, jobs] of found) {
      if (!this.warned.has(launcher)) this.options.logger.warn({ launcher, jobs }, said);
    }
    this.warned = new Set(found.keys());
  }

  private schedule(ms: number): void {
    this.timer = setTimeout(() => {
      this.working = this.look()
        .catch((error: unknown) =>
          this.options.logger.warn({ err: error }, 'The search for stranded jobs failed; it is tried again.'),
        )
        .then(() => {
          if (this.timer) this.schedule(EVERY_MS);
        });
    }, ms);
    this.timer.unref();
  }
}

function whyItWaits(launcher: string): { unsubmitted: string; submitted: string } {
  const why = `The launcher "${launcher}" is not configured any more`;
  return {
    unsubmitted: `${why}. Configure it again (WEFTLINE_LAUNCHERS), or cancel the job.`,
    submitted: `${why}, so nobody can ask it about the job it was given. Configure it again (WEFTLINE_LAUNCHERS); a wish to cancel the job waits for that too.`,
  };
}
