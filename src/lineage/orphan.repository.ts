import { type Actor, askedAsOf, viewerOf } from '../auth/actor.js';
import { decodeAsset } from '../catalog/asset.decode.js';
import { AssetHistory } from '../catalog/asset-history.repository.js';
import type { AssetKind } from '../catalog/urn.js';
import type { Graph, Parameters } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import { COUNT_ORPHANS_OF_LINEAGE, LIST_ORPHANS_OF_LINEAGE } from './orphan.cypher.js';
import { type Orphan, ORPHAN_REASONS } from './orphan.js';

/** Assets that one page looks at, at most. */
const SCAN = 20_000;

export class OrphanRepository {
  private readonly history: AssetHistory;

  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {
    this.history = new AssetHistory(graph);
  }

  /** Up to `limit` orphans after the id; `scannedTo`: the last asset looked at, null when there is none after it. */
  async list(
    actor: Actor,
    kinds: readonly AssetKind[] | null,
    window: { low: string; limit: number },
  ): Promise<{ orphans: Orphan[]; scannedTo: string | null }> {
    const row = (await this.read(actor, LIST_ORPHANS_OF_LINEAGE, { kinds, ...window, scan: SCAN }))[0];
    if (!row) throw new Error('The statement about orphans gave no answer.');
    const found = row.rows('orphans').map(decodeOrphan);
    const assets = found.map(({ asset }) => asset);
    const then = new Map((await this.history.asThen(actor, assets)).map((asset) => [asset.id, asset]));
    return {
      orphans: found.map((orphan) => ({ ...orphan, asset: then.get(orphan.asset.id) ?? orphan.asset })),
      scannedTo: row.maybeText('scannedTo'),
    };
  }

  async count(actor: Actor, kinds: readonly AssetKind[] | null): Promise<number> {
    return (await this.read(actor, COUNT_ORPHANS_OF_LINEAGE, { kinds }))[0]?.int('total') ?? 0;
  }

  private read(actor: Actor, statement: string, parameters: Parameters): Promise<Row[]> {
    const now = this.now();
    const at = askedAsOf(actor, null) ?? now;
    const clocks = { asOf: at, knownAt: at, viewer: viewerOf(actor), now };
    return this.graph.read(actor.origin, statement, { ...parameters, ...clocks });
  }
}

function decodeOrphan(row: Row): Orphan {
  const reason = row.text('reason');
  return {
    asset: decodeAsset(row.row('asset')),
    reason: ORPHAN_REASONS.find((each) => each === reason) ?? 'UNCONNECTED',
  };
}
