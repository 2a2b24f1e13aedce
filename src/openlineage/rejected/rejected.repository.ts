import { type Actor, viewerOf } from '../../auth/actor.js';
import { ErrorCode } from '../../errors.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './rejected.cypher.js';
import { MOST_KEPT, reasonOf, type RejectedEvent, type Rejection } from './rejected.js';

export class RejectedRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** Keeps the last of these, and of all of the sender's. */
  async keep(origin: QueryOrigin, senderId: string, rejections: readonly Rejection[]): Promise<void> {
    const at = this.now();
    const kept = rejections
      .slice(-MOST_KEPT)
      .map(({ reason, ...rest }) => ({ ...rest, reason: reasonOf(reason), id: newId(), senderId, at }));
    await this.graph.write(origin, async (tx) => {
      await tx.run(cypher.KEEP_REJECTED, { rejections: kept });
      await tx.run(cypher.TRIM_REJECTED, { senderId, kept: MOST_KEPT });
    });
  }

  /** The newest first; of all senders when `senderId` is null. */
  async page(actor: Actor, senderId: string | null, page: Page): Promise<PageRows<RejectedEvent>> {
    const statement = senderId === null ? cypher.REJECTED_OF_ALL : cypher.REJECTED_OF;
    const { cypher: text, window } = pageStatement(statement, page);
    const parameters = { ...window, ...(senderId !== null && { senderId }), viewer: viewerOf(actor) };
    const rows = await this.graph.read(actor.origin, text, parameters);
    return cutPage(
      rows.map((row) => decodeRejected(row.row('rejected'))),
      page,
    );
  }

  async count(actor: Actor, senderId: string | null): Promise<number> {
    const statement = senderId === null ? cypher.COUNT_REJECTED_OF_ALL : cypher.COUNT_REJECTED_OF;
    const parameters = { ...(senderId !== null && { senderId }), viewer: viewerOf(actor) };
    return (await this.graph.read(actor.origin, statement, parameters))[0]?.int('total') ?? 0;
  }
}

const CODES = Object.values(ErrorCode);

function decodeRejected(row: Row): RejectedEvent {
  const code = CODES.find((each) => each === row.text('code'));
  if (!code) throw new Error(`A rejected event has the unknown code "${row.text('code')}".`);
  return {
    id: row.text('id'),
    senderId: row.text('senderId'),
    at: row.time('at'),
    code,
    reason: row.text('reason'),
    digest: row.maybeText('digest'),
    excerpt: row.maybeText('excerpt'),
  };
}
