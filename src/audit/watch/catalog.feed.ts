import type { Actor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetFilter } from '../../catalog/assets/asset.input.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput } from '../../errors.js';
import type { AssetEvent } from '../entries/audit.js';
import type { AuditTail } from '../sealing/audit-tail.js';

const LIST = 'catalogChanged';

export interface CatalogEvent {
  cursor: string;
  at: Date;
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
    const entries = await this.log.follow(actor, { list: LIST, after: args.after }, signal);
    return this.cut(actor, entries, args.filter ?? null);
  }

  private async *cut(
    actor: Actor,
    entries: AsyncGenerator<AssetEvent>,
    filter: AssetFilter | null,
  ): AsyncGenerator<CatalogEvent> {
    for await (const entry of entries) yield* await this.eventsOf(actor, entry, filter);
  }

  private async eventsOf(actor: Actor, entry: AssetEvent, filter: AssetFilter | null): Promise<CatalogEvent[]> {
    const assets = await this.assets.byIds(actor, entry.assetIds);
    return [...assets.values()]
      .filter((asset) => matches(asset, filter))
      .map((asset) => ({ cursor: this.log.cursorOf(LIST, entry), at: entry.at, action: entry.action, asset }));
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
