import { refParameters } from '../../catalog/assets/asset.repository.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { ASSETS_NAMED } from './watch.cypher.js';

/** An asset that a question names, by the id or urn it was named by. */
export interface NamedAsset {
  ref: string;
  id: string;
  urn: string;
}

/** The assets that ids or urns lead to, hidden ones too: the log names what was tried, whoever tried it. */
export async function assetsNamed(tx: WriteTransaction, refs: readonly string[]): Promise<NamedAsset[]> {
  if (refs.length === 0) return [];
  const rows = await tx.run(ASSETS_NAMED, { refs: refs.map(refParameters) });
  return rows.map((row) => ({ ref: row.text('ref'), id: row.text('id'), urn: row.text('urn') }));
}
