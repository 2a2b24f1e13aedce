import type { Actor } from '../../src/auth/actor.js';
import type { LineageEvent } from '../../src/openlineage/event/event.js';
import type { EventIngest, IngestOutcome } from '../../src/openlineage/ingest/ingest.port.js';

/** Takes events into memory: what comes through the door can be told from what the graph makes of it. */
export class MemoryIngest implements EventIngest {
  readonly taken: LineageEvent[] = [];
  readonly actors: Actor[] = [];
  /** What becomes of an event. */
  outcomeOf: (event: LineageEvent) => IngestOutcome = () => ({ ok: true });
  /** What is waited for before anything is taken. */
  gate: () => Promise<void> = () => Promise.resolve();
  /** How many requests have come this far. */
  entered = 0;

  async ingest(actor: Actor, events: readonly LineageEvent[]): Promise<IngestOutcome[]> {
    this.entered += 1;
    await this.gate();
    this.actors.push(actor);
    return events.map((event) => {
      const outcome = this.outcomeOf(event);
      if (outcome.ok) this.taken.push(event);
      return outcome;
    });
  }
}
