import type { Actor } from '../auth/actor.js';
import type { Asset } from '../catalog/asset.js';
import type { AssetFilter } from '../catalog/asset.input.js';
import type { AssetService } from '../catalog/asset.service.js';
import { badInput } from '../errors.js';
import { tail } from '../graphql/tail.js';
import { readCursor, writeCursor } from '../graphql/page.js';
import { idAt } from '../ids.js';
import type { AuditEntry } from './audit.js';
import type { AuditService } from './audit.service.js';

const LIST = 'catalogChanged';
const BATCH = 200;
const LOOK_EVERY_MS = 500;
/** A transaction may commit after one that began later: this long, entries with an earlier id are still looked for. */
const LATE_MS = 20_000;
/** Nothing sorts after this. */
const END = '~';

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

/** What happens to assets, as a stream read from the audit log, cut to what the listener may see at that moment. */
export class CatalogFeed {
  constructor(
    private readonly entries: AuditService,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  async *follow(actor: Actor, args: CatalogChangedArguments, signal: AbortSignal): AsyncGenerator<CatalogEvent> {
    if (args.filter?.owners != null) {
      throw badInput('`owners` does not filter this stream. Filter by kinds, namespaces, tags or nameContains.');
    }
    const begin = args.after == null ? idAt(this.now()) : readCursor(LIST, args.after);
    const seen = new Set<string>();
    const read = async (): Promise<{ items: AuditEntry[]; ended: boolean }> => {
      const after = this.windowStart(begin, seen);
      const found = await this.entries.between(actor, { after, before: END, limit: BATCH + seen.size });
      const items = found.filter((entry) => !seen.has(entry.id));
      items.forEach((entry) => seen.add(entry.id));
      return { items, ended: false };
    };
    for await (const entry of tail({ read, signal, everyMs: LOOK_EVERY_MS })) {
      yield* await this.eventsOf(actor, entry, args.filter ?? null);
    }
  }

  /** Forgets what is too old to come again, and gives the id to look after. */
  private windowStart(begin: string, seen: Set<string>): string {
    const newest = [...seen].sort().at(-1);
    if (newest === undefined) return begin;
    const oldest = idAt(new Date(timeOf(newest) - LATE_MS));
    for (const id of seen) if (id < oldest) seen.delete(id);
    return oldest > begin ? oldest : begin;
  }

  private async eventsOf(actor: Actor, entry: AuditEntry, filter: AssetFilter | null): Promise<CatalogEvent[]> {
    const assets = await this.assets.byIds(actor, entry.assetIds);
    return [...assets.values()]
      .filter((asset) => matches(asset, filter))
      .map((asset) => ({ cursor: writeCursor(LIST, entry.id), at: entry.at, action: entry.action, asset }));
  }
}

function timeOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
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
