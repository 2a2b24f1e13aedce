import { createHash } from 'node:crypto';
import { type Actor, hasScope } from '../../auth/actor.js';
import { type ErrorCode, forbidden, limitExceeded, unauthenticated, WeftlineError } from '../../errors.js';
import { mapInTurns } from '../../turn.js';
import type { LineageEvent } from '../event/event.js';
import type { SentEvent } from '../event/sent.js';
import type { EventIngest, IngestOutcome } from '../ingest/ingest.port.js';
import { excerptOf } from '../rejected/rejected.js';
import type { RejectedEvents } from '../rejected/rejected.service.js';

type Refused = Extract<IngestOutcome, { ok: false }>;
type Read = { event: LineageEvent } | Refused;

/** What producers report: checked, given to the graph, and what is refused kept for whoever sent it. */
export class EventIntake {
  private waiting = 0;

  constructor(
    private readonly ingest: EventIngest,
    private readonly rejected: RejectedEvents,
    private readonly mostWaiting: number,
  ) {}

  /** Throws UNAUTHENTICATED, or FORBIDDEN for who reads only, and for a token with neither WRITE nor REPORT. */
  checkMayReport(actor: Actor): void {
    if (actor.id === null) throw unauthenticated('Sign in first: send "Authorization: Bearer <token>".');
    if (actor.readsAsOf || actor.role === 'AUDITOR')
      throw forbidden('An AUDITOR reads everything and changes nothing.');
    if (!hasScope(actor.scopes, 'REPORT'))
      throw forbidden('Your token has neither the scope REPORT nor WRITE. Make one with createApiToken that has.');
  }

  /** Throws LIMIT_EXCEEDED when more events wait to be taken than should. */
  checkRoom(more = 0): void {
    // A batch that is larger than the whole queue is taken when nothing else waits.
    const most = Math.max(this.mostWaiting, more);
    if (this.waiting + more <= most && this.waiting < this.mostWaiting) return;
    throw limitExceeded(`${this.waiting} events wait to be taken already. Send yours again in a moment.`);
  }

  /** Takes events, durable when answered; outcomes in their order. Throws LIMIT_EXCEEDED or UNAVAILABLE, and took none then. */
  async take(actor: Actor, sent: readonly SentEvent[]): Promise<IngestOutcome[]> {
    this.checkMayReport(actor);
    this.checkRoom(sent.length);
    this.waiting += sent.length;
    try {
      const read = await mapInTurns(sent, readEvent);
      const events = read.flatMap((each) => ('event' in each ? [each.event] : []));
      const taken = events.length > 0 ? await this.ingest.ingest(actor, events) : [];
      const outcomes = inOrder(read, taken);
      await this.keepRefused(actor, sent, outcomes);
      return outcomes;
    } finally {
      this.waiting -= sent.length;
    }
  }

  /** Keeps that a body was refused as a whole; null: nothing of it was read. */
  async refuseBody(
    actor: Actor,
    code: ErrorCode,
    reason: string,
    body: { text: string; isWhole: boolean } | null,
  ): Promise<void> {
    const digest = body?.isWhole ? digestOf(body.text) : null;
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

function readEvent(sent: SentEvent): Read {
  try {
    return { event: sent.parse() };
  } catch (error) {
    if (!(error instanceof WeftlineError)) throw error;
    return { ok: false, code: error.code, message: error.message, retriable: false };
  }
}

function inOrder(read: readonly Read[], taken: readonly IngestOutcome[]): IngestOutcome[] {
  let next = 0;
  return read.map((each) => {
    if (!('event' in each)) return each;
    const outcome = taken[next++];
    if (!outcome) throw new Error('An event has no outcome.');
    return outcome;
  });
}
