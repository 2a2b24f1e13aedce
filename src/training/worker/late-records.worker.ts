import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import { isTerminal, type TrainingJob } from '../jobs/job.js';
import type { JobRepository } from '../jobs/job.repository.js';
import { type JobObservation, type Launcher, LauncherUnreachable } from '../../launchers/port/launcher.js';

/** So long after its end a job is looked for. */
const WITHIN_MS = 86_400_000;
const AT_ONCE = 100;

const SYSTEM = systemActor('training-late-records');

/**
 * Looks whether the record of a job that ended as LOST turned up after all: its file system was away, or its runner was cut
 * off. What it says is kept with the attempt, for people. The job stays as it is: who watched it was told that it ended, its
 * run and its quotas are settled, and somebody may have launched it anew.
 */
export class LateRecords {
  constructor(
    private readonly jobs: JobRepository,
    private readonly options: { logger: Logger; now: () => Date },
  ) {}

  /** Looks for the records of the launcher's jobs. A launcher that cannot be reached is left for the next time. */
  async lookAt(launcher: Launcher): Promise<void> {
    const since = new Date(this.options.now().getTime() - WITHIN_MS);
    const lost = await this.jobs.lost(SYSTEM.origin, { launcher: launcher.name, since, limit: AT_ONCE });
    try {
      for (const job of lost) await this.lookFor(job, launcher);
    } catch (error) {
      if (!(error instanceof LauncherUnreachable)) throw error;
    }
  }

  private async lookFor(job: TrainingJob, launcher: Launcher): Promise<void> {
    if (job.handle === null) return;
    const seen = await launcher.observe(job.handle);
    if (!isTerminal(seen.state) || seen.state === 'LOST') return;
    await this.jobs.noteFound(SYSTEM.origin, job, textOf(seen));
    const said = 'A training job that had ended as LOST left a record after all. The job stays LOST; see its attempt.';
    this.options.logger.warn({ job: job.id, attempt: job.attempt, state: seen.state }, said);
  }
}

function textOf({ state, endedAt, failure, output }: JobObservation): string {
  const when = endedAt === null ? '' : ` at ${endedAt.toISOString()}`;
  const why = failure === null ? '' : ` (${failure.code}): ${failure.message}`;
  const what =
    output === null
      ? ''
      : ` Its output is at ${output.uri} (${output.digest}); nothing was published of it, as the job had ended as LOST.`;
  return `It ended as ${state}${when}${why || '.'}${what}`;
}
