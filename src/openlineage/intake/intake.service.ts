import { createHash } from 'node:crypto';
import { type Actor, actorId, hasScope } from '../../auth/actor.js';
import { type ErrorCode, forbidden, unauthenticated, WeftlineError } from '../../errors.js';
import { mapInTurns } from '../../turn.js';
import type { LineageEvent } from '../event/event.js';
import type { SentEvent } from '../event/sent.js';
import type { EventIngest, IngestOutcome } from '../ingest/ingest.port.js';
import type { NamingRules } from '../naming/naming-rules.js';
import { renamed } from '../naming/renamed-event.js';
import { excerptOf } from '../rejected/rejected.js';
import type { RejectedEvents } from '../rejected/rejected.service.js';
import type { Backlog } from './backlog.js';
import type { IntakeTallies, Outcome } from './tallies.js';
import { withinLimits } from './within-limits.js';

type Refused = Extract<IngestOutcome, { ok: false }>;
type Read = { event: LineageEvent } | Refused;

/** What producers report: checked, given to the graph, and what is refused kept for whoever sent it. */
export class EventIntake {
  constructor(
    private readonly ingest: EventIngest,
    private readonly rejected: RejectedEvents,
    private readonly naming: NamingRules,
    readonly backlog: Backlog,
    readonly tallies: IntakeTallies,
  ) {}

  /** Throws UNAUTHENTICATED, or FORBIDDEN for who reads only, and for a token with neither WRITE nor REPORT. */
  checkMayReport(actor: Actor): void {
    if (actor.id === null) throw unauthenticated('Sign in first: send "Authorization: Bearer <token>".');
    if (actor.readsAsOf || actor.role === 'AUDITOR')
      throw forbidden('An AUDITOR reads everything and changes nothing.');
    if (!hasScope(actor.scopes, 'REPORT'))
      throw forbidden('Your token has neither the scope REPORT nor WRITE. Make one with createApiToken that has.');
  }

  /** Takes events, durable when answered; outcomes in their order. Throws LIMIT_EXCEEDED or UNAVAILABLE, and took none then. */
  async take(actor: Actor, sent: readonly SentEvent[]): Promise<IngestOutcome[]> {
    this.checkMayReport(actor);
    return this.backlog.during(sent.length, async () => {
      const read = await mapInTurns(sent, (each) => this.readEvent(actor, each));
      const events = read.flatMap((each) => ('event' in each ? [each.event] : []));
      const taken = events.length > 0 ? await this.ingest.ingest(actor, events) : [];
      const outcomes = inOrder(read, taken);
      this.count(actor, outcomes, events);
      await this.keepRefused(actor, sent, outcomes);
      return outcomes;
    });
  }

  /** With the names that count here, as far as the token in hand may say it. */
  private async readEvent(actor: Actor, sent: SentEvent): Promise<Read> {
    try {
      return { event: withinLimits(renamed(await sent.parse(), this.naming), actor.reportLimits) };
    } catch (error) {
      if (!(error instanceof WeftlineError)) throw error;
      return { ok: false, code: error.code, message: error.message, retriable: false };
    }
  }

  /** What will be sent again counts when it is. */
  private count(actor: Actor, outcomes: readonly IngestOutcome[], events: readonly LineageEvent[]): void {
    const told = outcomes.flatMap((outcome): Outcome[] => {
      if (outcome.ok) return [outcome.repeated ? 'repeated' : 'taken'];
      return outcome.retriable ? [] : ['refused'];
    });
    const times = events.map(({ eventTime }) => eventTime);
    this.tallies.count(actorId(actor), told, times);
  }

  /** Keeps that a body was refused as a whole; null: nothing of it was read. */
  async refuseBody(
    actor: Actor,
    code: ErrorCode,
    reason: string,
    body: { text: string; isWhole: boolean } | null,
  ): Promise<void> {
    const digest = body?.isWhole ? digestOf(body.text) : null;
    this.tallies.count(actorId(actor), ['refused'], []);
    await this.rejected.keep(actor, [{ code, reason, digest, excerpt: body && excerptOf(body.text) }]);
  }

  /** What can be sent again unchanged is not kept: it will be. */
  private async keepRefused(
    actor: Actor,
    sent: readonly SentEvent[],
    outcomes: readonly IngestOutcome[],
  ): Promise<void> {
    const rejections = outcomes.flatMap((outcome, index) => {
      if (outcome.ok || outcome.retriable) return [];
      const text = sent[index]?.text() ?? '';
      return [{ code: outcome.code, reason: outcome.message, digest: digestOf(text), excerpt: excerptOf(text) }];
    });
    await this.rejected.keep(actor, rejections);
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function inOrder(read: readonly Read[], taken: readonly IngestOutcome[]): IngestOutcome[] {
  let next = 0;
  return read.map((each) => {
    if (!('event' in each)) return each;
    const outcome = taken[next++];
    if (!outcome) throw new Error('An event has no outcome.');
    return outcome;
  });
}
