import type { Logger } from 'pino';
import { type Actor, SCOPES, systemActor } from '../auth/actor.js';
import type { Action } from '../auth/rights.js';
import type { AccessService } from '../access/access.service.js';
import { isTerminal, type JobFailure, type JobState, type TrainingJob } from './job.js';
import type { JobChange, JobClosing } from './job-closing.service.js';
import { toPin } from './job.pin.js';
import type { JobRepository } from './job.repository.js';
import {
  type AttemptKey,
  type JobHandle,
  type JobObservation,
  type Launcher,
  LauncherUnreachable,
} from './launchers/launcher.js';
import type { LauncherRegistry } from './launchers/registry.js';

/** So long do the jobs of a server that was killed wait for another. Two that work on one job do no harm. */
const LEASE_SECONDS = 10;
const BATCH = 100;
const EVENTS_AT_ONCE = 1_000;
/** Pages of reports read at one look: a program that reports without end must not hold up the other jobs. */
const PAGES_AT_ONCE = 20;
/** An unchanged observation is written this often, so that people see it is fresh. */
const REFRESH_MS = 5_000;

const SYSTEM = systemActor('training-worker');

export interface JobRunnerOptions {
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
  /** Between two looks at open jobs, in milliseconds. */
  everyMs: number;
}

/**
 * Carries accepted jobs to their end: hands them to the launcher, watches, stops, and closes them. All it knows is in
 * the database and with the launcher, so it can be killed at any moment and begun again anywhere: a lease lets exactly
 * one process work on a job, every launcher call may be repeated, and every write is a compare-and-set.
 */
export class JobRunner {
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private stopped = true;

  constructor(
    private readonly jobs: JobRepository,
    private readonly closing: JobClosing,
    private readonly access: AccessService,
    private readonly launchers: LauncherRegistry,
    private readonly options: JobRunnerOptions,
  ) {}

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Looks at once: something was asked for. */
  wake(): void {
    if (!this.stopped) this.schedule(0);
  }

  /** Ends the work in hand and gives the leases back; the programs run on. Never throws: what is not given back expires. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    await this.working;
    try {
      await this.jobs.releaseLeases(SYSTEM.origin, this.options.worker);
    } catch (error) {
      this.options.logger.warn(
        { err: error },
        `The leases of the training worker could not be given back; they expire within ${LEASE_SECONDS} s.`,
      );
    }
  }

  private schedule(ms: number): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.working = this.working
        .then(() => this.round())
        .finally(() => {
          if (!this.stopped) this.schedule(this.options.everyMs);
        });
    }, ms);
  }

  private async round(): Promise<void> {
    try {
      const until = new Date(this.options.now().getTime() + LEASE_SECONDS * 1000);
      const launchers = this.launchers.all().map((launcher) => launcher.name);
      const { worker } = this.options;
      const jobs = await this.jobs.lease(SYSTEM.origin, { worker, launchers, until, limit: BATCH });
      await Promise.all(jobs.map((job) => this.advanceSafely(job)));
    } catch (error) {
      this.options.logger.warn({ err: error }, 'The training worker could not look at its jobs; it tries again.');
    }
  }

  private async advanceSafely(job: TrainingJob): Promise<void> {
    try {
      await this.advance(job);
    } catch (error) {
      if (error instanceof LauncherUnreachable) await this.closing.noteObservation(job, error.message);
      else
        this.options.logger.error(
          { err: error, job: job.id },
          'A training job could not be advanced; it is tried again.',
        );
    }
  }

  /** One step of one job. */
  private async advance(job: TrainingJob): Promise<void> {
    const launcher = this.launchers.find(job.launcher);
    if (!launcher) throw new LauncherUnreachable(`The launcher "${job.launcher}" is no longer configured.`);
    if (job.state === 'PENDING') return this.beginSubmit(job);
    if (job.state === 'SUBMITTING' || job.handle === null) return this.submit(job, launcher);
    if (job.cancelRequestedAt && job.state !== 'CANCELLING') return this.cancel(job, launcher);
    return this.observe(job, launcher);
  }

  private async beginSubmit(job: TrainingJob): Promise<void> {
    if (job.cancelRequestedAt) {
      const failure: JobFailure = {
        code: 'CANCELLED_BY_USER',
        message: 'It was cancelled before it was submitted.',
        retryable: false,
      };
      await this.closing.fail(job, 'CANCELLED', failure);
      return;
    }
    const ended = await this.rightsEnded(job);
    if (ended !== null) {
      await this.closing.fail(job, 'FAILED', { code: 'ACCESS_ENDED', message: ended, retryable: false });
      return;
    }
    const changed = await this.closing.change(job, { state: 'SUBMITTING' }, 'handing over to the launcher');
    if (changed) await this.advance(changed);
  }

