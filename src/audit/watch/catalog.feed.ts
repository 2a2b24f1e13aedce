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
      throw badInput('`owners` does not filter this stream. Filter by kinds, namespaces, tags or nameContains.');
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

/** The conditions of a filter that can be told from the asset alone. */
function matches(asset: Asset, filter: AssetFilter | null): boolean {
  if (!filter) return true;
  return (
    (filter.kinds == null || filter.kinds.includes(asset.kind)) &&
    (filter.namespaces == null || filter.namespaces.includes(asset.namespace)) &&
    (filter.tags == null || filter.tags.every((tag) => asset.tags.includes(tag))) &&
    (filter.nameContains == null || asset.name.toLowerCase().includes(filter.nameContains.toLowerCase()))
  );
}
