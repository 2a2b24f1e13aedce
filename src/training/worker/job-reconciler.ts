import { systemActor } from '../../auth/actor.js';
import { isTerminal, type JobState, type StopReason, type TrainingJob } from '../jobs/job.js';
import type { JobChange, JobLifecycle } from './job-lifecycle.js';
import { overdue, overdueFailure, queueOverdueMs } from '../jobs/job.limits.js';
import { toPin } from '../jobs/job.pin.js';
import { withAccountedEnergy } from '../jobs/job.accounted.js';
import { endsUnsubmitted, unsubmittedEnd } from '../jobs/job.unsubmitted.js';
import { readReports } from '../jobs/job-reports.js';
import type { JobRepository } from '../jobs/job.repository.js';
import type { JobRights } from '../launch/job-rights.policy.js';
import type { AttemptKey, JobHandle, JobObservation, Launcher } from '../../launchers/port/launcher.js';

/** So long may an engine take until it can be asked for what it was handed over, when its answer was lost. */
const UNCERTAIN_MS = 30_000;
/** After its grace, an engine that has not stopped a job is asked again. */
const ASK_AGAIN_SECONDS = 5;

const SYSTEM = systemActor('training-worker');

export interface Step {
  /** The launcher told of the job. */
  seen: boolean;
  /** Its program reported something. */
  reported: boolean;
  /** Why its program has not begun, as the launcher says; null when it has, or when nothing is said. */
  waitingFor: string | null;
}

/** One step in the life of a job: hand it over, look at it, stop it, or close it. Each may be repeated at any time. */
export class JobReconciler {
  constructor(
    private readonly jobs: JobRepository,
    private readonly closing: JobLifecycle,
    private readonly rights: JobRights,
    private readonly options: { now: () => Date; leaseMs: number },
  ) {}

  /** Throws `LauncherUnreachable` when the launcher could not be asked; the job is then as it was. */
  async take(job: TrainingJob, launcher: Launcher): Promise<Step> {
    if (job.state === 'PENDING') return this.begin(job, launcher);
    if (job.state === 'SUBMITTING' || job.handle === null) return this.submitAgain(job, launcher);
    if (job.cancelRequestedAt && job.state !== 'CANCELLING') return this.stop(job, launcher, job.handle, null);
    return this.observe(job, launcher, job.handle);
  }

  private async begin(job: TrainingJob, launcher: Launcher): Promise<Step> {
    const now = this.options.now();
    if (endsUnsubmitted(job, now)) return this.endUnsubmitted(job);
    if (job.notBefore && job.notBefore > now) return NOTHING_SEEN;
    const ended = await this.rights.ended(job);
    if (ended !== null) {
      await this.closing.fail(job, 'FAILED', { code: 'ACCESS_ENDED', message: ended, retryable: false });
      return NOTHING_SEEN;
    }
    // The lease begins anew: nobody else hands it over meanwhile.
    const dueAt = new Date(now.getTime() + this.options.leaseMs);
    const changed = await this.closing.change(job, { state: 'SUBMITTING', dueAt }, 'handing over to the launcher');
    return changed ? this.submit(changed, launcher) : NOTHING_SEEN;
  }

  /** Whoever handed it over before did not get to write down the answer: the launcher knows whether it has it. */
  private async submitAgain(job: TrainingJob, launcher: Launcher): Promise<Step> {
    const handle = await launcher.find(keyOf(job));
    if (handle) return this.accepted(job, handle, true);
    const now = this.options.now();
    const over = queueOverdueMs(job, now);
    if (!job.cancelRequestedAt && over === null) return this.submit(job, launcher);
    // It is not handed over again; what is still under way to the launcher has the time to arrive.
    const waited = job.cancelRequestedAt ? now.getTime() - job.cancelRequestedAt.getTime() : (over ?? 0);
    if (waited > UNCERTAIN_MS) await this.endUnsubmitted(job);
    return SEEN;
  }

