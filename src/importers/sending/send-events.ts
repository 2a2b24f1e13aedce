import type { Outgoing } from '../events/outgoing.js';
import { batchesOf } from './batches.js';
import type { LineageDoor } from './lineage-door.js';

/** How an import went. */
export interface Sent {
  sent: number;
  refused: number;
  /** The first of what was refused, each told in a line. */
  reasons: string[];
}

/** More would hide what matters. */
const MOST_REASONS = 20;

/** Sends all events, batch by batch in their order, and tells after each how many have gone. */
export async function sendEvents(
  events: AsyncIterable<Outgoing> | Iterable<Outgoing>,
  door: Pick<LineageDoor, 'send'>,
  tell: (sent: number) => void,
): Promise<Sent> {
  const all: Sent = { sent: 0, refused: 0, reasons: [] };
  for await (const batch of batchesOf(events)) {
    const refused = await door.send(batch);
    for (const { index, reason } of refused) {
      if (all.reasons.length === MOST_REASONS) break;
      all.reasons.push(`${aboutOf(batch[index]?.json ?? '{}')}: ${reason.slice(0, 500)}`);
    }
    all.sent += batch.length;
    all.refused += refused.length;
    tell(all.sent);
  }
  return all;
}

/** What an event is about, to be found again. */
function aboutOf(json: string): string {
  const event = JSON.parse(json) as { job?: { name: string }; dataset?: { name: string } };
  if (event.job) return `the job ${event.job.name}`;
  return `the data set ${event.dataset?.name ?? ''}`;
}
