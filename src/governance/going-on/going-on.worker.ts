import type { Logger } from 'pino';
import { type Actor, systemActor } from '../../auth/actor.js';
import { WeftlineError } from '../../errors.js';
import type { PolicyApproval } from '../decisions/approval.js';
import { GoneOnAlready } from '../decisions/decision.service.js';
import { type AskedFor, readRequest } from '../decisions/request.js';
import type { GoingOnRepository, RequesterNow } from './going-on.repository.js';

const EVERY_MS = 5_000;
const LONGEST_WAIT_MS = 600_000;
const LONGEST_REASON = 2_000;
const SYSTEM = systemActor('policies-going-on');

/** What comes of something that is done for somebody. */
export type Came = { allowedId: string } | { stopped: string } | { later: string };

/** Does what was asked for, as who asked for it. */
export type Doers = Readonly<Record<AskedFor['mutation'], (actor: Actor, input: never) => Promise<Came>>>;

interface Parts {
  /** Who asked, as they are now, with what they may see. */
  actorOf: (approval: PolicyApproval, requester: RequesterNow) => Actor;
  doers: Doers;
  logger: Logger;
  now: () => Date;
}

/**
 * Does what was approved: at once, and, where a server broke off between, at the next look. Who asked is judged as they are now, by the
 * same lines as if they asked again; what is done is told with it, in its transaction, so it is done once.
 */
export class GoingOn {
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private isStopped = true;

  constructor(
    private readonly rows: GoingOnRepository,
    private readonly parts: Parts,
  ) {}

  start(): void {
    this.isStopped = false;
    this.schedule(0);
  }

  /** Ends the look under way. */
  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.working;
  }

  /** Does all that is due. */
  async look(): Promise<void> {
    for (const approval of await this.rows.due(SYSTEM.origin, this.parts.now())) await this.goOn(approval);
  }

  /** Does it now where it is due; what goes wrong is left to a later look. */
  async goOnNow(id: string): Promise<void> {
    try {
      const approval = await this.rows.dueById(SYSTEM.origin, id, this.parts.now());
      if (approval) await this.goOn(approval);
    } catch (error) {
      this.parts.logger.warn(
        { err: error, approval: id },
        'What was approved could not be done at once; it is tried again.',
      );
    }
  }

  private async goOn(approval: PolicyApproval): Promise<void> {
    const came = await this.tried(approval);
    if (came === null) return;
    const endedAt = this.parts.now();
    if ('allowedId' in came)
      await this.rows.tell(SYSTEM.origin, approval.id, { continuation: 'DONE', allowedId: came.allowedId, endedAt });
    else if ('later' in came) await this.putOff(approval, came.later);
    else await this.stopped(approval, came.stopped);
  }

  /** null: somebody else has done it meanwhile. */
  private async tried(approval: PolicyApproval): Promise<Came | null> {
    const requester = await this.rows.requester(SYSTEM.origin, approval);
    const request = readRequest(approval.request);
    const why = whyNot(approval, requester, request, this.parts.now());
    if (why !== null || !requester || !request) return { stopped: why ?? '' };
    try {
      const does = this.parts.doers[request.mutation];
      return await does(this.parts.actorOf(approval, requester), request.input as never);
    } catch (error) {
      if (error instanceof GoneOnAlready) return null;
      if (error instanceof WeftlineError && !PASSING.has(error.code)) return { stopped: error.message };
      this.parts.logger.warn(
        { err: error, approval: approval.id },
        'What was approved could not be done; it is tried again.',
      );
      return { later: error instanceof WeftlineError ? error.message : 'Something went wrong on our side.' };
    }
  }

  private async putOff(approval: PolicyApproval, why: string): Promise<void> {
    const now = this.parts.now();
    const dueAt = new Date(now.getTime() + Math.min(LONGEST_WAIT_MS, EVERY_MS * 2 ** Math.min(approval.attempts, 20)));
    if (dueAt >= approval.expiresAt)
      return this.stopped(approval, `It could not be done until the approval expired: ${why}`);
    return this.rows.tell(SYSTEM.origin, approval.id, { dueAt, attempts: approval.attempts + 1 });
  }

  private stopped({ id }: PolicyApproval, why: string): Promise<void> {
    const stoppedBecause = why.slice(0, LONGEST_REASON);
    return this.rows.tell(SYSTEM.origin, id, { continuation: 'STOPPED', stoppedBecause, endedAt: this.parts.now() });
  }

  private schedule(afterMs: number): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.working = this.look()
        .catch((error: unknown) => {
          this.parts.logger.warn({ err: error }, 'What was approved could not be looked for; it is tried again.');
        })
        .finally(() => {
          this.schedule(EVERY_MS);
        });
    }, afterMs);
    this.timer.unref();
  }
}

const PASSING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'LIMIT_EXCEEDED', 'INTERNAL']);

/** Why it is not done for who asked; null: it may be tried. */
function whyNot(
  { expiresAt }: PolicyApproval,
  requester: RequesterNow | null,
  request: AskedFor | null,
  now: Date,
): string | null {
  if (request === null) return 'What was asked for cannot be read any more. Ask for it again.';
  if (expiresAt <= now) return `The approval expired at ${expiresAt.toISOString()} before it was done.`;
  if (requester === null) return 'Who asked for it is disabled, or no longer known here.';
  if (requester.isRevoked) return 'The token that it was asked for with has been revoked since.';
  return requester.role === 'AUDITOR' ? 'Who asked for it is an AUDITOR now, who changes nothing.' : null;
}
