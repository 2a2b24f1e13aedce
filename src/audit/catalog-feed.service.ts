import type { Actor } from '../auth/actor.js';
import type { Asset } from '../catalog/asset.js';
import type { AssetFilter } from '../catalog/asset.input.js';
import type { AssetService } from '../catalog/asset.service.js';
import { badInput } from '../errors.js';
import { tail } from '../graphql/tail.js';
import { readCursor, writeCursor } from '../graphql/page.js';
import type { AssetEvent } from './audit.js';
import type { AuditService } from './audit.service.js';
import type { SealingRepository } from './sealing.repository.js';

const LIST = 'catalogChanged';
const BATCH = 200;
const LOOK_EVERY_MS = 300;

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
    private readonly entries: AuditService,
    private readonly assets: AssetService,
    private readonly log: Pick<SealingRepository, 'head'>,
  ) {}

  async *follow(actor: Actor, args: CatalogChangedArguments, signal: AbortSignal): AsyncGenerator<CatalogEvent> {
    if (args.filter?.owners != null) {
      throw badInput('`owners` does not filter this stream. Filter by kinds, namespaces, tags or nameContains.');
    }
    let after = args.after == null ? (await this.log.head(actor.origin)).size - 1 : readPosition(args.after);
    const read = async (): Promise<{ items: AssetEvent[]; ended: boolean }> => {
      for (;;) {
        const { events, through } = await this.entries.after(actor, after, BATCH);
        const atEnd = through === after;
        after = through;
        if (atEnd || events.length > 0) return { items: events, ended: false };
      }
    };
    for await (const event of tail({ read, signal, everyMs: LOOK_EVERY_MS })) {
      yield* await this.eventsOf(actor, event, args.filter ?? null);
    }
  }

  private async eventsOf(actor: Actor, event: AssetEvent, filter: AssetFilter | null): Promise<CatalogEvent[]> {
    const assets = await this.assets.byIds(actor, event.assetIds);
    return [...assets.values()]
      .filter((asset) => matches(asset, filter))
      .map((asset) => ({ cursor: writeCursor(LIST, String(event.seq)), at: event.at, action: event.action, asset }));
  }
}

/** The number a cursor stands for. Throws BAD_USER_INPUT. */
function readPosition(cursor: string): number {
  const position = readCursor(LIST, cursor);
  if (/^\d{1,15}$/.test(position)) return Number(position);
  throw badInput(
    'This cursor was given by an earlier version of Weftline, which counted otherwise. Leave `after` out to begin now, and read what you may have missed with the query `audit`.',
  );
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
