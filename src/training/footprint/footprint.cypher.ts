import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import { reachFlows } from '../../lineage/runs/provenance.cypher.js';

/** Further than any lineage goes: a footprint that stopped on the way would be too small without saying so. */
const ANY_DISTANCE = 10_000;

/** Adds up distinct runs `x` of jobs `j`; only those whose transformation the viewer may see, of the others their number. */
const ADD_UP = `
  WITH x, j, ${visibleTo('t')} AS visible,
    CASE WHEN j.endedAt <= $asOf THEN j.energyMethod END AS method
  WITH x, j, visible, method,
    CASE WHEN j.endedAt <= $asOf THEN j END AS ended
  RETURN count(CASE WHEN visible THEN 1 END) AS runs,
    count(CASE WHEN NOT visible THEN 1 END) AS hidden,
    count(CASE WHEN visible AND method <> 'ESTIMATE' THEN 1 END) AS measured,
    count(CASE WHEN visible AND method = 'ESTIMATE' THEN 1 END) AS estimated,
    sum(CASE WHEN visible THEN toFloat(coalesce(ended.energyJoules, 0)) ELSE 0.0 END) AS joules,
    sum(CASE WHEN visible THEN toFloat(coalesce(ended.gpuSeconds, 0)) ELSE 0.0 END) AS gpuSeconds,
    sum(CASE WHEN visible THEN toFloat(coalesce(ended.cpuSeconds, 0)) ELSE 0.0 END) AS cpuSeconds`;

/**
 * All runs that lead to a version, or to the versions of an asset, at any remove: each once, however many ways lead to it.
 * What made a version that a run only read is upstream of it too.
 */
export const FOOTPRINT_OF = `// training.footprintOf
CALL () {
  MATCH (root:Version&Node {id: $ref})-[:VERSION_OF]->(a:Asset) WHERE ${visibleTo('a')}
  RETURN a, root
  UNION
  MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} AND ${visibleTo('a')}
  OPTIONAL MATCH (root:Version)-[:VERSION_OF]->(a)
  RETURN a, root
}
WITH collect(DISTINCT root) AS roots, count(DISTINCT a) AS found
CALL (roots) {
  CALL (roots) {${reachFlows(`(root)<-[:USED_BY|GENERATED*1..${ANY_DISTANCE}]-(x)`)}
  }
  WITH DISTINCT x WHERE x:Run AND x.id < $viewer.ceiling
    AND CASE WHEN x.endedAt <= $asOf THEN x.endedAt ELSE x.createdAt END >= $from
    AND CASE WHEN x.endedAt <= $asOf THEN x.endedAt ELSE x.createdAt END < $to
  MATCH (x)-[:RUN_OF]->(t:Asset)
  OPTIONAL MATCH (j:TrainingJob)-[:EXECUTES]->(x)
  ${ADD_UP}
}
RETURN found, runs, hidden, measured, estimated, joules, gpuSeconds, cpuSeconds`;

/** All jobs charged to a team that ended in the time. */
export const FOOTPRINT_OF_TEAM = `// training.footprintOfTeam
OPTIONAL MATCH (team:Team&Principal {id: $team}) WHERE team.id < $viewer.ceiling
WITH count(team) AS found
CALL () {
  MATCH (j:TrainingJob) WHERE j.teamId = $team AND j.endedAt >= $from AND j.endedAt < $to AND j.endedAt <= $asOf AND j.id < $viewer.ceiling
  MATCH (j)-[:EXECUTES]->(x:Run)-[:RUN_OF]->(t:Asset)
  ${ADD_UP}
}
RETURN found, runs, hidden, measured, estimated, joules, gpuSeconds, cpuSeconds`;
