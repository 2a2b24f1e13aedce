import { recordAudit } from '../../audit/record/record.js';
import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph } from '../../neo4j/graph.js';
import type { OutgoingEvent } from './outbox.js';
import type { OutboxRepository, OutgoingFilter } from './outbox.repository.js';

const MOST_IDS = 1_000;

/** What waits to be told to others, and what they refused: for an ADMIN. */
export class OutgoingEvents {
  constructor(
    private readonly graph: Graph,
    private readonly rows: OutboxRepository,
    private readonly destinations: readonly string[],
    private readonly now: () => Date,
    private readonly wake: () => void,
  ) {}

  list(actor: Actor, filter: OutgoingFilter, page: Page): Promise<PageRows<OutgoingEvent>> {
    return this.rows.page(actor, filter, page);
  }

  count(actor: Actor, filter: OutgoingFilter): Promise<number> {
    return this.rows.count(actor, filter);
  }

  /** Sends again what was refused, and tells how much that is. Throws BAD_USER_INPUT for a destination that is none. */
  async retry(actor: Actor, ids: readonly string[] | null, destination: string | null): Promise<number> {
    if (destination !== null && !this.destinations.includes(destination))
      throw badInput(
        `There is no destination ${destination.slice(0, 60)}. Known: ${this.destinations.join(', ') || 'none (WEFTLINE_LINEAGE_TO)'}.`,
      );
    if (ids && ids.length > MOST_IDS)
      throw badInput(`${ids.length} events at once; at most ${MOST_IDS} are possible. Leave \`events\` out for all.`);
    const names = destination === null ? this.destinations : [destination];
    const retried = await this.graph.write(actor.origin, async (tx) => {
      const count = await this.rows.retry(tx, names, ids);
      const fact = { targetId: 'outbox', targetName: 'events for others', at: this.now() };
      if (count > 0) await recordAudit(tx, actor, { action: 'lineage:retry', ...fact, after: { count, to: names } });
      return count;
    });
    this.wake();
    return retried;
  }
}
