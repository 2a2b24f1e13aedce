import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { decodeRights } from '../../auth/rights.js';
import type { Asset } from '../../catalog/model/asset.js';
import { decodeAsset } from '../../catalog/model/asset.decode.js';
import type { LockedAsset, NewOwner } from '../../catalog/assets/asset.repository.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Ownership } from '../grants/access.js';
import * as cypher from './ownership.cypher.js';

export class OwnershipRepository extends ActorReads {
  async ownersOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Ownership[]>> {
    return groupOwners(assetIds, await this.read(actor, cypher.OWNERS_OF, { ids: assetIds }));
  }

  /** The same within a transaction that holds the lock of the asset. */
  async ownersIn(tx: WriteTransaction, assetId: string): Promise<Ownership[]> {
    return groupOwners([assetId], await tx.run(cypher.OWNERS_OF, { ids: [assetId] })).get(assetId) ?? [];
  }

  /** Replaces the owners; false when nobody could act for the asset then: the transaction must not be kept. */
  async setOwners(tx: WriteTransaction, assetId: string, owners: readonly NewOwner[]): Promise<boolean> {
    return (await tx.one(cypher.SET_OWNERS, { id: assetId, owners, now: this.now() })).flag('living');
  }

  /** Locks the asset whoever may see it, with the rights of that actor on it. */
  async lockOffered(tx: WriteTransaction, actor: Actor, assetId: string): Promise<LockedAsset> {
    const row = await tx.one(cypher.LOCK_OFFERED, { assetId, viewer: viewerOf(actor), now: this.now() });
    return { asset: decodeAsset(row.row('asset')), rights: decodeRights(row.row('rights')) };
  }

  async listOrphans(actor: Actor, page: Page): Promise<PageRows<Asset>> {
    const { cypher: text, window } = pageStatement(cypher.LIST_ORPHANS, page);
    const rows = await this.read(actor, text, { ...window });
    return cutPage(
      rows.map((row) => decodeAsset(row.row('asset'))),
      page,
    );
  }

  async countOrphans(actor: Actor): Promise<number> {
    return (await this.read(actor, cypher.COUNT_ORPHANS, {}))[0]?.int('total') ?? 0;
  }
}

function groupOwners(ids: readonly string[], rows: readonly Row[]): Map<string, Ownership[]> {
  const found = new Map(rows.map((row) => [row.text('id'), row.rows('owners').map(decodeOwnership)]));
  return new Map(ids.map((id) => [id, found.get(id) ?? []]));
}

function decodeOwnership(row: Row): Ownership {
  return {
    ownerId: row.text('ownerId'),
    role: row.text('role') === 'OWNER' ? 'OWNER' : 'STEWARD',
    since: row.time('since'),
  };
}
