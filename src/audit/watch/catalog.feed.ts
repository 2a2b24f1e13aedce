import type { Actor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetFilter } from '../../catalog/assets/asset.input.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput } from '../../errors.js';
import type { AuditTail, Placed } from '../sealing/audit-tail.js';

const LIST = 'catalogChanged';

export interface CatalogEvent extends Placed {
  action: string;
  asset: Asset;
}

export interface CatalogChangedArguments {
  filter?: AssetFilter | null;
  after?: string | null;
}

/**
 * What happens to assets, as a stream read from the audit log in order of its numbers, cut to what the listener may see
 * at that moment. Numbers are given under a lock and without a gap, so nothing can come in late behind the listener.
 */
export class CatalogFeed {
  constructor(
    private readonly log: AuditTail,
    private readonly assets: AssetService,
  ) {}

  /** Without a cursor from now on. Throws BAD_USER_INPUT for a filter by owners and for the cursor of another list. */
  async follow(
    actor: Actor,
    args: CatalogChangedArguments,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<CatalogEvent>> {
    if (args.filter?.owners != null) {
      throw badInput('`owners` does not filter this stream. Leave it out.');
    }
    return this.log.events(
      actor,
      { list: LIST, after: args.after },
      {
        signal,
        cut: async ({ action, assetIds }) =>
          [...(await this.assets.byIds(actor, assetIds)).values()]
            .filter((asset) => matches(asset, args.filter ?? null))
            .map((asset) => ({ action, asset })),
      },
    );
  }
}

type Told = Exclude<keyof AssetFilter, 'owners' | 'includeRetired'>;

/** The conditions of a filter, each told from the asset alone: a member that has none here does not compile. */
const CONDITIONS: Readonly<Record<Told, (asset: Asset, filter: AssetFilter) => boolean>> = {
  kinds: ({ kind }, { kinds }) => kinds == null || kinds.includes(kind),
  namespaces: ({ namespace }, { namespaces }) => namespaces == null || namespaces.includes(namespace),
  tags: (asset, { tags }) => tags == null || tags.every((tag) => asset.tags.includes(tag)),
  nameContains: ({ name }, { nameContains: part }) => part == null || name.toLowerCase().includes(part.toLowerCase()),
  minRetentionDays: ({ retentionDays: days }, { minRetentionDays: least }) =>
    least == null || (days !== null && days >= least),
  maxRetentionDays: ({ retentionDays: days }, { maxRetentionDays: most }) =>
    most == null || (days !== null && days <= most),
};

function matches(asset: Asset, filter: AssetFilter | null): boolean {
  return filter === null || Object.values(CONDITIONS).every((holds) => holds(asset, filter));
}
