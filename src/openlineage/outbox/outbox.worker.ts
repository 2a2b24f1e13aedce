import type { Logger } from 'pino';
import type { LineageDestination } from '../../config/lineage.js';
import { pause } from '../../neo4j/pause.js';
import type { Deliver, Delivered } from './delivery.js';
import type { OutgoingEvent, Pace } from './outbox.js';
import type { OutboxRepository } from './outbox.repository.js';

/** Events in hand at once, and how many of them are under way. */
const CHUNK = 20;
const AT_ONCE = 4;
/** What is under way when the server stops has so long to end. */
const LAST_MS = 3_000;

export interface Sending {
  destination: Pick<LineageDestination, 'name'>;
  /** How an event gets there. */
  deliver: Deliver;
  /** Names this process among all that share the database. */
  worker: string;
  pace: Pace;
  logger: Logger;
  now: () => Date;
  random: () => number;
  /** Told of each attempt. */
  onAttempt: (destination: string, outcome: Delivered['outcome']) => void;
}

/** Sends what waits for one destination: at least once, and what belongs together in its order. */
export class OutboxWorker {
  private readonly stopping = new AbortController();
  private readonly interrupting = new AbortController();
  private rested = new AbortController();
  private loop: Promise<void> | null = null;
  /** The destination is not asked before. */
  private pausedUntil = 0;
  private isAway = false;

  constructor(
    private readonly rows: OutboxRepository,
    private readonly sending: Sending,
  ) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Looks at once: something was written. */
  wake(): void {
    this.rested.abort();
  }

  /** Lets what is under way end, for a while, and gives back what is not. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    const last = setTimeout(() => this.interrupting.abort(), LAST_MS);
    await this.loop;
    clearTimeout(last);
    const { worker, destination, logger } = this.sending;
    if (this.loop === null) return;
    await this.rows.release(worker, destination.name).catch((error: unknown) => {
      logger.warn(
        { err: error, destination: destination.name },
        'Events that wait could not be given back; they are after a while.',
      );
    });
  }

  private async run(): Promise<void> {
    const { logger, destination } = this.sending;
    while (!this.stopping.signal.aborted) {
      let isBusy = false;
      // What is written from here on ends the rest below.
      this.rested = new AbortController();
      try {
        isBusy = await this.round();
      } catch (error) {
        logger.warn({ err: error, destination: destination.name }, 'Events could not be sent; it is tried again.');
      }
      if (!isBusy) await this.rest();
    }
  }

  private async rest(): Promise<void> {
    try {
      const signal = AbortSignal.any([this.stopping.signal, this.rested.signal]);
      await pause(this.sending.pace.everyMs, signal, { ref: false });
    } catch {
      // Woken.
    }
  }

  /** Whether there may be more to send. */
  private async round(): Promise<boolean> {
    const { destination, worker, pace, now } = this.sending;
    if (now().getTime() < this.pausedUntil) return false;
    const until = new Date(now().getTime() + pace.leaseMs);
    const events = await this.rows.lease({ destination: destination.name, worker, until, chunk: CHUNK });
    const open = [...events];
    const lane = async (): Promise<void> => {
      for (let event = open.shift(); event; event = open.shift()) await this.send(event);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return events.length > 0;
  }

  private async send(event: OutgoingEvent): Promise<void> {
    const { destination, deliver, worker, pace, now, onAttempt } = this.sending;
    const paused = this.pausedUntil - now().getTime();
    if (paused > 0 || this.stopping.signal.aborted) {
      const dueAt = new Date(now().getTime() + Math.max(0, paused));
      await this.rows.postpone(worker, event, { dueAt, failure: null });
      return;
    }
    const { answerWithinMs } = pace;
    const delivered = await deliver(event.body, { answerWithinMs, signal: this.interrupting.signal });
    onAttempt(destination.name, delivered.outcome);
    const tried = { ...event, attempts: event.attempts + 1 };
    this.tellWhenAway(delivered);
    if (delivered.outcome === 'TAKEN') await this.rows.sent(worker, event.id);
    else if (delivered.outcome === 'REFUSED') await this.giveUp(tried, delivered.failure);
    else await this.putOff(tried, delivered);
  }

  private async putOff(event: OutgoingEvent, { failure, afterMs }: Delivered & { outcome: 'LATER' }): Promise<void> {
    const { worker, pace, now, random } = this.sending;
    const at = now().getTime();
    if (at - event.since.getTime() > pace.giveUpAfterMs) {
      await this.giveUp(event, failure);
      return;
    }
    // Of many that wait for one destination not all come at the same moment.
    const most = Math.min(pace.firstWaitMs * 2 ** Math.min(event.attempts - 1, 30), pace.mostWaitMs);
    const wait = afterMs ?? most * (0.5 + random() / 2);
    // It is away, or has too much to do: the others would find it so, too.
    if (failure.status === null || failure.status === 429 || failure.status === 503)
      this.pausedUntil = Math.max(this.pausedUntil, at + wait);
    await this.rows.postpone(worker, event, { dueAt: new Date(at + wait), failure });
  }

  private async giveUp(event: OutgoingEvent, failure: OutgoingEvent['failure'] & object): Promise<void> {
    const { worker, destination, logger } = this.sending;
    await this.rows.giveUp(worker, event, failure);
    const facts = { destination: destination.name, event: event.id, status: failure.status };
    logger.warn(
      facts,
      'An event was refused and is not sent again by itself. See outgoingEvents, and retryOutgoingEvents.',
    );
  }

  /** Once when it goes, once when it is back: not for each event. */
  private tellWhenAway(delivered: Delivered): void {
    const isAway = delivered.outcome === 'LATER';
    const { logger, destination } = this.sending;
    if (isAway && !this.isAway)
      logger.warn(
        { destination: destination.name, why: delivered.failure.why },
        'Events cannot be sent now; they wait.',
      );
    if (!isAway && this.isAway) logger.info({ destination: destination.name }, 'Events are sent again.');
    this.isAway = isAway;
  }
}
