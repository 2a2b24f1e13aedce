import type { Actor } from '../../auth/actor.js';
import type { ErrorCode } from '../../errors.js';
import type { LineageEvent } from '../event/event.js';

/** What became of one event. `repeated`: it was taken before. `retriable`: sent again unchanged, it may be taken. */
export type IngestOutcome =
  { ok: true; repeated?: boolean } | { ok: false; code: ErrorCode; message: string; retriable: boolean };

/** What events are given to. */
export interface EventIngest {
  /** Takes the events into the graph, durable when answered; outcomes in the order of the events. Throws UNAVAILABLE. */
  ingest(actor: Actor, events: readonly LineageEvent[]): Promise<readonly IngestOutcome[]>;
}
