import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import { MAX_LINEAGE_DEPTH } from '../../lineage/trace/lineage.js';
import { shownAsset } from '../../lineage/trace/asset-snapshot.cypher.js';
import { liveClaim } from '../../lineage/trace/trace.cypher.js';

const end = (name: string): string => `CALL () {
  MATCH (name:Alias {key: $${name}.key})-[:NAMES]->(a:Asset)
  WHERE ${calledSo('name')} AND ${visibleTo('a')} AND ($registeredBy IS NULL OR a.createdAt <= $registeredBy)
  RETURN collect(a)[0] AS ${name}
}`;

/** Which assets are meant, and how many hops the shortest way between them has; null: there is none. */
export const DISTANCE = `// lineage.distance
${end('from')}
${end('to')}
CALL (from, to) {
  WITH from, to WHERE from IS NOT NULL AND to IS NOT NULL AND from <> to
  MATCH p = shortestPath((from)-[:FEEDS*1..${MAX_LINEAGE_DEPTH}]->(to))
  WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')})
  RETURN collect(length(p))[0] AS hops
}
RETURN from.id AS fromId, to.id AS toId, hops`;

/**
 * The assets on ways of up to `$within` hops, in the order in which ways are compared, and where data flows from each on such
 * a way: to each once, whoever states it, and to no more than `$fan`, the first of them. Nothing is given when there are more
 * than `$mostAssets` or `$mostFlows`. Both walks are breadth-first; an asset is on such a way when its distances from
 * the one end and to the other add up to no more, and so is a flow.
 */
export const WAYS = (bound: number): string => `// lineage.ways
MATCH (from:Asset {id: $fromId})
MATCH (to:Asset {id: $toId})
CALL (from, to) {
  MATCH p = (from)-[:FEEDS*0..${bound}]->(b)
  WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')})
  WITH b, min(length(p)) AS down
  RETURN b, down, null AS up
  UNION ALL
  MATCH p = (to)<-[:FEEDS*0..${bound}]-(b)
  WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')})
  WITH b, min(length(p)) AS up
  RETURN b, null AS down, up
}
WITH b, min(down) AS down, min(up) AS up WHERE down + up <= $within
WITH collect({node: b, down: down, up: up}) AS assets
CALL (assets) {
  UNWIND CASE WHEN size(assets) <= $mostAssets THEN assets ELSE [] END AS x
  WITH x, x.node AS n
  WITH x, n, ${visibleTo('n')} AS visible
  WITH x, CASE WHEN visible THEN '0' + CASE WHEN $viewer.asOf IS NULL THEN n.urn ELSE n.id END ELSE '1' + n.id END AS place ORDER BY place
  RETURN collect(x) AS ordered
}
CALL (ordered) {
  UNWIND range(0, size(ordered) - 1) AS place
  WITH place, ordered[place] AS x
  RETURN x.node AS s, place, x.down AS down, null AS target, null AS hops
  UNION ALL
  UNWIND range(0, size(ordered) - 1) AS target
  WITH target, ordered[target] AS x
  WITH target, x.up AS up, x.node AS t
  MATCH (t)<-[claim:FEEDS]-(s) WHERE ${liveClaim('claim')}
  RETURN DISTINCT s, null AS place, null AS down, target, up + 1 AS hops
}
WITH s, max(place) AS place, max(down) AS down, collect([target, hops]) AS flows WHERE place IS NOT NULL
WITH s.id AS id, place, [f IN flows WHERE down + f[1] <= $within | f[0]][0..$fan] AS targets ORDER BY place
WITH collect({id: id, targets: targets}) AS ways, sum(size(targets)) AS flows
UNWIND CASE WHEN flows <= $mostFlows THEN ways ELSE [] END AS way
RETURN way.id AS id, way.targets AS targets`;

/** The assets of ways, and every claim on the flows between those that follow each other. */
export const SHOWN_WAYS = (past: boolean): string => `// lineage.shownWays
CALL () {
  UNWIND $ids AS id
  MATCH (n:Asset {id: id})
  RETURN collect(n) AS known
}
CALL (known) {
  UNWIND known AS n
  WITH n, known, ${visibleTo('n')} AS visible
  RETURN collect({id: n.id,
    moreUpstream: CASE WHEN $wants.more THEN COUNT { MATCH (n)<-[claim:FEEDS]-(m) WHERE ${liveClaim('claim')} AND NOT m IN known RETURN DISTINCT m } ELSE 0 END,
    moreDownstream: CASE WHEN $wants.more THEN COUNT { MATCH (n)-[claim:FEEDS]->(m) WHERE ${liveClaim('claim')} AND NOT m IN known RETURN DISTINCT m } ELSE 0 END,
    visible: visible, asset: CASE WHEN visible THEN ${shownAsset('n', past)} END}) AS nodes
}
CALL () {
  UNWIND CASE WHEN $wants.claims THEN $flows ELSE [] END AS flow
  MATCH (s:Asset {id: flow[0]})
  MATCH (t:Asset {id: flow[1]})
  MATCH (s)-[claim:FEEDS]->(t) WHERE ${liveClaim('claim')} AND ${visibleTo('s')} AND ${visibleTo('t')}
  WITH flow, claim ORDER BY claim.source, claim.id
  WITH flow, collect(properties(claim)) AS claims
  RETURN collect({source: flow[0], target: flow[1], claims: claims}) AS edges
}
RETURN nodes, edges`;
