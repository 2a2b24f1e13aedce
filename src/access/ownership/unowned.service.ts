import type { Actor } from '../../auth/actor.js';
import { ASSET_KINDS } from '../../catalog/model/urn.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { spelt } from '../../spelling.js';
import type { UnownedAsset } from './unowned.js';
import type { UnownedFilter } from './unowned.type.js';
import type { UnownedRepository, WantedUnowned } from './unowned.repository.js';

/** What nobody owns: whoever may see it can see to that. */
export class UnownedService {
  constructor(private readonly rows: UnownedRepository) {}

  /** Those that were brought in last come first. */
  list(actor: Actor, filter: UnownedFilter | null | undefined, page: Page): Promise<PageRows<UnownedAsset>> {
    return this.rows.list(actor, wantedOf(filter), page);
  }

  count(actor: Actor, filter: UnownedFilter | null | undefined): Promise<number> {
    return this.rows.count(actor, wantedOf(filter));
  }
}

function wantedOf(filter: UnownedFilter | null | undefined): WantedUnowned {
  return {
    kinds: [...new Set(filter?.kinds ?? ASSET_KINDS)],
    namespaces: filter?.namespaces ? [...new Set(filter.namespaces.map(spelt))] : null,
  };
}
