import { isOwnedBy, visibleTo } from '../../auth/rights.cypher.js';
import { heldAt } from '../../catalog/model/revision.cypher.js';
import type { Direction } from './lineage.js';

/**
 * A claim counts when it was true at `$asOf` and known at `$knownAt`; a question about two times names its own clocks. An end
 * that is not there has not come: `coalesce` says so in half of what `IS NULL OR` takes to plan.
 */
export const liveClaim = (claim: string, asOf = '$asOf', knownAt = '$knownAt'): string =>
  `${claim}.validFrom <= ${asOf} AND coalesce(${claim}.validUntil > ${asOf}, true)
    AND ${claim}.recordedAt <= ${knownAt} AND coalesce(${claim}.retractedAt > ${knownAt}, true)`;

/**
 * The same when both clocks say now: nothing is recorded in the future and nothing is true before it is, so two of the four
 * times need not be read; most of what a walk costs is reading them.
 */
const liveNow = (claim: string): string =>
  `${claim}.retractedAt IS NULL AND coalesce(${claim}.validUntil > $asOf, true)`;

/** What a statement that walks is made for. Everything else is a parameter, so that there are few texts to plan. */
export interface TraceShape {
  direction: Direction;
  /** A bound of `hopLimit`: what lies beyond `$depth` is left out. */
  bound: number;
  /** More than one walk: of several roots, or both ways. */
  several: boolean;
  /** As of clocks that were asked for, not now. */
  past: boolean;
  until: boolean;
  ignore: boolean;
}

export const lives = ({ past }: Pick<TraceShape, 'past'>, claim: string): string =>
  past ? liveClaim(claim) : liveNow(claim);

/** True when `condition` holds for an asset `x`, whose `state` in the past stands beside it. */
const holdsFor = ({ past }: Pick<TraceShape, 'past'>, asset: string, condition: string): string => `EXISTS {
          WITH ${asset} AS x
          ${
            past
              ? `OPTIONAL MATCH (state:AssetRevision)-[:REVISION_OF]->(x) WHERE ${heldAt('state', '$shownAt')}
          WITH x, state
          `
              : ''
          }WHERE ${condition} AND ${visibleTo('x')} RETURN 1 }`;

const tagIn = ({ past }: Pick<TraceShape, 'past'>, wanted: string): string =>
  `(size(${wanted}) > 0 AND any(tag IN ${past ? 'coalesce(state.tags, x.tags)' : 'x.tags'} WHERE tag IN ${wanted}))`;

const ownerIn = ({ past }: Pick<TraceShape, 'past'>, wanted: string): string =>
  `(size(${wanted}) > 0 AND ${
    past ? `any(owner IN coalesce(state.ownerIds, []) WHERE owner IN ${wanted})` : isOwnedBy('x', wanted)
  })`;

/** The walk ends at an asset that matches; a hidden one never does, because where a walk ends would tell what it is. */
const stopsAt = (shape: TraceShape, asset: string): string =>
  holdsFor(
    shape,
    asset,
    `(x.kind IN $until.kinds OR ${tagIn(shape, '$until.tags')} OR ${ownerIn(shape, '$until.owners')})`,
  );

/** Noise: passed through and not shown. A hidden asset never is, because leaving it out would tell what it is. */
export const isNoise = (shape: TraceShape, asset: string): string =>
  holdsFor(shape, asset, `(x.kind IN $ignore.kinds OR x IN noise OR ${tagIn(shape, '$ignore.tags')})`);

/**
 * Rows `b`, `depth`: the distinct assets reached from `root`, nearest first, with the shortest distance. Written so that Neo4j
 * plans it as VarLengthExpand(Pruning,BFS), a breadth-first walk with a visited set (test/graph/plans.test.ts holds it to
 * that), and knows that its rows come in the order of their depth: then ORDER BY depth, … LIMIT reads no further than the page.
 * So it must group by root and b alone, take only min(length) of the path, and name the order at once.
 */
function walkOneWay(shape: TraceShape, direction: 'UPSTREAM' | 'DOWNSTREAM', beyond: 0 | 1): string {
  const hops = shape.bound + beyond;
  const [pattern, left] =
    direction === 'DOWNSTREAM'
      ? [`(root)-[:FEEDS*1..${hops}]->(b)`, 'startNode(claim)']
      : [`(root)<-[:FEEDS*1..${hops}]-(b)`, 'endNode(claim)'];
  const stop = `AND (${left} = root OR NOT ${stopsAt(shape, left)})`;
  return `
      MATCH p = ${pattern}
      WHERE all(claim IN relationships(p) WHERE ${lives(shape, 'claim')} ${shape.until ? stop : ''})
      WITH root, b, min(length(p)) AS depth ORDER BY depth
      WITH b, depth WHERE depth <= $depth${beyond === 1 ? ' + 1' : ''} AND ${shape.several ? 'NOT b IN roots' : 'b <> root'}`;
}

/**
 * The rows of the walks from all `roots`, each asset as often as it is reached by another walk. `tail` continues each walk
 * and ends in a RETURN; `guard` is a condition without which nothing is walked; `beyond`: one hop further than the depth, to
 * tell what the depth cuts off.
 */
export function walk(shape: TraceShape, guard: string, beyond: 0 | 1, tail: string): string {
  const ways = shape.direction === 'BOTH' ? (['DOWNSTREAM', 'UPSTREAM'] as const) : [shape.direction];
  return `UNWIND CASE WHEN ${guard} THEN roots ELSE [] END AS root
    CALL (root, roots${shape.ignore ? ', noise' : ''}) {${ways.map((way) => `${walkOneWay(shape, way, beyond)}${tail}`).join('\n      UNION ALL')}
    }`;
}

/** `b` is shown: of a kind that was asked for and no noise, or hidden, because being left out would tell what it is. */
export const isShown = (shape: TraceShape): string =>
  `(NOT visible OR (($kinds IS NULL OR b.kind IN $kinds)${shape.ignore ? ` AND NOT ${isNoise(shape, 'b')}` : ''}))`;
