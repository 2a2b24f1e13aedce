import type { Actor } from '../../auth/actor.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { DatasetChange } from './changes.js';
import type { ChangesRepository } from './changes.repository.js';

/** What became of data sets, for who may see them. */
export class ChangesService {
  constructor(private readonly rows: ChangesRepository) {}

  async of(actor: Actor, ids: readonly string[], page: Page): Promise<Map<string, PageRows<DatasetChange>>> {
    const found = await this.rows.of(actor, ids, page);
    return new Map(ids.map((id) => [id, found.get(id) ?? { rows: [], more: false }]));
  }

  async countOf(actor: Actor, ids: readonly string[]): Promise<Map<string, number>> {
    const found = await this.rows.countOf(actor, ids);
    return new Map(ids.map((id) => [id, found.get(id) ?? 0]));
  }

  dropped(actor: Actor, ids: readonly string[]): Promise<Map<string, Date>> {
    return this.rows.dropped(actor, ids);
  }

  byVersions(actor: Actor, versionIds: readonly string[]): Promise<Map<string, DatasetChange[]>> {
    return this.rows.byVersions(actor, versionIds);
  }

  called(actor: Actor, keys: readonly string[]): Promise<Map<string, string>> {
    return this.rows.called(actor, keys);
  }

  renamed(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>> {
    return this.rows.renamed(actor, ids);
  }
}
