import { type Actor, viewerOf } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import { refParameters } from '../../catalog/assets/asset.repository.js';
import type { Clocks } from '../../catalog/model/as-of.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Claim } from '../../lineage/statements/claim.js';
import { decodeClaim } from '../../lineage/statements/claim.repository.js';
import { hopLimit } from '../../lineage/trace/hops.js';
import { claimAsKnown, decodeShown } from '../../lineage/trace/lineage.decode.js';
import { DIFF } from './diff.cypher.js';
import { type DiffQuestion, MAX_DIFF_EDGES } from './diff.js';
import { mapInTurns } from '../../turn.js';

/** The two times to compare, and the time by which the asset must have been registered; null: any. */
export interface DiffTimes {
  from: Clocks;
  to: Clocks;
  registeredBy: Date | null;
}

/** One answer as the database gives it, hidden nodes still by their ids. */
export interface DiffRow {
  /** Of one more flow than can be told apart when there are too many. */
  edges: { source: string; target: string; wasThere: boolean; isThere: boolean; before: Claim[]; after: Claim[] }[];
  /** Nearest first. */
  nodes: DiffNode[];
  hidden: number;
  cutByDepth: number;
}

interface DiffNode {
  id: string;
  depth: number;
  visible: boolean;
  /** What it is ordered by among those of its depth: hidden ones come last. */
  place: string;
  moreUpstream: number;
  moreDownstream: number;
  /** null: hidden from the viewer, or not asked for. */
  asset: Asset | null;
}

/** Each row holds hundreds of flows with their claims. */
const ROWS_AT_ONCE = 1;

export class LineageDiffRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  /** null: there is no such asset for the viewer, or was none yet. */
  async compare(actor: Actor, ref: string, question: DiffQuestion, times: DiffTimes): Promise<DiffRow | null> {
    const { from, to, registeredBy } = times;
    const { direction, depth, wants } = question;
    const parameters = {
      ...refParameters(ref),
      ...{ fromAsOf: from.asOf, fromKnownAt: from.knownAt, toAsOf: to.asOf, toKnownAt: to.knownAt },
      shownAt: to.asOf < to.knownAt ? to.asOf : to.knownAt,
      ...{ registeredBy, depth, wants, most: MAX_DIFF_EDGES },
      viewer: viewerOf(actor),
      now: this.now(),
    };
    const rows = await this.graph.read(actor.origin, DIFF(direction, hopLimit(depth)), parameters, ROWS_AT_ONCE);
    const row = rows[0];
    return row === undefined || row.maybeText('rootId') === null
      ? null
      : await decode(rows, row, times, actor.readsAsOf);
  }
}

/** Each row has a part of the flows and nodes, and all the same beside them. */
async function decode(
  rows: readonly Row[],
  row: Row,
  { from, to }: DiffTimes,
  readsAsOf: Date | undefined,
): Promise<DiffRow> {
  const claims = (edge: Row, name: string, { knownAt }: Clocks): Claim[] =>
    edge
      .rows(name)
      .map((claim) => claimAsKnown(decodeClaim(claim), knownAt, readsAsOf))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  const flows = rows.flatMap((each) => each.rows('edges'));
  const nodes = await mapInTurns(
    rows.flatMap((each) => each.rows('nodes')),
    decodeNode,
  );
  return {
    edges: await mapInTurns(flows, (edge) => ({
      source: edge.text('source'),
      target: edge.text('target'),
      wasThere: edge.flag('wasThere'),
      isThere: edge.flag('isThere'),
      before: claims(edge, 'before', from),
      after: claims(edge, 'after', to),
    })),
    nodes: nodes.sort((one, other) => one.depth - other.depth || (one.place < other.place ? -1 : 1)),
    hidden: row.int('hidden'),
    cutByDepth: row.int('cutByDepth'),
  };
}

function decodeNode(row: Row): DiffNode {
  const asset = row.maybeRow('asset');
  return {
    id: row.text('id'),
    depth: row.int('depth'),
    visible: row.flag('visible'),
    place: row.text('place'),
    moreUpstream: row.int('moreUpstream'),
    moreDownstream: row.int('moreDownstream'),
    asset: asset && decodeShown(asset),
  };
}
