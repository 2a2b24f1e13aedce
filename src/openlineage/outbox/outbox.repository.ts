import { type Actor, systemActor, viewerOf } from '../../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Parameters } from '../../neo4j/statements.js';
import * as cypher from './outbox.cypher.js';
import { type Failure, MOST_DEAD, type OutgoingEvent } from './outbox.js';

const SYSTEM = systemActor('outbox');
/** Events that one look reads at most, to find those that are the first of their stream. */
const SCAN = 1_000;

/** Which events are listed; null: all. */
export interface OutgoingFilter {
  destination: string | null;
  isDead: boolean | null;
}

export interface Measured {
  name: string;
  waiting: number;
  /** Since when the first of them waits; null: none does. */
  oldest: Date | null;
  dead: number;
}

export class OutboxRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** Writes the event down for each destination. */
  async put(
    tx: WriteTransaction,
    destinations: readonly string[],
    event: { stream: string; about: string; body: string },
  ): Promise<void> {
    const at = this.now();
    const rows = destinations.map((destination) => ({
      ...{ id: newId(), destination, ...event, openStream: `${destination} ${event.stream}` },
      ...{ since: at, dueAt: at, attempts: 0 },
    }));
    await tx.run(cypher.PUT_EVENTS, { rows });
  }

  async lease(lease: { destination: string; worker: string; until: Date; chunk: number }): Promise<OutgoingEvent[]> {
    const rows = await this.write(cypher.LEASE_EVENTS, { ...lease, scan: SCAN });
    return rows.map((row) => decodeOutgoing(row.row('event')));
  }

  async sent(worker: string, id: string): Promise<void> {
    await this.write(cypher.END_EVENT, { worker, ids: [id] });
  }

  /** `failure` null: it was not tried. */
  async postpone(
    worker: string,
    { id, attempts }: Pick<OutgoingEvent, 'id' | 'attempts'>,
    { dueAt, failure }: { dueAt: Date; failure: Failure | null },
  ): Promise<void> {
    const changes = { dueAt, attempts, ...storedFailure(failure) };
    await this.write(cypher.POSTPONE_EVENT, { worker, ids: [id], changes });
  }

  async giveUp(
    worker: string,
    { id, attempts, destination }: Pick<OutgoingEvent, 'id' | 'attempts' | 'destination'>,
    failure: Failure,
  ): Promise<void> {
    await this.graph.write(SYSTEM.origin, async (tx) => {
      const changes = { attempts, ...storedFailure(failure) };
      await tx.run(cypher.GIVE_UP_EVENT, { worker, ids: [id], changes, now: this.now() });
      await tx.run(cypher.TRIM_DEAD, { destination, kept: MOST_DEAD });
    });
  }

  async release(worker: string, destination: string): Promise<void> {
    await this.write(cypher.RELEASE_EVENTS, { worker, destination });
  }

  /** How many are tried again. */
  async retry(tx: WriteTransaction, names: readonly string[], ids: readonly string[] | null): Promise<number> {
    return (await tx.run(cypher.RETRY_EVENTS, { names, ids, most: MOST_DEAD, now: this.now() })).length;
  }

  async measure(names: readonly string[]): Promise<Measured[]> {
    const rows = await this.graph.read(SYSTEM.origin, cypher.MEASURE_OUTBOX, { names });
    return rows.map((row) => ({
      ...{ name: row.text('name'), waiting: row.int('waiting') },
      ...{ oldest: row.maybeTime('oldest'), dead: row.int('dead') },
    }));
  }

  async page(actor: Actor, filter: OutgoingFilter, page: Page): Promise<PageRows<OutgoingEvent>> {
    const { cypher: text, window } = pageStatement(cypher.LIST_OUTGOING, page);
    const rows = await this.graph.read(actor.origin, text, { ...window, ...filter, viewer: viewerOf(actor) });
    return cutPage(
      rows.map((row) => decodeOutgoing(row.row('event'))),
      page,
    );
  }

  async count(actor: Actor, filter: OutgoingFilter): Promise<number> {
    const rows = await this.graph.read(actor.origin, cypher.COUNT_OUTGOING, { ...filter, viewer: viewerOf(actor) });
    return rows[0]?.int('total') ?? 0;
  }

  private write(statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.write(SYSTEM.origin, (tx) => tx.run(statement, { ...parameters, now: this.now() }));
  }
}

const storedFailure = (failure: Failure | null): Parameters =>
  failure === null ? {} : { lastStatus: failure.status, lastError: failure.why };

function decodeOutgoing(row: Row): OutgoingEvent {
  const why = row.maybeText('lastError');
  return {
    ...{ id: row.text('id'), destination: row.text('destination'), stream: row.text('stream') },
    ...{ about: row.text('about'), body: row.text('body'), since: row.time('since'), attempts: row.int('attempts') },
    ...{ dueAt: row.maybeTime('dueAt'), deadAt: row.maybeTime('deadAt') },
    failure: why === null ? null : { status: row.maybeInt('lastStatus'), why },
  };
}
