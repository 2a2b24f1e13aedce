import type { Logger } from 'pino';
import { type Actor, actorId } from '../../auth/actor.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { RejectedEvent, Rejection } from './rejected.js';
import type { RejectedRepository } from './rejected.repository.js';

/** What was refused of the events that producers sent: for whoever owns the token they came with, and for an ADMIN. */
export class RejectedEvents {
  constructor(
    private readonly rows: RejectedRepository,
    private readonly logger: Logger,
  ) {}

  /** Never fails: the answer to whoever sent it says the same, and that answer matters more. */
  async keep(actor: Actor, rejections: readonly Rejection[]): Promise<void> {
    if (rejections.length === 0) return;
    try {
      await this.rows.keep(actor.origin, actorId(actor), rejections);
    } catch (error) {
      this.logger.warn({ requestId: actor.origin.requestId, err: error }, 'Refused events could not be kept.');
    }
  }

  list(actor: Actor, page: Page): Promise<PageRows<RejectedEvent>> {
    return this.rows.page(actor, seenBy(actor), page);
  }

  count(actor: Actor): Promise<number> {
    return this.rows.count(actor, seenBy(actor));
  }
}

/** Whose the actor sees; null: all. */
const seenBy = (actor: Actor): string | null => (actor.role === 'ADMIN' ? null : actorId(actor));
