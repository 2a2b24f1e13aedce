import { type Actor, viewerOf } from '../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../graphql/page.js';
import type { Graph, Parameters } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import type { AssetEvent, AuditConditions, AuditEntry } from './audit.js';
import * as cypher from './audit.cypher.js';
import { decodeEntry } from './audit.decode.js';

export class AuditRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async list(actor: Actor, conditions: AuditConditions, page: Page): Promise<PageRows<AuditEntry>> {
    const statement = pageStatement(cypher.LIST_AUDIT[anchorOf(conditions)], page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    return cutPage(rows.map(decodeEntry), page);
  }

  async count(actor: Actor, conditions: AuditConditions): Promise<number> {
    const rows = await this.read(actor, cypher.COUNT_AUDIT[anchorOf(conditions)], { ...conditions });
    return rows[0]?.int('total') ?? 0;
  }

  async of(actor: Actor, assetIds: readonly string[], page: Page): Promise<Map<string, PageRows<AuditEntry>>> {
    const statement = pageStatement(cypher.AUDIT_OF, page);
    const rows = await this.read(actor, statement.cypher, { ids: assetIds, ...statement.window });
    return new Map(rows.map((row) => [row.text('id'), cutPage(row.rows('entries').map(decodeEntry), page)]));
  }

  async countOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_AUDIT_OF, { ids: assetIds });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AuditEntry>> {
    const rows = await this.read(actor, cypher.AUDIT_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('entry').text('id'), decodeEntry(row)]));
  }

  /**
   * What was done to assets after the number `after`, oldest first, among the `limit` entries that follow it; `through`
   * is the last of these. It holds ids of assets whoever asks: the service cuts them to what the listener may see.
   */
  async after(actor: Actor, after: number, limit: number): Promise<{ events: AssetEvent[]; through: number }> {
    const rows = await this.graph.read(actor.origin, cypher.AUDIT_AFTER, { after, limit });
    const done = rows.filter((row) => row.text('outcome') === 'DONE').map(decodeEvent);
    return { events: done.filter((event) => event.assetIds.length > 0), through: rows.at(-1)?.int('seq') ?? after };
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, { ...parameters, viewer: viewerOf(actor), now: this.now() });
  }
}

function anchorOf(conditions: AuditConditions): cypher.Anchor {
  if (conditions.assetId !== null) return 'asset';
  if (conditions.targetId !== null) return 'target';
  if (conditions.requestId !== null) return 'request';
  return conditions.actorId === null ? 'all' : 'actor';
}

function decodeEvent(row: Row): AssetEvent {
  return {
    seq: row.int('seq'),
    at: row.time('at'),
    action: row.text('action'),
    targetId: row.text('targetId'),
    assetIds: row.texts('assetIds'),
  };
}
