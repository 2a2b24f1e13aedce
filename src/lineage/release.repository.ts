import { type Actor, viewerOf } from '../auth/actor.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../graphql/page.js';
import type { Graph, Parameters, WriteTransaction } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import * as cypher from './release.cypher.js';
import type { Release } from './release.js';

export class ReleaseRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** What serves on the deployment; null when nothing does. */
  async live(tx: WriteTransaction, deploymentId: string): Promise<Release | null> {
    const row = await tx.first(cypher.LIVE_RELEASE, { deploymentId });
    return row && decodeRelease(row.row('release'));
  }

  async end(tx: WriteTransaction, deploymentId: string): Promise<void> {
    await tx.one(cypher.END_RELEASE, { deploymentId, now: this.now() });
  }

  async create(tx: WriteTransaction, release: Release): Promise<void> {
    const { __typename, ...stored } = release;
    await tx.one(cypher.CREATE_RELEASE, { release: stored });
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Release>> {
    const rows = await this.read(actor, cypher.RELEASES_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('release').text('id'), shown(actor, row.row('release'))]));
  }

  async currentOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, Release>> {
    const statement = actor.readsAsOf ? cypher.CURRENT_AS_OF : cypher.CURRENT_OF;
    const rows = await this.read(actor, statement, { ids: deploymentIds });
    return new Map(rows.map((row) => [row.text('id'), shown(actor, row.row('release'))]));
  }

  async of(actor: Actor, deploymentIds: readonly string[], page: Page): Promise<Map<string, PageRows<Release>>> {
    const statement = pageStatement(cypher.RELEASES_OF, page);
    const rows = await this.read(actor, statement.cypher, { ids: deploymentIds, ...statement.window });
    return new Map(
      rows.map((row) => [
        row.text('id'),
        cutPage(
          row.rows('releases').map((each) => shown(actor, each)),
          page,
        ),
      ]),
    );
  }

  async countOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_RELEASES, { ids: deploymentIds });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  async servedBy(actor: Actor, versionIds: readonly string[]): Promise<Map<string, Release[]>> {
    const rows = await this.read(actor, cypher.SERVED_BY, { ids: versionIds });
    const found = new Map(rows.map((row) => [row.text('id'), row.rows('releases').map((each) => shown(actor, each))]));
    return new Map(versionIds.map((id) => [id, found.get(id) ?? []]));
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    return this.graph.read(actor.origin, statement, { ...parameters, viewer: viewerOf(actor), now: this.now() });
  }
}

/** As the actor may know it: to an auditor session, an end that came later is not there. */
function shown(actor: Actor, row: Row): Release {
  const release = decodeRelease(row);
  const { readsAsOf } = actor;
  return readsAsOf && release.until && release.until > readsAsOf ? { ...release, until: null } : release;
}

export function decodeRelease(row: Row): Release {
  return {
    __typename: 'Release',
    id: row.text('id'),
    deploymentId: row.text('deploymentId'),
    modelVersionId: row.text('modelVersionId'),
    modelId: row.text('modelId'),
    releasedById: row.text('releasedById'),
    from: row.time('from'),
    until: row.maybeTime('until'),
  };
}
