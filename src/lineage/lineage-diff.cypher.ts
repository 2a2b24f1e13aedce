import { visibleTo } from '../auth/rights.cypher.js';
import type { LineageClock } from './lineage-diff.js';
import type { Direction } from './lineage.js';
import { shownAsset } from './shown.cypher.js';
import { liveClaim } from './trace.cypher.js';

/** At the earlier time, and at the later. */
const was = (claim: string): string => liveClaim(claim, '$fromAsOf', '$fromKnownAt');
const is = (claim: string): string => liveClaim(claim, '$toAsOf', '$toKnownAt');

const reach = (pattern: string, lives: (claim: string) => string, distances: string): string => `
  MATCH p = ${pattern}
  WHERE all(claim IN relationships(p) WHERE ${lives('claim')})
  WITH b, min(length(p)) AS hops
  RETURN b, ${distances}
  UNION ALL`;

/** Rows of the assets reached at each of the times, breadth-first (test/graph/plans.test.ts), and of the root. */
function walks(direction: Direction, bound: number): string {
  const [down, up] = [`(root)-[:FEEDS*1..${bound}]->(b)`, `(root)<-[:FEEDS*1..${bound}]-(b)`];
  const patterns = { DOWNSTREAM: [down], UPSTREAM: [up], BOTH: [down, up] }[direction];
  return patterns
    .map((pattern) => reach(pattern, was, 'hops AS was, null AS is') + reach(pattern, is, 'null AS was, hops AS is'))
    .join('');
}

/** The claim began or ended between the two times on the clock: no other can make a difference by itself. */
const turned = (clock: LineageClock): string =>
  clock === 'AS_OF'
    ? `((claim.validFrom > $fromAsOf AND claim.validFrom <= $toAsOf) OR (claim.validUntil > $fromAsOf AND claim.validUntil <= $toAsOf))`
    : `((claim.recordedAt > $fromKnownAt AND claim.recordedAt <= $toKnownAt) OR (claim.retractedAt > $fromKnownAt AND claim.retractedAt <= $toKnownAt))`;

/** Flows that may differ: of which a claim turned, or an end is reached at one of the times only. */
const candidates = (clock: LineageClock): string => `CALL (reached) {
  CALL (reached) {
  UNWIND reached AS x
  WITH x.node AS t
  MATCH (t)<-[claim:FEEDS]-(s) WHERE ${turned(clock)}
  RETURN s, t
  UNION
  UNWIND [x IN reached WHERE (x.was IS NULL) <> (x.is IS NULL)] AS x
  WITH x.node AS t
  MATCH (t)<-[:FEEDS]-(s)
  RETURN s, t
  UNION
  UNWIND [x IN reached WHERE (x.was IS NULL) <> (x.is IS NULL)] AS x
  WITH x.node AS s
  MATCH (s)-[:FEEDS]->(t)
  RETURN s, t
}
  RETURN collect({s: s, t: t}) AS flows
}`;

/** Joins flows with what was reached, by grouping: looking each end up in a list would take the square of both. */
const joined = (flows: string, end: string, node: string, result: string): string => `CALL (reached, ${flows}) {
  CALL (reached, ${flows}) {
    UNWIND reached AS x RETURN x.node AS node, x AS ${end}, null AS flow
    UNION ALL
    UNWIND ${flows} AS flow RETURN flow.${node} AS node, null AS ${end}, flow
  }
  WITH node, collect(${end})[0] AS ${end}, collect(flow) AS found WHERE ${end} IS NOT NULL
  UNWIND found AS flow
  RETURN ${result}
}`;

const claimsAt = (time: 'was' | 'is', lives: (claim: string) => string): string =>
  `CASE WHEN source.${time} IS NULL OR target.${time} IS NULL THEN []
        ELSE COLLECT { MATCH (s)-[claim:FEEDS]->(t) WHERE ${lives('claim')} RETURN claim } END`;

const shown = (claims: string): string =>
  `CASE WHEN source.visible AND target.visible THEN [claim IN ${claims} | properties(claim)] ELSE [] END`;

const more = (pattern: string): string =>
  `CASE WHEN $wants.more THEN COUNT { MATCH ${pattern} WHERE ${is('claim')} AND NOT m IN known RETURN DISTINCT m } ELSE 0 END`;

/**
 * The flows of the lineage at two times that are not the same: there at one of them only, or claimed by other sources. A flow
 * belongs to a lineage when it holds and both its ends are within the depth at that time. That only the claims changed is
 * told where both ends are visible: of other flows `lineage` itself gives no claims.
 */
export const DIFF = (direction: Direction, bound: number, clock: LineageClock): string => `// lineage.diff
CALL () {
  CALL () {
    MATCH (a:Asset {id: $ref}) RETURN a
    UNION
    MATCH (:Alias {key: $key})-[:NAMES]->(a:Asset) RETURN a
  }
  WITH a WHERE ${visibleTo('a')} AND ($registeredBy IS NULL OR a.createdAt <= $registeredBy)
  RETURN collect(a)[0] AS root
}
CALL (root) {${walks(direction, bound)}
  WITH root WHERE root IS NOT NULL
  RETURN root AS b, 0 AS was, 0 AS is
}
WITH root, b, min(was) AS was, min(is) AS is WHERE was <= $depth + 1 OR is <= $depth + 1
WITH root, b, was, is, ${visibleTo('b')} AS visible
WITH root, count(CASE WHEN was > $depth OR is > $depth THEN 1 END) AS cutByDepth,
     collect(CASE WHEN was <= $depth OR is <= $depth THEN {node: b, visible: visible,
       was: CASE WHEN was <= $depth THEN was END, is: CASE WHEN is <= $depth THEN is END} END) AS reached
${candidates(clock)}
${joined('flows', 'source', 's', 'collect({s: flow.s, t: flow.t, source: source}) AS halves')}
${joined('halves', 'target', 't', 'collect({s: flow.s, t: flow.t, source: flow.source, target: target}) AS pairs')}
CALL (pairs) {
  UNWIND pairs AS pair
  WITH pair.s AS s, pair.t AS t, pair.source AS source, pair.target AS target
  WITH source, target, ${claimsAt('was', was)} AS before, ${claimsAt('is', is)} AS after
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
  WITH collect({node: n, depth: depth, visible: visible}) AS touched, collect(n) AS known
  UNWIND touched AS x
  WITH x, known, x.node AS n
  RETURN collect({id: n.id, depth: x.depth, visible: x.visible, place: CASE WHEN x.visible THEN '0' + n.urn ELSE '1' + n.id END,
    moreUpstream: ${more('(n)<-[claim:FEEDS]-(m)')},
    moreDownstream: ${more('(n)-[claim:FEEDS]->(m)')},
    asset: CASE WHEN $wants.assets AND x.visible THEN ${shownAsset('n', true)} END}) AS nodes
}
RETURN root.id AS rootId, cutByDepth, hidden, edges, nodes`;
