import { type Actor, viewerOf } from '../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../graphql/page.js';
import type { Graph, Parameters } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import { type AuditConditions, type AuditEntry, OUTCOMES } from './audit.js';
import * as cypher from './audit.cypher.js';

export class AuditRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async list(actor: Actor, conditions: AuditConditions, page: Page): Promise<PageRows<AuditEntry>> {
    const statement = pageStatement(cypher.LIST_AUDIT, page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    return cutPage(
      rows.map((row) => decodeEntry(row.row('entry'))),
      page,
    );
  }

  async count(actor: Actor, conditions: AuditConditions): Promise<number> {
    return (await this.read(actor, cypher.COUNT_AUDIT, { ...conditions }))[0]?.int('total') ?? 0;
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
    return new Map(rows.map((row) => [row.row('entry').text('id'), decodeEntry(row.row('entry'))]));
  }

  /** Entries that changed assets, between two ids, oldest first. */
  async between(actor: Actor, window: { after: string; before: string; limit: number }): Promise<AuditEntry[]> {
    return (await this.read(actor, cypher.AUDIT_AFTER, { ...window })).map((row) => decodeEntry(row.row('entry')));
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, { ...parameters, viewer: viewerOf(actor), now: this.now() });
  }
}

function decodeEntry(row: Row): AuditEntry {
  return {
    __typename: 'AuditEntry',
    id: row.text('id'),
    at: row.time('at'),
    actorId: row.maybeText('actorId'),
    actorName: row.text('actorName'),
    action: row.text('action'),
    outcome: OUTCOMES.find((outcome) => outcome === row.text('outcome')) ?? 'FAILED',
    targetId: row.text('targetId'),
    targetName: row.text('targetName'),
    assetIds: row.texts('assetIds'),
    requestId: row.text('requestId'),
    operation: row.text('operation'),
    before: row.maybeText('before') === null ? null : row.json('before'),
    after: row.maybeText('after') === null ? null : row.json('after'),
    reason: row.maybeText('reason'),
  };
}
