import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import { readCursor, writeCursor } from '../../graphql/page.js';
import { tail } from '../../graphql/tail.js';
import type { AssetEvent } from '../entries/audit.js';
import type { AuditService } from '../entries/audit.service.js';
import type { SealingRepository } from './sealing.repository.js';

const BATCH = 200;
const LOOK_EVERY_MS = 300;

/** Where an event stands in a stream, and when it happened. */
export interface Placed {
  cursor: string;
  at: Date;
}

interface Changes<C extends string, T, E extends object> {
  signal: AbortSignal;
  actions: Readonly<Record<C, string>>;
  things: { byIds(actor: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, T>> };
  toEvent: (change: C, thing: T) => E;
}

/**
 * The audit log as it grows, for the subscriptions made of it: what was done to assets, in order of its numbers, whoever may
 * know of it. Each subscription cuts it to its listener. Numbers are given under a lock and without a gap, so nothing can
 * come in late behind a listener.
 */
export class AuditTail {
  constructor(
    private readonly entries: AuditService,
    private readonly log: Pick<SealingRepository, 'head'>,
  ) {}

  /**
   * From the cursor of an event of that list on; null: from now, which is when this answers. Throws BAD_USER_INPUT for a
   * foreign cursor.
   */
  async follow(
    actor: Actor,
    from: { list: string; after: string | null | undefined },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<AssetEvent>> {
    let after = from.after == null ? (await this.log.head(actor.origin)).size - 1 : readPosition(from.list, from.after);
    const read = async (): Promise<{ items: AssetEvent[]; ended: boolean }> => {
      for (;;) {
        const { events, through } = await this.entries.after(actor, after, BATCH);
        const atEnd = through === after;
        after = through;
        if (atEnd || events.length > 0) return { items: events, ended: false };
      }
    };
    return tail({ read, signal, everyMs: LOOK_EVERY_MS });
  }

  /** The same as events of that list, each with its place and time: what `cut` lets the listener know of an entry. */
  async events<E extends object>(
    actor: Actor,
    from: { list: string; after: string | null | undefined },
    { signal, cut }: { signal: AbortSignal; cut: (entry: AssetEvent) => Promise<readonly E[]> },
  ): Promise<AsyncGenerator<E & Placed>> {
    return placed(from.list, await this.follow(actor, from, signal), cut);
  }

  /**
   * The same of what becomes of things of one kind: the changes that `actions` names as the log does, and each thing as the listener sees
   * it at that moment. What they do not see is left out.
   */
  async changes<C extends string, T, E extends object>(
    actor: Actor,
    from: { list: string; after: string | null | undefined },
    { signal, actions, things, toEvent }: Changes<C, T, E>,
  ): Promise<AsyncGenerator<E & Placed>> {
    return this.events(actor, from, {
      signal,
      cut: async ({ action, targetId }) => {
        const change = (Object.keys(actions) as C[]).find((each) => actions[each] === action);
        if (change === undefined) return [];
        const thing = (await things.byIds(actor, [targetId])).get(targetId);
        return thing === undefined ? [] : [toEvent(change, thing)];
      },
    });
  }

  /** The number of the last entry that is sealed; -1: none is. */
  async lastNumber(actor: Actor): Promise<number> {
    return (await this.log.head(actor.origin)).size - 1;
  }

  /** What was done to assets after a number, among the `limit` entries that follow it, for a worker that keeps its place itself. */
  after(actor: Actor, after: number, limit: number): Promise<{ events: AssetEvent[]; through: number }> {
    return this.entries.after(actor, after, limit);
  }
}

async function* placed<E extends object>(
  list: string,
  entries: AsyncGenerator<AssetEvent>,
  cut: (entry: AssetEvent) => Promise<readonly E[]>,
): AsyncGenerator<E & Placed> {
  for await (const entry of entries) {
    const place = { cursor: writeCursor(list, String(entry.seq)), at: entry.at };
    for (const event of await cut(entry)) yield { ...event, ...place };
  }
}

/** The number a cursor stands for. Throws BAD_USER_INPUT. */
function readPosition(list: string, cursor: string): number {
  const position = readCursor(list, cursor);
  if (/^\d{1,15}$/.test(position)) return Number(position);
  throw badInput(
    'This cursor was given by an earlier version of Weftline, which counted otherwise. Leave `after` out to begin now, and read what you may have missed with the query `audit`.',
  );
}
