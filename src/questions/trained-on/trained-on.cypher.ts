import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import { MAX_LINEAGE_DEPTH } from '../../lineage/trace/lineage.js';
import { heldFlow, reachFlows } from '../../lineage/runs/provenance.cypher.js';

const VERSIONS = `COLLECT { MATCH (v:Version)-[:VERSION_OF]->(a) WHERE v.id < $viewer.ceiling AND ($named IS NULL OR v.version = $named) RETURN v }`;

/**
 * What a question about a version, or about the versions of an asset, starts from: `$version` is an id, `$key` of an
 * asset; only one of them is not empty. `$named` null: all versions. No row: there is none, or the viewer may not
 * know of it.
 */
const ROOTS = `CALL () {
  MATCH (v:Version&Node {id: $version})-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling RETURN a, [v] AS roots
  UNION
  MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} RETURN a, ${VERSIONS} AS roots
}
WITH a, roots WHERE ${visibleTo('a')}`;

/** The part of the rows after the place of a cursor, which sorts by distance and then by id. */
const START = `CASE WHEN $afterId IS NULL THEN 0
  ELSE size([s IN seen WHERE s.depth < $afterDepth OR (s.depth = $afterDepth AND s.node.id <= $afterId)]) END`;

/** The data set versions upstream of the roots, nearest first, each with the runs that read it on the way to them. */
export const TRAINED_ON = `// lineage.trainedOn
${ROOTS}
CALL (roots) {
  CALL (roots) {${reachFlows(`(root)<-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH + 1}]-(x)`)}
  }
  WITH x, depth ORDER BY depth, x.id
  RETURN collect({node: x, depth: depth}) AS reached
}
CALL (reached) {
  UNWIND [r IN reached WHERE r.node:DatasetVersion AND r.depth <= ${MAX_LINEAGE_DEPTH}] AS r
  WITH r, r.node AS v
  MATCH (v)-[:VERSION_OF]->(data:Asset)
  WITH r, ${visibleTo('data')} AS visible
  RETURN collect(CASE WHEN visible THEN r END) AS seen, count(CASE WHEN NOT visible THEN 1 END) AS hidden
}
WITH a, roots, reached, seen, hidden, ${START} AS start, [r IN reached WHERE r.node:Run | r.node] AS runs
CALL (seen, start, runs) {
  UNWIND seen[start..start + $first] AS s
  WITH s, s.node AS v, runs
  CALL (v, runs) {
    MATCH (v)-[used:USED_BY]->(r:Run)-[:RUN_OF]->(t:Asset) WHERE ${heldFlow('used')} AND r IN runs
    WITH r, used, ${visibleTo('t')} AS visible ORDER BY r.id
    RETURN collect(CASE WHEN visible THEN properties(r) END) AS through, collect(CASE WHEN visible THEN properties(used) END) AS uses,
           count(CASE WHEN NOT visible THEN 1 END) AS hiddenRuns
  }
  RETURN collect({version: properties(v), distance: s.depth, runs: through, uses: uses, hiddenRuns: hiddenRuns}) AS nodes
}
RETURN a.kind AS kind, size(roots) AS versions, nodes, size(seen) AS total, hidden, start > 0 AS hasPrevious, size(seen) > start + $first AS hasNext,
       size([r IN reached WHERE r.depth > ${MAX_LINEAGE_DEPTH}]) AS cutByDepth`;

/**
 * The releases of model versions downstream of the roots, the newest first. An end that was not yet recorded at `$knownAt` is
 * not there. `$servedAt` null: whenever they served.
 */
export const DEPLOYMENTS_TRAINED_ON = `// lineage.deploymentsTrainedOn
${ROOTS}
CALL (roots) {
  CALL (roots) {${reachFlows(`(root)-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH + 1}]->(x)`)}
  }
  RETURN collect({node: x, depth: depth}) AS reached
}
CALL (reached) {
  UNWIND [r IN reached WHERE r.node:ModelVersion AND r.depth <= ${MAX_LINEAGE_DEPTH}] AS reach
  WITH reach, reach.node AS m
  MATCH (m)-[:RELEASED_AS]->(r:Release)-[:RELEASE_OF]->(d:Asset)
  WHERE r.from <= $knownAt AND ($servedAt IS NULL
    OR (r.from <= $servedAt AND (r.until IS NULL OR r.until > $servedAt OR r.until > $knownAt)))
  WITH reach, r, ${visibleTo('d')} AS visible ORDER BY r.id DESC
  RETURN collect(CASE WHEN visible THEN {release: properties(r), distance: reach.depth} END) AS seen,
         count(CASE WHEN NOT visible THEN 1 END) AS hidden
}
WITH a, roots, reached, seen, hidden,
     CASE WHEN $afterId IS NULL THEN 0 ELSE size([s IN seen WHERE s.release.id >= $afterId]) END AS start
RETURN a.kind AS kind, size(roots) AS versions, seen[start..start + $first] AS nodes, size(seen) AS total, hidden, start > 0 AS hasPrevious,
       size(seen) > start + $first AS hasNext, size([r IN reached WHERE r.depth > ${MAX_LINEAGE_DEPTH}]) AS cutByDepth`;
