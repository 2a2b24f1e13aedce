import { type Actor, viewerOf } from '../../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import type { AuditorSession } from './auditor-session.js';
import * as cypher from './auditor-session.cypher.js';

export class AuditorSessionRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async open(
    tx: WriteTransaction,
    session: AuditorSession,
    token: { id: string; hash: string; madeWith: string[] },
  ): Promise<void> {
    const { __typename, ...stored } = session;
    await tx.one(cypher.OPEN_SESSION, {
      session: stored,
      tokenId: token.id,
      hash: token.hash,
      madeWith: token.madeWith,
    });
  }

  /** The session as ended, and since when it had been; null when there is none. */
  async end(tx: WriteTransaction, id: string) {
    const row = await tx.first(cypher.END_SESSION, { id, now: this.now() });
    return row && { session: decodeSession(row.row('session')), before: row.maybeTime('before') };
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AuditorSession>> {
    const sessions = (await this.read(actor, cypher.SESSIONS_BY_ID, { ids })).map((row) =>
      sessionAsThen(decodeSession(row.row('session')), actor.readsAsOf),
    );
    return new Map(sessions.map((session) => [session.id, session]));
  }

  async list(actor: Actor, liveOnly: boolean, page: Page): Promise<PageRows<AuditorSession>> {
    const statement = pageStatement(cypher.LIST_SESSIONS, page);
    const rows = await this.read(actor, statement.cypher, { liveOnly, ...statement.window });
    return cutPage(
      rows.map((row) => sessionAsThen(decodeSession(row.row('session')), actor.readsAsOf)),
      page,
    );
  }

  async count(actor: Actor, liveOnly: boolean): Promise<number> {
    return (await this.read(actor, cypher.COUNT_SESSIONS, { liveOnly }))[0]?.int('total') ?? 0;
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, {
      ...parameters,
      viewer: viewerOf(actor),
      now: actor.readsAsOf ?? this.now(),
    });
  }
}

export function decodeSession(row: Row): AuditorSession {
  return {
    __typename: 'AuditorSession',
    id: row.text('id'),
    name: row.text('name'),
    reason: row.text('reason'),
    asOf: row.time('asOf'),
    openedById: row.text('openedById'),
    createdAt: row.time('createdAt'),
    expiresAt: row.time('expiresAt'),
    endedAt: row.maybeTime('endedAt'),
  };
}

/** The session as it was at the time of another one: an end that came later is not there. */
function sessionAsThen(session: AuditorSession, then: Date | undefined): AuditorSession {
  return then && session.endedAt && session.endedAt > then ? { ...session, endedAt: null } : session;
}
