import type { Actor } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { AssetEvent, AuditConditions, AuditEntry } from './audit.js';
import type { AuditRepository } from './audit.repository.js';

/** Which entries a list holds; the asset as its reader names it. */
export interface AuditQuestion extends Omit<AuditConditions, 'assetId'> {
  asset: string | null;
}

/** Reading the log of who did what. It is written by `recordAudit`, with the change itself. */
export class AuditService {
  constructor(
    private readonly entries: AuditRepository,
    private readonly assets: AssetService,
  ) {}

  /** A page of entries, the newest first; none when the asset asked for is not there for the actor. */
  async list(actor: Actor, question: AuditQuestion, page: Page): Promise<PageRows<AuditEntry>> {
    const conditions = await this.conditionsOf(actor, question);
    return conditions === null ? { rows: [], more: false } : this.entries.list(actor, conditions, page);
  }

  async count(actor: Actor, question: AuditQuestion): Promise<number> {
    const conditions = await this.conditionsOf(actor, question);
    return conditions === null ? 0 : this.entries.count(actor, conditions);
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

  /** Changes of assets that were sealed after the number `after`, oldest first, and how far these reach. */
  after(actor: Actor, after: number, limit: number): Promise<{ events: AssetEvent[]; through: number }> {
    return this.entries.after(actor, after, limit);
  }

  /** null: nothing can match. */
  private async conditionsOf(actor: Actor, { asset, ...same }: AuditQuestion): Promise<AuditConditions | null> {
    if (asset === null) return { ...same, assetId: null };
    const found = await this.assets.find(actor, asset);
    return found && { ...same, assetId: found.id };
  }
}
