import { type Actor, viewerOf } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import { effectiveCatalogTime, clocksOf, shownThen } from '../../catalog/model/as-of.js';
import { ASSET_KINDS, type AssetKind } from '../../catalog/model/urn.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import { hopLimit } from '../../lineage/trace/hops.js';
import { IMPACT, IMPACT_COUNTS, IMPACT_OWNERS } from './impact.cypher.js';
import type { AffectedOwner, ImpactQuestion, ImpactScope } from './impact.js';
import { decodeShown } from '../../lineage/trace/lineage.decode.js';
import { PAGE_OVERREAD } from '../../lineage/trace/lineage.repository.js';
import type { Place } from '../../lineage/trace/trace-page.js';
import type { Release } from '../../deployment/releases/release.js';
import { decodeRelease } from '../../deployment/releases/release.repository.js';
import type { TraceShape } from '../../lineage/trace/trace.cypher.js';
import { mapInTurns } from '../../turn.js';

export interface ImpactNode {
  id: string;
  depth: number;
  visible: boolean;
  /** What it is ordered by among those of its depth. */
  name: string;
  /** null: hidden from the viewer. */
  asset: Asset | null;
  live: Release | null;
}

export interface ImpactRow {
  /** The refs that led to an asset the viewer may see. */
  found: string[];
  /** How many are of each kind, with HIDDEN and BEYOND the depth; none when they were not asked for. */
  counts: Map<string, number>;
  nodes: ImpactNode[];
  /** How many nodes lie before this page. */
  start: number;
  hasNext: boolean;
}

/** What an answer may tell of: nothing recorded later than `knownAt`, assets as they were `then`. */
interface Times {
  knownAt: Date;
  then: Date | null;
}

export class ImpactRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** A page, and side by side with it what is counted over all pages. */
  async of(actor: Actor, question: ImpactQuestion, after: Place | null): Promise<ImpactRow> {
    const [page, counts] = await Promise.all([this.page(actor, question, after), this.counts(actor, question)]);
    return { ...page, counts };
  }

  /** Asks again for twice as many where too many were stated before the cursor since, as lineage does. */
  private async page(actor: Actor, question: ImpactQuestion, after: Place | null): Promise<Omit<ImpactRow, 'counts'>> {
    const { kinds, first, wants } = question;
    const statement = IMPACT(this.shapeOf(actor, question));
    for (let limit = after ? after.offset + 1 + first + PAGE_OVERREAD : first + 1; ; limit *= 2) {
      const row = await this.ask(actor, statement, question, { kinds, first, wants, after, limit });
      if (row.int('taken') === limit && row.int('start') + first >= limit) continue;
      const now = this.now();
      const times = { ...clocksOf(actor, question, now), then: effectiveCatalogTime(actor, question, now) };
      return await decodePage(row, first, times);
    }
  }

  private async counts(actor: Actor, question: ImpactQuestion): Promise<ImpactRow['counts']> {
    if (!question.wants.counts) return new Map();
    const row = await this.ask(actor, IMPACT_COUNTS(this.shapeOf(actor, question)), question, {});
    return new Map(row.rows('counts').map((each) => [each.text('what'), each.int('total')]));
  }

  /** Up to `first` owners after the given one, the owners of most first. */
  async owners(
    actor: Actor,
    scope: ImpactScope,
    page: { first: number; after: { assets: number; owner: string } | null },
  ): Promise<{ owners: AffectedOwner[]; total: number; hasNext: boolean }> {
    const row = await this.ask(actor, IMPACT_OWNERS(this.shapeOf(actor, scope)), scope, page);
    return {
      owners: row.rows('owners').map((each) => ({ ownerId: each.text('owner'), assets: each.int('total') })),
      total: row.int('total'),
      hasNext: row.flag('hasNext'),
    };
  }

  private shapeOf(actor: Actor, scope: ImpactScope): TraceShape {
    return {
      direction: 'DOWNSTREAM',
      bound: hopLimit(scope.depth),
      several: scope.of.length > 1,
      past: effectiveCatalogTime(actor, scope, this.now()) !== null,
      until: false,
      ignore: false,
    };
  }

  private async ask(actor: Actor, cypher: string, scope: ImpactScope, window: Parameters): Promise<Row> {
    const now = this.now();
    const rows = await this.graph.read(actor.origin, cypher, {
      ...window,
      ...clocksOf(actor, scope, now),
      shownAt: effectiveCatalogTime(actor, scope, now),
      refs: scope.of.map(refParameters),
      depth: scope.depth,
      viewer: viewerOf(actor),
      now,
    });
    const row = rows[0];
    if (!row) throw new Error('The impact statement gave no answer.');
    return row;
  }
}

async function decodePage(row: Row, first: number, times: Times): Promise<Omit<ImpactRow, 'counts'>> {
  const start = row.int('start');
  return {
    found: row.texts('found'),
    nodes: await mapInTurns(row.rows('nodes'), (node) => decodeNode(node, times)),
    start,
    hasNext: row.int('taken') > start + first,
  };
}

function decodeNode(row: Row, { knownAt, then }: Times): ImpactNode {
  const [asset, live] = [row.maybeRow('asset'), row.maybeRow('live')];
  const release = live && decodeRelease(live);
  return {
    id: row.text('id'),
    depth: row.int('depth'),
    visible: row.flag('visible'),
    name: row.text('name'),
    asset: asset && decodeShown(asset),
    // An end that was recorded later than what is known is not there.
    live:
      release &&
      shownThen({ ...release, until: release.until && release.until <= knownAt ? release.until : null }, then),
  };
}

/** How many of each kind, in the order of the kinds; those of which there are none are left out. */
export function kindsOf(counts: ReadonlyMap<string, number>): { kind: AssetKind; count: number }[] {
  return ASSET_KINDS.flatMap((kind) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ kind, count }];
  });
}
