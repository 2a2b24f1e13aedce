import type { WriteTransaction } from '../../neo4j/graph.js';
import { urnKey } from '../model/urn.js';
import * as cypher from './removal.cypher.js';

/** What takes assets and names away. */
export class RemovalRepository {
  constructor(private readonly now: () => Date) {}

  /** What hangs on an asset, by the kind of relationship; nothing: it may be deleted. */
  async whatHangsOn(tx: WriteTransaction, id: string): Promise<Map<string, number>> {
    const rows = await tx.run(cypher.WHAT_HANGS_ON, { id, now: this.now() });
    return new Map(rows.map((row) => [row.text('kind'), row.int('number')]));
  }

  /** The urns that an asset has and had, in order. */
  async urnsOf(tx: WriteTransaction, id: string): Promise<string[]> {
    return (await tx.run(cypher.URNS_OF, { id })).map((row) => row.text('urn'));
  }

  async delete(tx: WriteTransaction, id: string): Promise<void> {
    await tx.run(cypher.DELETE_ASSET, { id, now: this.now() });
  }

  /** How many open sessions of auditors see the asset by the urn. */
  async auditorsBy(tx: WriteTransaction, id: string, urn: string): Promise<number> {
    const row = await tx.first(cypher.AUDITORS_BY_URN, { id, key: urnKey(urn), now: this.now() });
    return row?.int('auditors') ?? 0;
  }

  /** Whether the asset had the urn until now. */
  async releaseAlias(tx: WriteTransaction, id: string, urn: string): Promise<boolean> {
    return (await tx.first(cypher.RELEASE_ALIAS, { id, key: urnKey(urn) })) !== null;
  }
}
