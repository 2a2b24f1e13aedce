import type { Actor } from '../auth/actor.js';
import type { Page, PageRows } from '../graphql/page.js';
import type { AuditConditions, AuditEntry } from './audit.js';
import type { AuditRepository } from './audit.repository.js';

/** Reading the log of who did what. It is written by `recordAudit`, with the change itself. */
export class AuditService {
  constructor(private readonly entries: AuditRepository) {}

  list(actor: Actor, conditions: AuditConditions, page: Page): Promise<PageRows<AuditEntry>> {
    return this.entries.list(actor, conditions, page);
  }

  count(actor: Actor, conditions: AuditConditions): Promise<number> {
    return this.entries.count(actor, conditions);
  }

  /** Pages of what concerns several assets, the newest first. */
  of(actor: Actor, assetIds: readonly string[], page: Page): Promise<Map<string, PageRows<AuditEntry>>> {
    return this.entries.of(actor, assetIds, page);
  }

  countOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, number>> {
    return this.entries.countOf(actor, assetIds);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AuditEntry>> {
    return this.entries.byIds(actor, ids);
  }

  /** Changes of assets between two ids of entries, oldest first. */
  between(actor: Actor, window: { after: string; before: string; limit: number }): Promise<AuditEntry[]> {
    return this.entries.between(actor, window);
  }
}
