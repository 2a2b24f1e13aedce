import { visibleTo } from '../auth/rights.cypher.js';
import { hopsBeyond } from './provenance.cypher.js';
import { liveClaim } from './trace.cypher.js';

const ROOTS = `CALL () {
  UNWIND $refs AS wanted
  CALL (wanted) {
    MATCH (a:Asset {id: wanted.ref}) RETURN a
    UNION
    MATCH (:Alias {key: wanted.key})-[:NAMES]->(a:Asset) RETURN a
  }
  WITH wanted, a WHERE ${visibleTo('a')}
  RETURN collect(DISTINCT a) AS roots, collect(wanted.ref) AS found
}`;

/** The state of `b` at `$shownAt`; the first one when it was registered later, which a back-dated claim can lead to. */
const STATE_THEN = `head(COLLECT {
      MATCH (state:AssetRevision)-[:REVISION_OF]->(b)
      WITH state, state.from > $shownAt AS later
      RETURN state ORDER BY later, CASE WHEN later THEN state.revision ELSE -state.revision END LIMIT 1
    })`;

const owners = (past: boolean): string =>
  past ? `UNWIND coalesce(${STATE_THEN}.ownerIds, []) AS id` : 'MATCH (p:Principal)-[:OWNS]->(b)\n  WITH b, p.id AS id';

/**
 * What is downstream of the roots, counted whole and listed by pages: by distance and urn, hidden ones after the visible ones
 * of their distance. A kinds filter hides but does not cut; a hidden asset passes it, because being filtered would tell its
 * kind. The walk is that of trace.cypher.ts, planned as VarLengthExpand(Pruning,BFS). `past`: as of clocks that were asked for.
 */
export const IMPACT = (depth: number, past: boolean): string => `// lineage.impact
${ROOTS}
CALL (roots) {
  CALL (roots) {
    UNWIND roots AS root
    MATCH p = (root)-[:FEEDS*1..${hopsBeyond(depth)}]->(b:Asset)
    WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')})
    WITH b, min(length(p)) AS depth
    RETURN b, depth
  }
  WITH roots, b, depth WHERE NOT b IN roots AND depth <= $depth + 1
  WITH b, depth, ${visibleTo('b')} AS visible
  WITH b, depth, visible, CASE WHEN visible THEN '0' + b.urn ELSE '1' + b.id END AS place
  ORDER BY depth, place
  RETURN collect({node: b, depth: depth, visible: visible, place: place}) AS reached
}
WITH found, size([x IN reached WHERE x.depth > $depth]) AS cutByDepth, [x IN reached WHERE x.depth <= $depth] AS within
CALL (within) {
  UNWIND [x IN within WHERE x.visible | x.node] AS b
  WITH b.kind AS kind, count(*) AS total ORDER BY kind
  RETURN collect({kind: kind, total: total}) AS kinds
}
CALL (within) {
  UNWIND [x IN within WHERE x.visible | x.node] AS b
  ${owners(past)}
  WITH id, count(DISTINCT b) AS total ORDER BY total DESC, id
  RETURN collect({id: id, total: total}) AS owners
}
WITH *, [x IN within WHERE NOT x.visible OR $kinds IS NULL OR x.node.kind IN $kinds] AS listed
WITH *, CASE WHEN $afterPlace IS NULL THEN 0
        ELSE size([x IN listed WHERE x.depth < $afterDepth OR (x.depth = $afterDepth AND x.place <= $afterPlace)]) END AS start
CALL (listed, start) {
  UNWIND listed[start..start + $first] AS x
  WITH x, x.node AS b
  RETURN collect({id: b.id, depth: x.depth, place: x.place,
    asset: CASE WHEN x.visible THEN properties(${past ? STATE_THEN : 'b'}) END,
    live: head(COLLECT {
      MATCH (r:Release)-[:RELEASE_OF]->(b)
      WHERE x.visible AND r.from <= $asOf AND r.from <= $knownAt AND (r.until IS NULL OR r.until > $asOf OR r.until > $knownAt)
      RETURN properties(r) ORDER BY r.id DESC LIMIT 1
    })}) AS nodes
}
RETURN found, kinds, owners[0..$ownersShown] AS owners, size(owners) AS ownerCount, nodes, size(within) AS total,
       size([x IN within WHERE NOT x.visible]) AS hidden, cutByDepth, start > 0 AS hasPrevious,
       size(listed) > start + $first AS hasNext`;
