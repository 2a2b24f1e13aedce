import { createHash } from 'node:crypto';
import type { Outgoing } from '../events/outgoing.js';

interface Said {
  digest: string;
  eventTime: string;
}

/**
 * Which events say something new. MLflow keeps no time of a change of a tag, an alias or a deletion: what differs from what was
 * said before, and is not of a later time, is of the time when that was noticed.
 */
export class Changes {
  private readonly said = new Map<string, Said>();
  private open = new Map<string, Said>();

  constructor(private readonly now: () => Date) {}

  /** The event as it is to be sent; null: it was said. */
  of(event: Outgoing): Outgoing | null {
    const key = keyOf(event);
    const digest = createHash('sha256').update(JSON.stringify(event)).digest('base64url');
    const before = this.said.get(key);
    if (before?.digest === digest) return null;
    const said = String(event['eventTime']);
    const isLater = before === undefined || Date.parse(said) > Date.parse(before.eventTime);
    const eventTime = isLater ? said : this.now().toISOString();
    this.open.set(key, { digest, eventTime });
    return isLater ? event : { ...event, eventTime };
  }

  /** What was given is there. */
  arrived(): void {
    for (const [key, said] of this.open) this.said.set(key, said);
    this.open.clear();
  }

  /** What was given did not arrive, and is given again. */
  lost(): void {
    this.open.clear();
  }
}

interface About {
  eventType?: string;
  run?: { runId: string };
  job?: { name: string };
  dataset?: { name: string; facets: { version?: { datasetVersion: string } } };
  outputs?: { name: string; facets?: { version?: { datasetVersion: string } } }[];
}

/** What the event is about: a later one of the same takes its place. A run may register many versions, each with an event. */
function keyOf(event: Outgoing): string {
  const { eventType = '', run, job, dataset, outputs = [] } = event as About;
  const end = eventType === 'START' || eventType === 'OTHER' ? eventType : 'state';
  const registered =
    eventType === 'OTHER' ? outputs.map(({ name, facets }) => [name, facets?.version?.datasetVersion]) : [];
  return JSON.stringify([
    run === undefined ? 'none' : end,
    run?.runId,
    job?.name,
    dataset?.name,
    dataset?.facets.version?.datasetVersion,
    registered,
  ]);
}
