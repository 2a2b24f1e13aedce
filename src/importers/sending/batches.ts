import type { Outgoing } from '../events/outgoing.js';

/** What a server takes at a time: the importers ask no more of any. */
const MOST_EVENTS = 100;
export const MOST_BYTES = 5_000_000;

/** An event as it is sent, so that what is counted is what goes. */
export interface WrittenEvent {
  json: string;
  bytes: number;
}

export function writeEvent(event: Outgoing): WrittenEvent {
  const json = JSON.stringify(event);
  return { json, bytes: Buffer.byteLength(json) };
}

/** Puts events together in their order, as many as go into a batch; one that is too large by itself goes alone. */
export async function* batchesOf(
  events: AsyncIterable<Outgoing> | Iterable<Outgoing>,
): AsyncGenerator<readonly WrittenEvent[]> {
  let batch: WrittenEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    const written = writeEvent(event);
    // The comma, and the two brackets once.
    const wouldBe = bytes + written.bytes + 1 + 2;
    if (batch.length > 0 && (batch.length === MOST_EVENTS || wouldBe > MOST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(written);
    bytes += written.bytes + 1;
  }
  if (batch.length > 0) yield batch;
}
