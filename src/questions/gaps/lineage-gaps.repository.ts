import { type Actor, viewerOf } from '../../auth/actor.js';
import { decodeAsset, decodeRevision } from '../../catalog/model/asset.decode.js';
import { effectiveCatalogTime, clocksOf } from '../../catalog/model/as-of.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { COUNT_ORPHANS_OF_LINEAGE, LIST_ORPHANS_OF_LINEAGE, type OrphanShape } from './lineage-gaps.cypher.js';
import { type Orphan, type OrphanFilter, ORPHAN_REASONS } from './lineage-gaps.js';
import { mapInTurns } from '../../turn.js';

/** Assets that one page looks at, at most. */
const SCAN = 20_000;

export class LineageGapRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** Up to `limit` orphans after the id; `scannedTo`: the last asset looked at, null when there is none after it. */
  async list(
    actor: Actor,
    filter: OrphanFilter,
    window: { low: string; limit: number },
  ): Promise<{ orphans: Orphan[]; scannedTo: string | null }> {
    const row = (await this.ask(actor, LIST_ORPHANS_OF_LINEAGE, filter, { ...window, scan: SCAN }))[0];
    if (!row) throw new Error('The statement about orphans gave no answer.');
    return { orphans: await mapInTurns(row.rows('orphans'), decodeOrphan), scannedTo: row.maybeText('scannedTo') };
  }

  async count(actor: Actor, filter: OrphanFilter): Promise<number> {
    return (await this.ask(actor, COUNT_ORPHANS_OF_LINEAGE, filter, { low: '' }))[0]?.int('total') ?? 0;
  }

  private ask(
    actor: Actor,
    statement: (shape: OrphanShape) => string,
    filter: OrphanFilter,
    window: Parameters,
  ): Promise<Row[]> {
    const { kinds, namespaces, lacking } = filter;
    const now = this.now();
    const shownAt = effectiveCatalogTime(actor, filter, now);
    return this.graph.read(actor.origin, statement({ within: namespaces !== null, past: shownAt !== null }), {
      ...window,
      ...clocksOf(actor, filter, now),
      ...{ kinds, namespaces, lacking, shownAt, viewer: viewerOf(actor), now },
    });
  }
}

function decodeOrphan(row: Row): Orphan {
  const [asset, reason] = [row.row('asset'), row.text('reason')];
  return {
    asset: asset.maybeTime('from') ? decodeRevision(asset) : decodeAsset(asset),
    reason: ORPHAN_REASONS.find((each) => each === reason) ?? 'UNCONNECTED',
  };
}
