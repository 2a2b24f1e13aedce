import type { LineageDestination } from '../../config/lineage.js';
import type { WebhookSettings } from '../../config/webhook.js';

/** Why an event was not sent, when it was last tried. */
export interface Failure {
  /** The status of HTTP; null: there was no answer. */
  status: number | null;
  why: string;
}

/** An event that tells others of what happened here, and waits to be sent. */
export interface OutgoingEvent {
  id: string;
  /** The name of where it goes. */
  destination: string;
  /** What belongs together, and is sent in its order: a run, a deployment, a data set. */
  stream: string;
  /** What it tells of, in a few words. */
  about: string;
  body: string;
  /** Since when it waits: since it was written, or was last to be tried again. */
  since: Date;
  attempts: number;
  /** When it is tried next; null: never, it was refused. */
  dueAt: Date | null;
  /** Since when it is given up; null: it waits. */
  deadAt: Date | null;
  failure: Failure | null;
}

/** How fast events are sent. */
export interface Pace {
  /** Between two looks at what is due. */
  everyMs: number;
  /** A destination that takes longer to answer has hung. */
  answerWithinMs: number;
  /** Who died while sending leaves its events to others after this time. */
  leaseMs: number;
  /** Before the second attempt at most; doubled with each, up to `mostWaitMs`. */
  firstWaitMs: number;
  mostWaitMs: number;
  /** An event that is not taken for so long is given up. */
  giveUpAfterMs: number;
}

export const USUAL_PACE: Pace = {
  ...{ everyMs: 1_000, answerWithinMs: 10_000, leaseMs: 60_000 },
  ...{ firstWaitMs: 1_000, mostWaitMs: 300_000, giveUpAfterMs: 7 * 24 * 3_600_000 },
};

/** What is told to others, and where. */
export interface Telling {
  /** Where others reach this server. */
  publicUrl: string;
  destinations: readonly LineageDestination[];
  /** Who is told of violations of policies; absent or null: nobody. */
  webhook?: WebhookSettings | null;
  /** Another pace than the usual one, as tests need. */
  pace?: Partial<Pace>;
}

/** Of each destination the latest that were refused are kept. */
export const MOST_DEAD = 10_000;
