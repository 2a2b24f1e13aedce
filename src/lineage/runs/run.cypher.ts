import { rightsOn, visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

export const RUN_SEEN = `MATCH (r:Run&Node {id: id})-[:RUN_OF]->(t:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('t')}`;
export const RUNS_BY_ID = `// lineage.runsById
UNWIND $ids AS id
${RUN_SEEN}
RETURN properties(r) AS run`;

/**
 * Makes a new run `r` of the transformation `t`, with what it reads, by the parameters of `beginning` (run.repository.ts). It cannot have
 * read it before: so CREATE, for a MERGE locks both ends first, and all that read one version would wait for each other.
 */
export const BEGIN_RUN = `CREATE (r:Node:Run)-[:RUN_OF]->(t)
SET r = $run
WITH *
CALL (r) {
  UNWIND $inputs AS versionId
  MATCH (v:Version&Node) ${sought('v:Node', 'id', 'versionId')}
  CREATE (v)-[:USED_BY {recordedAt: $now, since: CASE WHEN $since > $now THEN $now ELSE $since END}]->(r)
}`;

export const CREATE_RUN = `// lineage.createRun
MATCH (t:Transformation&Asset {id: $run.transformationId})
${BEGIN_RUN}
RETURN r.id AS id`;

/** The run that a key of the caller's began. */
export const RUN_BEGUN_BY = `// lineage.runBegunBy
MATCH (r:Run {startKey: $key})
RETURN properties(r) AS run, r.startDigest AS digest`;

/** True since `$since`, the start of the run; a clock that is ahead must not hide it from the next read. */
export const ADD_INPUTS = `// lineage.addInputs
MATCH (r:Run&Node {id: $runId})
UNWIND $versionIds AS versionId
MATCH (v:Version&Node) ${sought('v:Node', 'id', 'versionId')}
MERGE (v)-[used:USED_BY]->(r)
  ON CREATE SET used.recordedAt = $now, used.since = CASE WHEN $since > $now THEN $now ELSE $since END`;

/** The version is locked first, so that of two runs that name it only one generates it. */
export const ADD_OUTPUTS = `// lineage.addOutputs
MATCH (r:Run&Node {id: $runId})
UNWIND $versionIds AS versionId
MATCH (v:Version&Node) ${sought('v:Node', 'id', 'versionId')}
SET v.lockedAt = $now
REMOVE v.lockedAt
WITH r, v WHERE NOT EXISTS { MATCH (other:Run)-[:GENERATED]->(v) WHERE other <> r }
MERGE (r)-[made:GENERATED]->(v)
  ON CREATE SET made.recordedAt = $now, made.since = CASE WHEN $since > $now THEN $now ELSE $since END
RETURN count(v) AS added`;

/** Locks the run; no row when the viewer may not know of it. */
export const LOCK_RUN = `// lineage.lockRun
MATCH (r:Run&Node)-[:RUN_OF]->(t:Asset) ${sought('r:Node', 'id', '$id')} AND ${visibleTo('t')}
SET r.lockedAt = $now
REMOVE r.lockedAt
RETURN properties(r) AS run, r.endDigest AS endDigest, t.id AS transformationId, t.urn AS urn, ${rightsOn('t')} AS rights,
       EXISTS { (:TrainingJob)-[:EXECUTES]->(r) } AS launched,
       COLLECT { MATCH (v:Version)-[:USED_BY]->(r) RETURN v.id } AS inputIds`;

/** What was found of the inputs of a run: `$checks` has the properties by the id of the version. */
export const WRITE_INPUT_CHECKS = `// lineage.writeInputChecks
MATCH (v:Version)-[used:USED_BY]->(:Run&Node {id: $runId}) WHERE $checks[v.id] IS NOT NULL
SET used += $checks[v.id]`;

export const UPDATE_RUN = `// lineage.updateRun
MATCH (r:Run&Node {id: $id})
SET r += $changes
RETURN properties(r) AS run`;

export const RUNS_OF = paged(
  'r',
  'DESC',
  (window, tail) => `// lineage.runsOf
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Run)-[:RUN_OF]->(:Asset {id: id}) WHERE ${window} AND ($states IS NULL OR r.state IN $states)
  WITH r ${tail}
  RETURN collect(properties(r)) AS runs
}
RETURN id, runs`,
);

export const COUNT_RUNS_OF = `// lineage.countRunsOf
UNWIND $ids AS id
RETURN id, COUNT { MATCH (r:Run)-[:RUN_OF]->(:Asset {id: id}) WHERE r.id < $viewer.ceiling AND ($states IS NULL OR r.state IN $states) } AS total`;

export const RUNS_USING = paged(
  'r',
  'DESC',
  (window, tail) => `// lineage.runsUsing
UNWIND $ids AS id
CALL (id) {
  MATCH (:Version&Node {id: id})-[:USED_BY]->(r:Run)-[:RUN_OF]->(t:Asset) WHERE ${window} AND ${visibleTo('t')}
  WITH r ${tail}
  RETURN collect(properties(r)) AS runs
}
RETURN id, runs`,
);

export const COUNT_RUNS_USING = `// lineage.countRunsUsing
UNWIND $ids AS id
RETURN id, COUNT { MATCH (:Version&Node {id: id})-[:USED_BY]->(r:Run)-[:RUN_OF]->(t:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('t')} } AS total`;

export const GENERATED_BY = `// lineage.generatedBy
UNWIND $ids AS id
MATCH (r:Run)-[:GENERATED]->(:Version&Node {id: id}), (r)-[:RUN_OF]->(t:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('t')}
RETURN id, properties(r) AS run`;

export const INPUTS_OF = `// lineage.inputsOf
UNWIND $ids AS id
MATCH (v:Version)-[used:USED_BY]->(:Run&Node {id: id}), (v)-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling
WITH id, v, used, ${visibleTo('a')} AS visible ORDER BY v.id
RETURN id, collect(CASE WHEN visible THEN properties(v) END) AS versions, count(CASE WHEN NOT visible THEN 1 END) AS hidden,
       collect(CASE WHEN visible THEN properties(used) END) AS uses`;

export const OUTPUTS_OF = `// lineage.outputsOf
UNWIND $ids AS id
MATCH (:Run&Node {id: id})-[:GENERATED]->(v:Version)-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling
WITH id, v, ${visibleTo('a')} AS visible ORDER BY v.id
RETURN id, collect(CASE WHEN visible THEN properties(v) END) AS versions, count(CASE WHEN NOT visible THEN 1 END) AS hidden`;
