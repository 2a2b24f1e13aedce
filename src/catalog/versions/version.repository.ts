import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { conflict } from '../../errors.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import type { Asset } from '../model/asset.js';
import { decodeAsset } from '../model/asset.decode.js';
import type { Version } from './version.js';
import * as cypher from './version.cypher.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

export interface PinnedVersion {
  version: Version;
  asset: Asset;
  /** A run has generated it already. */
  generated: boolean;
}

export class VersionRepository extends ActorReads {
  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Version>> {
    const rows = await this.read(actor, cypher.VERSIONS_BY_ID, { ids });
    const versions = await mapInTurns(rows, (row) => decodeVersion(row.row('version')));
    return new Map(versions.map((version) => [version.id, version]));
  }

  /** Pages of the versions of several assets, the newest first. */
  async of(actor: Actor, assetIds: readonly string[], page: Page): Promise<Map<string, PageRows<Version>>> {
    const statement = pageStatement(cypher.VERSIONS_OF, page);
    const rows = await this.read(actor, statement.cypher, { ids: assetIds, ...statement.window });
    const pageOf = async (row: Row): Promise<PageRows<Version>> =>
      cutPage(await mapInTurns(row.rows('versions'), decodeVersion), page);
    return indexInTurns(rows, (row) => row.text('id'), pageOf);
  }

  async countOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_VERSIONS, { ids: assetIds });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }

  /** Throws CONFLICT when the asset has a version of this name. */
  async create(tx: WriteTransaction, version: Version): Promise<void> {
    const { __typename, metrics, parameters, facets, ...plain } = version;
    const stored = {
      ...plain,
      kind: __typename === 'ModelVersion' ? 'MODEL' : 'DATASET',
      madeAt: version.createdAt,
      key: `${version.assetId}:${version.version}`,
      metrics: JSON.stringify(metrics),
      parameters: JSON.stringify(parameters),
      facets: JSON.stringify(facets),
    };
    try {
      await tx.one(cypher.CREATE_VERSION(__typename), { version: stored });
    } catch (error) {
      if (!(error instanceof ConstraintViolation)) throw error;
      throw conflict(
        `There is a version "${version.version}" already. A version never changes: publish under another name.`,
      );
    }
  }

  /** The versions with their assets, those the actor may see. */
  async pinned(tx: Statements, actor: Actor, ids: readonly string[]): Promise<Map<string, PinnedVersion>> {
    const rows = await tx.run(cypher.VERSIONS_WITH_ASSETS, { ids, viewer: viewerOf(actor), now: this.now() });
    const pinned = await mapInTurns(rows, (row) => ({
      version: decodeVersion(row.row('version')),
      asset: decodeAsset(row.row('asset')),
      generated: row.flag('generated'),
    }));
    return new Map(pinned.map((each) => [each.version.id, each]));
  }
}

export function decodeVersion(row: Row): Version {
  return {
    __typename: row.text('kind') === 'MODEL' ? 'ModelVersion' : 'DatasetVersion',
    id: row.text('id'),
    assetId: row.text('assetId'),
    version: row.text('version'),
    digest: row.maybeText('digest'),
    uri: row.maybeText('uri'),
    rowCount: row.maybeBigInt('rowCount'),
    bytes: row.maybeBigInt('bytes'),
    metrics: row.json('metrics'),
    parameters: row.json('parameters'),
    facets: row.json('facets'),
    createdAt: row.time('createdAt'),
  };
}
