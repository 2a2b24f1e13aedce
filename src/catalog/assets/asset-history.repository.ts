import type { Actor } from '../../auth/actor.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Asset } from '../model/asset.js';
import { REVISIONS_AS_OF } from './asset.cypher.js';
import { decodeRevision } from '../model/asset.decode.js';

/** Assets as they were: what an auditor session is shown instead of what they are now. */
export class AssetHistory {
  constructor(private readonly graph: Graph) {}

  /** The assets as the actor may know them: as of the time of their session, or unchanged for everyone else. */
  async asThen(actor: Actor, assets: readonly Asset[]): Promise<Asset[]> {
    if (!actor.readsAsOf || assets.length === 0) return [...assets];
    const parameters = { ids: [...new Set(assets.map((asset) => asset.id))], asOf: actor.readsAsOf };
    const rows = await this.graph.read(actor.origin, REVISIONS_AS_OF, parameters);
    const then = new Map(rows.map((row) => [row.text('id'), decodeRevision(row.row('asset'))]));
    return assets.flatMap((asset) => then.get(asset.id) ?? []);
  }
}
