import { visibleTo } from '../../auth/rights.cypher.js';
import { MAX_LINEAGE_DEPTH } from '../../lineage/trace/lineage.js';
import { heldFlow, reachFlows } from '../../lineage/runs/provenance.cypher.js';

/** One side: every version it was made from, with the shortest distance. */
const ancestry = (side: 'train' | 'evaluation', above: string): string => `CALL (${side}) {
  WITH [${side}] AS roots
  CALL (roots) {${reachFlows(`(root)<-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH}]-(x:Version)`)}
  }
  RETURN collect({node: x, ${side}: depth}) AS ${above}
}`;

/** Versions both come from; and versions on either side that are different by name and the same by digest. */
const FINDINGS = `CALL (versions, evaluation) {
    UNWIND versions AS v
    WITH v, evaluation WHERE v.train IS NOT NULL AND v.evaluation IS NOT NULL
    RETURN CASE WHEN v.node = evaluation THEN 'EVALUATION_ITSELF' ELSE 'SHARED_ANCESTOR' END AS kind,
           v.node AS version, v.node AS other, v.train AS trainDistance, v.evaluation AS evaluationDistance
    UNION ALL
    UNWIND versions AS v
    WITH v WHERE v.node.digest IS NOT NULL AND (v.train IS NULL OR v.evaluation IS NULL)
    WITH v.node.digest AS digest, collect(v) AS same
    UNWIND [x IN same WHERE x.train IS NOT NULL] AS t
    UNWIND [x IN same WHERE x.evaluation IS NOT NULL] AS e
    RETURN 'SAME_CONTENT' AS kind, t.node AS version, e.node AS other, t.train AS trainDistance, e.evaluation AS evaluationDistance
  }`;

/**
 * What two versions have in common. Both walks are grouped by version and by digest, never compared pair by pair. A finding
 * is hidden when one of its versions is; it counts for the verdict all the same. No row: one of the two is not there.
 */
export const CONTAMINATION = `// lineage.contamination
MATCH (train:Version&Node {id: $train})-[:VERSION_OF]->(trainAsset:Asset)
WHERE train.id < $viewer.ceiling AND ${visibleTo('trainAsset')}
MATCH (evaluation:Version&Node {id: $evaluation})-[:VERSION_OF]->(evaluationAsset:Asset)
WHERE evaluation.id < $viewer.ceiling AND ${visibleTo('evaluationAsset')}
${ancestry('train', 'aboveTrain')}
${ancestry('evaluation', 'aboveEvaluation')}
WITH train, evaluation, [{node: train, train: 0}, {node: evaluation, evaluation: 0}] + aboveTrain + aboveEvaluation AS sightings
CALL (sightings) {
  UNWIND sightings AS s
  WITH s.node AS v, min(s.train) AS trainDistance, min(s.evaluation) AS evaluationDistance
  RETURN collect({node: v, train: trainDistance, evaluation: evaluationDistance}) AS versions
}
CALL (versions, evaluation) {
  ${FINDINGS}
  // Two patterns: within one, a relationship that both need, because they are one version, would be refused.
  MATCH (version)-[:VERSION_OF]->(a:Asset)
  MATCH (other)-[:VERSION_OF]->(b:Asset)
  WITH kind, version, other, trainDistance, evaluationDistance, ${visibleTo('a')} AND ${visibleTo('b')} AS visible
  ORDER BY evaluationDistance, trainDistance, version.id, other.id
  RETURN collect({kind: kind, visible: visible, version: properties(version), other: properties(other),
    trainDistance: trainDistance, evaluationDistance: evaluationDistance}) AS findings
}
WITH *, [f IN findings WHERE f.visible AND ($after IS NULL
  OR [f.evaluationDistance, f.trainDistance, f.version.id, f.other.id] > $after)] AS rest
RETURN labels(evaluation) AS evaluationLabels, rest[0..$first] AS shown, size(rest) > $first AS hasNext,
       size([f IN findings WHERE f.visible]) AS total, size([f IN findings WHERE NOT f.visible]) AS hidden,
       any(f IN findings WHERE f.evaluationDistance = 0 AND f.kind <> 'SHARED_ANCESTOR') AS contaminated,
       size(findings) > 0 AS related,
       train:ModelVersion AND NOT EXISTS { MATCH (:Run)-[made:GENERATED]->(train) WHERE ${heldFlow('made')} } AS unexplained`;