  private async submit(job: TrainingJob, launcher: Launcher): Promise<Step> {
    if (job.damage !== null) {
      const message = `${job.damage} It was changed in the database, so it is not handed over. Launch it again.`;
      await this.closing.fail(job, 'FAILED', { code: 'UNREADABLE', message, retryable: false });
      return NOTHING_SEEN;
    }
    const pins = await this.jobs.inputPins(SYSTEM.origin, job.inputIds);
    const submitted = await launcher.submit({ ...job.order, inputs: pins.map(toPin) }, keyOf(job));
    if (submitted.outcome === 'accepted') return this.accepted(job, submitted.handle, submitted.adopted);
    await this.closing.fail(job, 'FAILED', { code: 'REJECTED', message: submitted.message, retryable: false });
    return SEEN;
  }

  private async accepted(job: TrainingJob, handle: JobHandle, adopted: boolean): Promise<Step> {
    const change = { state: 'QUEUED' as const, handle: JSON.stringify(handle) };
    await this.closing.change(job, change, adopted ? 'found at the launcher' : 'accepted by the launcher');
    return SEEN;
  }

  /** Ends a job that the launcher does not have. */
  private async endUnsubmitted(job: TrainingJob): Promise<Step> {
    const { state, failure } = unsubmittedEnd(job);
    await this.closing.fail(job, state, failure);
    return NOTHING_SEEN;
  }

  private async stop(
    job: TrainingJob,
    launcher: Launcher,
    handle: JobHandle,
    stopReason: StopReason | null,
  ): Promise<Step> {
    const answer = await launcher.cancel(handle, { graceSeconds: job.order.limits.graceSeconds });
    if (answer === 'ALREADY_DONE') return this.observe(job, launcher, handle);
    const cause = stopReason ? overdueFailure(job, stopReason).message : 'asked to stop';
    await this.closing.change(job, { state: 'CANCELLING', stopReason }, cause);
    return SEEN;
  }

  private async observe(job: TrainingJob, launcher: Launcher, handle: JobHandle): Promise<Step> {
    const seen = await launcher.observe(handle);
    const { reported, more } = await readReports(job, launcher, handle);
    const step = { ...SEEN, reported: Object.keys(reported).length > 0, waitingFor: seen.waitingFor ?? null };
    if (isTerminal(seen.state)) {
      // Its end waits until all it reported is read: the last values are the ones that count.
      if (more) await this.closing.note(job, reported);
      else await this.close(job, await withAccountedEnergy(seen, job, launcher), reported);
      return step;
    }
    const reason = job.state === 'CANCELLING' || job.cancelRequestedAt ? null : overdue(job, seen, this.options.now());
    if (reason) return this.stop(job, launcher, handle, reason);
    if (this.isStoppedTooSlowly(job)) await launcher.cancel(handle, { graceSeconds: job.order.limits.graceSeconds });
    await this.noteProgress(job, seen, reported);
    return step;
  }

  private async close(job: TrainingJob, seen: JobObservation, reported: JobChange): Promise<void> {
    if (seen.state === 'SUCCEEDED') await this.closing.succeed(job, seen, reported);
    else await this.closing.end(job, seen, reported);
  }

  /** An engine may forget a wish that came before it had begun the job. */
  private isStoppedTooSlowly(job: TrainingJob): boolean {
    const seconds = (this.options.now().getTime() - job.changedAt.getTime()) / 1000;
    return job.state === 'CANCELLING' && seconds > job.order.limits.graceSeconds + ASK_AGAIN_SECONDS;
  }

  private async noteProgress(job: TrainingJob, seen: JobObservation, reported: JobChange): Promise<void> {
    // A job that is being stopped reads as running until it has stopped.
    const state: JobState = job.state === 'CANCELLING' ? 'CANCELLING' : seen.state;
    const change: JobChange = {
      ...reported,
      ...(seen.startedAt && !job.startedAt ? { startedAt: seen.startedAt } : {}),
    };
    if (state !== job.state)
      await this.closing.change(job, { ...change, state, inputs: seen.inputs }, `the launcher says ${seen.state}`);
    else if (Object.keys(change).length > 0) await this.closing.note(job, change);
  }
}

const SEEN: Step = { seen: true, reported: false, waitingFor: null };
const NOTHING_SEEN: Step = { ...SEEN, seen: false };

function keyOf(job: TrainingJob): AttemptKey {
  return { jobId: job.id, attempt: job.attempt };
}
