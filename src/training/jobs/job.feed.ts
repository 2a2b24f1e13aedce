import type { Actor } from '../../auth/actor.js';
import { badInput, notFound } from '../../errors.js';
import { readCursor, writeCursor } from '../../graphql/page.js';
import { tail } from '../../graphql/tail.js';
import { isTerminal, type JobAttempt, type JobState, type TrainingJob } from './job.js';
import type { JobRepository } from './job.repository.js';
import type { LogLine } from '../../launchers/port/launcher.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import type { LogAccess } from './log-access.policy.js';

const CHANGES = 'trainingJobChanged';
const LOG = 'trainingJobLog';
const LOOK_EVERY_MS = 300;
const LINES_AT_ONCE = 500;

export interface TrainingJobEvent {
  cursor: string;
  at: Date;
  /** STATE: a step of its life; REPORT: the program reported metrics or progress. */
  change: 'STATE' | 'REPORT';
  state: JobState;
  cause: string;
  job: TrainingJob;
}

/** Following a job: its changes and its log, from any place, read from the database and the launcher. */
export class JobFeed {
  constructor(
    private readonly jobs: JobRepository,
    private readonly launchers: LauncherRegistry,
    private readonly logAccess: LogAccess,
    private readonly now: () => Date,
  ) {}

  /** What happens to the job until it ends. Without a cursor it begins with all that has happened. Throws NOT_FOUND. */
  async follow(
    actor: Actor,
    args: { id: string; after?: string | null },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<TrainingJobEvent>> {
    let place = args.after == null ? { seq: 0, reports: 0 } : readPlace(args.after);
    const read = async (): Promise<{ items: TrainingJobEvent[]; ended: boolean }> => {
      const found = await this.jobs.transitionsAfter(actor, args.id, place.seq);
      if (!found) throw jobNotFound(args.id);
      const { job, transitions } = found;
      const steps = transitions.map(({ seq, at, state, cause }) => ({
        seq,
        at,
        state,
        cause,
        change: 'STATE' as const,
      }));
      // Before the end of the job, so that the end is the last thing heard.
      const end = isTerminal(job.state) ? steps.pop() : undefined;
      const items = [...steps, ...reportOf(job, place, this.now()), ...(end ? [end] : [])].map((step) => {
        place = step.change === 'STATE' ? { ...place, seq: step.seq } : { ...place, reports: job.reports };
        const { at, change, state, cause } = step;
        return { cursor: cursorAt(place), at, change, state, cause, job };
      });
      return { items, ended: isTerminal(job.state) };
    };
    return tail({ read, signal, everyMs: LOOK_EVERY_MS });
  }

  /** The log of the job until it ends, attempt after attempt. Throws NOT_FOUND, or FORBIDDEN once it is not for the actor. */
  async followLog(
    actor: Actor,
    args: { id: string; after?: string | null },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<LogLine>> {
    let after = args.after ?? null;
    const read = async (): Promise<{ items: LogLine[]; ended: boolean }> => {
      const job = (await this.jobs.byIds(actor, [args.id])).get(args.id);
      if (!job) throw jobNotFound(args.id);
      await this.logAccess.check(actor, job);
      const attempts = (await this.jobs.attemptsOf(actor, [args.id])).get(args.id) ?? [];
      const page = await this.readLog(job, attempts, { after, first: LINES_AT_ONCE });
      after = page.endCursor;
      return { items: page.lines, ended: page.ended };
    };
    return tail({ read, signal, everyMs: LOOK_EVERY_MS });
  }

  /** One page of the log, oldest first, up to a time if one is given; `ended`: nothing more will ever come. Throws BAD_USER_INPUT for a foreign cursor. */
  async readLog(
    job: TrainingJob,
    attempts: readonly JobAttempt[],
    { after, first, until }: { after: string | null; first: number; until?: Date | undefined },
  ): Promise<{ lines: LogLine[]; endCursor: string | null; ended: boolean; more: boolean }> {
    const place = after === null ? { attempt: 1, cursor: null } : readLogPlace(after);
    const attempt = attempts.find((each) => each.number === place.attempt);
    const page = attempt && (await this.readAttempt(job, attempt, place.cursor, first));
    if (!page) return { lines: [], endCursor: after, ended: isTerminal(job.state), more: false };
    const position = (cursor: string): string => writeCursor(LOG, `${place.attempt} ${cursor}`);
    const lines = page.lines
      .filter(({ at }) => !until || at <= until)
      .map((line) => ({ ...line, cursor: position(line.cursor) }));
    const hasNext = attempts.some((each) => each.number > place.attempt);
    // Whether its end is written is what came later; of an earlier attempt all was.
    if (until && !(page.ended && hasNext))
      return { lines, endCursor: lines.at(-1)?.cursor ?? after, ended: true, more: lines.length === first };
    if (!page.ended) return { lines, endCursor: position(page.cursor), ended: false, more: lines.length === first };
    if (hasNext) {
      return { lines, endCursor: writeCursor(LOG, `${place.attempt + 1} `), ended: false, more: true };
    }
    return { lines, endCursor: position(page.cursor), ended: isTerminal(job.state), more: false };
  }

  private async readAttempt(job: TrainingJob, attempt: JobAttempt, after: string | null, limit: number) {
    const launcher = this.launchers.find(job.launcher);
    if (!launcher || !attempt.handle) return null;
    return launcher.logs(attempt.handle, { ...(after === null ? {} : { after }), limit });
  }
}

/** That the program reported since the place, as one event however often it did; [] when it did not. */
function reportOf(job: TrainingJob, place: { reports: number }, now: Date) {
  if (job.reports <= place.reports) return [];
  const { state, observedAt } = job;
  return [{ at: observedAt ?? now, change: 'REPORT' as const, state, cause: 'the program reported' }];
}

function cursorAt({ seq, reports }: { seq: number; reports: number }): string {
  return writeCursor(CHANGES, `${seq} ${reports}`);
}

function readPlace(cursor: string): { seq: number; reports: number } {
  const [seq, reports] = readCursor(CHANGES, cursor).split(' ').map(Number);
  return { seq: seq ?? 0, reports: reports ?? 0 };
}

function readLogPlace(cursor: string): { attempt: number; cursor: string | null } {
  const [attempt, place] = readCursor(LOG, cursor).split(' ');
  const number = Number(attempt);
  if (!Number.isSafeInteger(number)) throw badInput(`"${cursor.slice(0, 60)}" is not a cursor of a job log.`);
  return { attempt: number, cursor: place === undefined || place === '' ? null : place };
}

function jobNotFound(id: string): Error {
  return notFound(`There is no training job ${id}, or you may not know of it.`);
}
