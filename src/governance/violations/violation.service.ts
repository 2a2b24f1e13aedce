import type { Actor } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Violation, ViolationFilter } from './violation.js';
import type { ViolationRepository } from './violation.repository.js';

/** Finds violations: by their ids, those of a deployment, and all that the asker may know of. */
export class ViolationReads {
  constructor(
    private readonly rows: ViolationRepository,
    private readonly assets: AssetService,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Violation>> {
    return this.rows.byIds(actor, ids);
  }

  /** `ref`: the deployment, by its id or urn; null: all. One that there is not has none. */
  async deploymentId(actor: Actor, ref: string): Promise<string | null> {
    return (await this.assets.find(actor, ref))?.id ?? null;
  }

  async list(actor: Actor, { deploymentId, ...filter }: ViolationFilter, page: Page): Promise<PageRows<Violation>> {
    if (deploymentId === null) return this.rows.list(actor, filter, page);
    return (await this.rows.on(actor, [deploymentId], filter, page)).get(deploymentId) ?? { rows: [], more: false };
  }

  async count(actor: Actor, { deploymentId, ...filter }: ViolationFilter): Promise<number> {
    if (deploymentId === null) return this.rows.count(actor, filter);
    return (await this.rows.countOn(actor, [deploymentId], filter)).get(deploymentId) ?? 0;
  }

  on(
    actor: Actor,
    ids: readonly string[],
    filter: Omit<ViolationFilter, 'deploymentId'>,
    page: Page,
  ): Promise<Map<string, PageRows<Violation>>> {
    return this.rows.on(actor, ids, filter, page);
  }

  countOn(
    actor: Actor,
    ids: readonly string[],
    filter: Omit<ViolationFilter, 'deploymentId'>,
  ): Promise<Map<string, number>> {
    return this.rows.countOn(actor, ids, filter);
  }
}