  private async submit(job: TrainingJob, launcher: Launcher): Promise<void> {
    const pins = await this.jobs.inputPins(SYSTEM.origin, job.inputIds);
    const submitted = await launcher.submit({ ...job.order, inputs: pins.map(toPin) }, keyOf(job));
    if (submitted.outcome === 'rejected') {
      await this.closing.fail(job, 'FAILED', { code: 'REJECTED', message: submitted.message, retryable: false });
      return;
    }
    const handle = JSON.stringify(submitted.handle);
    await this.closing.change(
      job,
      { state: 'QUEUED', handle },
      submitted.adopted ? 'found at the launcher' : 'accepted by the launcher',
    );
  }

  private async cancel(job: TrainingJob, launcher: Launcher): Promise<void> {
    if (!job.handle) return;
    const answer = await launcher.cancel(job.handle, { graceSeconds: job.order.limits.graceSeconds });
    if (answer === 'REQUESTED') await this.closing.change(job, { state: 'CANCELLING' }, 'asked to stop');
    else await this.observe(job, launcher);
  }

  private async observe(job: TrainingJob, launcher: Launcher): Promise<void> {
    if (!job.handle) return;
    const seen = await launcher.observe(job.handle);
    const { reported, more } = await this.readReports(job, launcher, job.handle);
    // Its end waits until all it reported is read: the last values are the ones that count.
    if (more && isTerminal(seen.state)) return this.closing.note(job, reported);
    if (seen.state === 'SUCCEEDED') return this.closing.succeed(job, seen, reported);
    if (isTerminal(seen.state)) return this.closing.end(job, seen, reported);
    await this.noteProgress(job, seen, reported);
  }

  private async noteProgress(job: TrainingJob, seen: JobObservation, reported: JobChange): Promise<void> {
    // A job that is being stopped reads as running until it has stopped.
    const state: JobState = job.state === 'CANCELLING' ? 'CANCELLING' : seen.state;
    const change: JobChange = {
      ...reported,
      ...(seen.startedAt && !job.startedAt ? { startedAt: seen.startedAt } : {}),
    };
    if (state !== job.state) await this.closing.change(job, { ...change, state }, `the launcher says ${seen.state}`);
    else if (Object.keys(change).length > 0 || this.isStale(job)) await this.closing.note(job, change);
  }

  private isStale(job: TrainingJob): boolean {
    return (
      job.observationError !== null ||
      !job.observedAt ||
      this.options.now().getTime() - job.observedAt.getTime() > REFRESH_MS
    );
  }

  /** What the program has reported since the last look, as changes of the job; `more`: not all of it was read. */
  private async readReports(
    job: TrainingJob,
    launcher: Launcher,
    handle: JobHandle,
  ): Promise<{ reported: JobChange; more: boolean }> {
    const metrics = { ...job.metrics };
    let { progress, eventsCursor: cursor } = job;
    let events = 0;
    let more = true;
    for (let page = 0; more && page < PAGES_AT_ONCE; page++) {
      const read = await launcher.events(handle, {
        ...(cursor === null ? {} : { after: cursor }),
        limit: EVENTS_AT_ONCE,
      });
      for (const event of read.events) {
        if (event.type === 'metric') metrics[event.name] = event.value;
        else progress = event.fraction;
      }
      events += read.events.length;
      more = read.events.length + read.invalidLines > 0;
      ({ cursor } = read);
    }
    const place = cursor === job.eventsCursor ? {} : { eventsCursor: cursor };
    if (events === 0) return { reported: place, more };
    return { reported: { ...place, metrics: JSON.stringify(metrics), progress, reports: job.reports + 1 }, more };
  }

  /** Why the job may no longer start: rights are judged again when the work begins. null when it may. */
  private async rightsEnded(job: TrainingJob): Promise<string | null> {
    const requester = await this.jobs.requester(SYSTEM.origin, job.requestedById);
    if (!requester) return 'Who launched it is disabled, or no longer known here.';
    const actor: Actor = {
      id: job.requestedById,
      name: requester.name,
      role: requester.role,
      scopes: SCOPES,
      principalIds: [job.requestedById, ...requester.teamIds],
      origin: SYSTEM.origin,
    };
    const pins = await this.jobs.inputPins(SYSTEM.origin, job.inputIds);
    const { transformationId, outputId } = job;
    const can = await this.access.viewerCan(actor, [
      ...new Set([transformationId, outputId, ...pins.map((pin) => pin.assetId)]),
    ]);
    const may = (assetId: string, action: Action): boolean => can.get(assetId)?.includes(action) ?? false;
    // Whoever sees the transformation reads this: so what may be hidden from them is not named.
    const input = pins.findIndex((pin) => !may(pin.assetId, 'USE_FOR_TRAINING'));
    if (!may(transformationId, 'EDIT')) return ended('EDIT the transformation');
    if (!may(outputId, 'EDIT')) return ended('EDIT the output model');
    return input < 0 ? null : ended(`train on input ${input + 1} of ${pins.length}`);
  }
}

function ended(right: string): string {
  return `The right to ${right} ended before the work began. Ask its owners again with requestAccess.`;
}

function keyOf(job: TrainingJob): AttemptKey {
  return { jobId: job.id, attempt: job.attempt };
}
