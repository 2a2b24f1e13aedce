import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { conflict } from '../../errors.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './release.cypher.js';
import type { Release } from './release.js';

export class ReleaseRepository extends ActorReads {
  /** What serves on the deployment; null when nothing does. */
  async live(tx: WriteTransaction, deploymentId: string): Promise<Release | null> {
    const row = await tx.first(cypher.LIVE_RELEASE, { deploymentId });
    return row && decodeRelease(row.row('release'));
  }

  /** Ends what serves on the deployment. */
  async end(tx: WriteTransaction, deploymentId: string, at: Date): Promise<Release> {
    return decodeRelease((await tx.one(cypher.END_RELEASE, { deploymentId, at })).row('release'));
  }

  /** Throws CONFLICT when another release serves on the deployment. */
  async create(tx: WriteTransaction, release: Release): Promise<void> {
    const { __typename, ...stored } = release;
    try {
      await tx.one(cypher.CREATE_RELEASE, { release: stored });
    } catch (error) {
      if (!(error instanceof ConstraintViolation)) throw error;
      throw conflict('Another release began to serve there at the same moment. Look at what serves, then try again.');
    }
  }

  /** A release of the deployment; null when it has none of this id. */
  async on(tx: WriteTransaction, deploymentId: string, id: string): Promise<Release | null> {
    return maybeRelease(await tx.first(cypher.RELEASE_ON, { deploymentId, id }));
  }

  /** The newest release before another one and not of this model version; null when there is none. */
  async earlier(
    tx: WriteTransaction,
    deploymentId: string,
    than: { before: string | null; not: string | null },
  ): Promise<Release | null> {
    return maybeRelease(await tx.first(cypher.EARLIER_RELEASE, { deploymentId, ...than }));
  }

  /** The newest release of the version on the deployment; null when it never served there. */
  async ofVersion(tx: WriteTransaction, deploymentId: string, versionId: string): Promise<Release | null> {
    return maybeRelease(await tx.first(cypher.RELEASE_OF_VERSION, { deploymentId, versionId }));
  }

  /** What the request of this key was answered with; null when there was none. */
  async findRequest(tx: WriteTransaction, key: string): Promise<{ hash: string; release: Release } | null> {
    const row = await tx.first(cypher.FIND_RELEASE_REQUEST, { key });
    return row && { hash: row.text('hash'), release: decodeRelease(row.row('release')) };
  }

  /** Throws CONFLICT when another request has the key. */
  async keepRequest(tx: WriteTransaction, request: { key: string; hash: string; releaseId: string }): Promise<void> {
    try {
      await tx.one(cypher.KEEP_RELEASE_REQUEST, { ...request, now: this.now() });
    } catch (error) {
      if (!(error instanceof ConstraintViolation)) throw error;
      throw conflict('Another request with this idempotency key came at the same moment. Use a key for one request.');
    }
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
}

/** As the actor may know it: to an auditor session, an end that came later is not there. */
function shown(actor: Actor, row: Row): Release {
  const release = decodeRelease(row);
  const { readsAsOf } = actor;
  return readsAsOf && release.until && release.until > readsAsOf ? { ...release, until: null } : release;
}

const maybeRelease = (row: Row | null): Release | null => row && decodeRelease(row.row('release'));

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
    promotedFromId: row.maybeText('promotedFromId'),
    rolledBackToId: row.maybeText('rolledBackToId'),
  };
}
