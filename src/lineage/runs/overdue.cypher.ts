import { paged } from '../../graphql/page.js';

/** More seconds than anything is asked as of: where nothing is said. Neo4j makes no duration of null. */
const NEVER = 10_000_000_000;

/** After how many seconds without a sign a run was overdue at that time, as the namespace of its transformation said then. */
const secondsThen = (t: string, at: string): string => `coalesce(COLLECT {
  MATCH (n:Namespace {name: coalesce(COLLECT {
    MATCH (of:AssetRevision)-[:REVISION_OF]->(${t}) WHERE of.from <= ${at}
    RETURN of.namespace ORDER BY of.revision DESC LIMIT 1
  }[0], ${t}.namespace)})<-[:REVISION_OF]-(said:NamespaceRevision) WHERE said.from <= ${at}
  RETURN coalesce(said.runsOverdueAfterSeconds, ${NEVER}) ORDER BY said.revision DESC LIMIT 1
}[0], ${NEVER})`;

/** The last sign of life of a run by that time: what was longer ago than a limit was kept with its end (HEARTBEAT). */
const signThen = (r: string, at: string): string => `CASE
  WHEN ${r}.aliveAt IS NULL THEN ${r}.startedAt
  WHEN ${r}.aliveAt <= ${at} THEN ${r}.aliveAt
  ELSE coalesce([i IN range(0, size(coalesce(${r}.silentFrom, [])) - 1)
    WHERE ${r}.silentFrom[i] <= ${at} AND ${at} < ${r}.silentUntil[i] | ${r}.silentFrom[i]][0], ${at})
END`;

/** It has begun by then, has not ended, and no job of ours looks after it. */
const isOpenThen = (r: string, at: string): string =>
  `${r}.startedAt <= ${at} AND coalesce(${r}.endedAt > ${at}, true) AND NOT EXISTS { (:TrainingJob)-[:EXECUTES]->(${r}) }`;

/** Since when each run has been overdue at that time; no row for one that is not. Made of what is stored, so it is true whenever it is read. */
export const OVERDUE_RUNS = `// lineage.overdueRuns
UNWIND $ids AS id
MATCH (r:Run&Node {id: id})-[:RUN_OF]->(t:Asset) WHERE ${isOpenThen('r', '$shownAt')}
WITH id, ${signThen('r', '$shownAt')} + duration({seconds: ${secondsThen('t', '$shownAt')}}) AS since
WHERE since <= $shownAt
RETURN id, since`;

/** The time of an auditor session; now, for everyone else. */
const THEN = 'coalesce($viewer.asOf, $now)';

const overdueOf = (window: string): string => `MATCH (t:Asset {id: id})
  WITH t, ${secondsThen('t', THEN)} AS seconds
  MATCH (r:Run)-[:RUN_OF]->(t) WHERE ${window} AND ($states IS NULL OR r.state IN $states)
    AND $overdue = coalesce(${isOpenThen('r', THEN)} AND ${signThen('r', THEN)} + duration({seconds: seconds}) <= ${THEN}, false)`;

/** `lineage.runsOf`, of those that are overdue, or are not. */
export const RUNS_OF_BY_OVERDUE = paged(
  'r',
  'DESC',
  (window, tail) => `// lineage.runsOfByOverdue
UNWIND $ids AS id
CALL (id) {
  ${overdueOf(window)}
  WITH r ${tail}
  RETURN collect(properties(r)) AS runs
}
RETURN id, runs`,
);

export const COUNT_RUNS_OF_BY_OVERDUE = `// lineage.countRunsOfByOverdue
UNWIND $ids AS id
CALL (id) {
  ${overdueOf('r.id < $viewer.ceiling')}
  RETURN count(r) AS total
}
RETURN id, total`;

/**
 * A sign of life. How long it was silent before is kept if any limit of the namespace was ever shorter, for who reads as of then;
 * the last thousand times.
 */
export const HEARTBEAT = `// lineage.heartbeat
MATCH (r:Run&Node {id: $id})-[:RUN_OF]->(t:Asset)
WITH r, coalesce(r.aliveAt, r.startedAt) AS before, ${signThen('r', '$now')} + duration({seconds: ${secondsThen('t', '$now')}}) AS overdueFrom,
  COLLECT {
    MATCH (:Namespace {name: t.namespace})<-[:REVISION_OF]-(said:NamespaceRevision) WHERE said.runsOverdueAfterSeconds IS NOT NULL
    RETURN said.runsOverdueAfterSeconds ORDER BY said.runsOverdueAfterSeconds LIMIT 1
  } AS limits
WITH r, before, CASE WHEN overdueFrom <= $now THEN overdueFrom END AS overdueSince, coalesce(before + duration({seconds: coalesce(limits[0], ${NEVER})}) <= $now, false) AS wasSilent
SET r.aliveAt = CASE WHEN r.aliveAt > $now THEN r.aliveAt ELSE $now END,
  r.silentFrom = CASE WHEN wasSilent THEN (coalesce(r.silentFrom, []) + before)[-1000..] ELSE r.silentFrom END,
  r.silentUntil = CASE WHEN wasSilent THEN (coalesce(r.silentUntil, []) + $now)[-1000..] ELSE r.silentUntil END
RETURN properties(r) AS run, overdueSince`;
