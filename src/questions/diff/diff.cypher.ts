import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import type { Direction } from '../../lineage/trace/lineage.js';
import { shownAsset } from '../../lineage/trace/asset-snapshot.cypher.js';
import { liveClaim } from '../../lineage/trace/trace.cypher.js';

/** At the earlier time, and at the later. */
const was = (claim: string): string => liveClaim(claim, '$fromAsOf', '$fromKnownAt');
const is = (claim: string): string => liveClaim(claim, '$toAsOf', '$toKnownAt');

const reach = (pattern: string, lives: (claim: string) => string, distances: string): string => `
  MATCH p = ${pattern}
  WHERE all(claim IN relationships(p) WHERE ${lives('claim')})
  WITH b, min(length(p)) AS hops WHERE hops <= $depth + 1
  RETURN b, ${distances}
  UNION ALL`;

/**
 * Rows of the assets reached at each of the times, up to one hop beyond the depth, breadth-first (test/graph/plans.test.ts), and of
 * the root.
 */
function walks(direction: Direction, bound: number): string {
  const hops = bound + 1;
  const [down, up] = [`(root)-[:FEEDS*1..${hops}]->(b)`, `(root)<-[:FEEDS*1..${hops}]-(b)`];
  const patterns = { DOWNSTREAM: [down], UPSTREAM: [up], BOTH: [down, up] }[direction];
  return patterns
    .map((pattern) => reach(pattern, was, 'hops AS was, null AS is') + reach(pattern, is, 'null AS was, hops AS is'))
    .join('');
}

const shown = (claims: string): string =>
  `CASE WHEN source.visible AND target.visible THEN [claim IN ${claims} | properties(claim)] ELSE [] END`;

const more = (pattern: string): string =>
  `CASE WHEN $wants.more THEN COUNT { MATCH ${pattern} WHERE ${is('claim')} AND NOT m IN known RETURN DISTINCT m } ELSE 0 END`;

/** Flows and nodes in one row. */
const BATCH_SIZE = 500;

/**
 * The flows of the lineage at two times that are not the same: there at one of them only, or claimed by other sources. A flow
 * belongs to a lineage when it holds and both its ends are within the depth at that time. That only the claims changed is
 * told where both ends are visible: of other flows `lineage` itself gives no claims. `reached` is joined with the
 * flows by grouping, not by looking each end up in a list. The answer comes in several rows: the driver reads each in one go.
 */
export const DIFF = (direction: Direction, bound: number): string => `// lineage.diff
CALL () {
  MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset)
  WHERE ${calledSo('name')} AND ${visibleTo('a')} AND ($registeredBy IS NULL OR a.createdAt <= $registeredBy)
  RETURN collect(a)[0] AS root
}
CALL (root) {${walks(direction, bound)}
  WITH root WHERE root IS NOT NULL
  RETURN root AS b, 0 AS was, 0 AS is
}
WITH root, b, min(was) AS was, min(is) AS is
WITH root, b, was, is, ${visibleTo('b')} AS visible
WITH root, count(CASE WHEN was > $depth OR is > $depth THEN 1 END) AS cutByDepth,
     collect(CASE WHEN was <= $depth OR is <= $depth THEN {node: b, visible: visible,
       was: CASE WHEN was <= $depth THEN was END, is: CASE WHEN is <= $depth THEN is END} END) AS reached
CALL (reached) {
  CALL (reached) {
    UNWIND reached AS x
    RETURN x.node AS s, x AS source, null AS target, null AS before, null AS after
    UNION ALL
    UNWIND reached AS target
    WITH target, target.node AS t
    MATCH (t)<-[claim:FEEDS]-(s)
    WITH s, target, collect(CASE WHEN target.was IS NOT NULL AND ${was('claim')} THEN claim END) AS before,
         collect(CASE WHEN target.is IS NOT NULL AND ${is('claim')} THEN claim END) AS after
    RETURN s, null AS source, target, before, after
  }
  WITH s, collect(source)[0] AS source, collect({target: target, before: before, after: after}) AS flows
  WHERE source IS NOT NULL
  UNWIND flows AS flow
  WITH source, flow.target AS target, CASE WHEN source.was IS NULL THEN [] ELSE flow.before END AS before,
       CASE WHEN source.is IS NULL THEN [] ELSE flow.after END AS after
  WHERE target IS NOT NULL
  WITH source, target, before, after
  WHERE (size(before) = 0) <> (size(after) = 0)
    OR (source.visible AND target.visible AND (any(one IN before WHERE NOT one.source IN [other IN after | other.source])
      OR any(one IN after WHERE NOT one.source IN [other IN before | other.source])))
  WITH source, target, before, after LIMIT $most + 1
  RETURN collect({source: source.node.id, target: target.node.id, wasThere: size(before) > 0, isThere: size(after) > 0,
                  before: ${shown('before')}, after: ${shown('after')}}) AS edges, collect([source, target]) AS ends
}
WITH root, cutByDepth, size([x IN reached WHERE NOT x.visible]) AS hidden, edges, ends
CALL (ends) {
  UNWIND ends AS pair
  UNWIND pair AS x
  WITH DISTINCT x.node AS n, coalesce(x.is, x.was) AS depth, x.visible AS visible
  WITH collect({node: n, depth: depth, visible: visible}) AS touched, CASE WHEN $wants.more THEN collect(n) ELSE [] END AS known
  UNWIND touched AS x
  WITH x, known, x.node AS n
  RETURN collect({id: n.id, depth: x.depth, visible: x.visible, place: CASE WHEN x.visible THEN '0' + CASE WHEN $viewer.asOf IS NULL THEN n.urn ELSE n.id END ELSE '1' + n.id END,
    moreUpstream: ${more('(n)<-[claim:FEEDS]-(m)')},
    moreDownstream: ${more('(n)-[claim:FEEDS]->(m)')},
    asset: CASE WHEN $wants.assets AND x.visible THEN ${shownAsset('n', true)} END}) AS nodes
}
UNWIND range(0, CASE WHEN size(nodes) > size(edges) THEN size(nodes) ELSE size(edges) END / ${BATCH_SIZE}) AS portion
RETURN root.id AS rootId, cutByDepth, hidden, edges[portion * ${BATCH_SIZE}..(portion + 1) * ${BATCH_SIZE}] AS edges,
       nodes[portion * ${BATCH_SIZE}..(portion + 1) * ${BATCH_SIZE}] AS nodes`;
