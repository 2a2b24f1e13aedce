import { accountForAll } from '../../audit/record/record.js';
import { visibleTo } from '../../auth/rights.cypher.js';

import { paged } from '../../graphql/page.js';
import { BEGIN_RUN } from '../../lineage/runs/run.cypher.js';
import { sought } from '../../neo4j/sought.js';

/** Its state; to who is frozen at a time, as `jobAsThen` (job.decode.ts) shows it. */
const STATE_THEN = `CASE WHEN $viewer.asOf IS NULL OR j.endedAt <= $viewer.asOf THEN j.state
  WHEN j.startedAt <= $viewer.asOf THEN 'RUNNING' ELSE 'PENDING' END`;

/** A job is seen by whoever sees its transformation. */
const OF_VISIBLE = `(j)-[:EXECUTES]->(:Run)-[:RUN_OF]->(t:Asset) WHERE ${visibleTo('t')}`;

/**
 * Accepts a launch: its run, its job and its entry in the log, in one trip at the end of the transaction, for every end of a new relationship
 * is locked from here to the commit. The constraint on requestKey decides which of two launches with one idempotency key makes
 * the job.
 */
export const CREATE_JOB = `// training.createJob
MATCH (t:Transformation&Asset {id: $run.transformationId}), (m:Model&Asset {id: $job.outputId}), (p:Principal {id: $job.requestedById})
${BEGIN_RUN}
CREATE (j:Node:TrainingJob)-[:EXECUTES]->(r)
SET j = $job, j.changedAt = j.createdAt, j.dueAt = j.createdAt
CREATE (j)-[:WILL_GENERATE]->(m)
CREATE (p)-[:REQUESTED]->(j)
CREATE (:JobAttempt {number: 1, state: j.state})-[:ATTEMPT_OF]->(j)
CREATE (:JobTransition {key: j.id + ':1', seq: 1, state: j.state, attempt: 1, at: j.createdAt, cause: $cause})-[:TRANSITION_OF]->(j)
WITH j
${accountForAll('$entry')}
RETURN j.id AS id`;

export const FIND_BY_REQUEST = `// training.findByRequest
MATCH (j:TrainingJob {requestKey: $requestKey})
RETURN properties(j) AS job`;

/** The ceiling as no index can answer it: the planner would take it for the way in, instead of the id, and read all jobs. */
export const JOB_SEEN = `MATCH (j:TrainingJob {id: id}) WHERE j.id + '' < $viewer.ceiling MATCH ${OF_VISIBLE}`;
export const JOBS_BY_ID = `// training.jobsById
UNWIND $ids AS id
${JOB_SEEN}
RETURN properties(j) AS job`;

/** A compare-and-set: no row when the job is no longer as it was read. */
export const CHANGE_JOB = `// training.changeJob
MATCH (j:TrainingJob {id: $id})
SET j.lockedAt = $now
REMOVE j.lockedAt
WITH j WHERE j.revision = $revision
SET j += $changes, j.revision = j.revision + 1
RETURN properties(j) AS job`;

export const ADD_TRANSITION = `// training.addTransition
MATCH (j:TrainingJob {id: $id})
SET j.transitions = j.transitions + 1, j.changedAt = $now
CREATE (s:JobTransition {key: j.id + ':' + toString(j.transitions), seq: j.transitions, state: j.state, attempt: j.attempt, at: $now, cause: $cause})-[:TRANSITION_OF]->(j)
RETURN properties(j) AS job`;

export const WRITE_ATTEMPT = `// training.writeAttempt
MATCH (j:TrainingJob {id: $id})
OPTIONAL MATCH (old:JobAttempt {number: $number})-[:ATTEMPT_OF]->(j)
FOREACH (_ IN CASE WHEN old IS NULL THEN [1] ELSE [] END | CREATE (a:JobAttempt {number: $number})-[:ATTEMPT_OF]->(j) SET a += $changes)
FOREACH (_ IN CASE WHEN old IS NULL THEN [] ELSE [1] END | SET old += $changes)`;

/**
 * Asks for the end of a job; who works on it sees the wish. It is due at once, but while it is handed over: two that hand
 * over one attempt must not meet.
 */
export const REQUEST_CANCEL = `// training.requestCancel
MATCH (j:TrainingJob) ${sought('j:TrainingJob', 'id', '$id')}
SET j.lockedAt = $now
REMOVE j.lockedAt
SET j.cancelRequestedAt = CASE WHEN j.state IN $open THEN coalesce(j.cancelRequestedAt, $now) ELSE j.cancelRequestedAt END,
    j.dueAt = CASE WHEN j.dueAt > $now AND j.state <> 'SUBMITTING' THEN $now ELSE j.dueAt END,
    j.revision = j.revision + 1
RETURN properties(j) AS job`;

/**
 * Takes jobs of a launcher that are due, the longest due first, to work on for a while: of many servers exactly one gets a
 * job. `dueAt` is there while a job is open: the next look at it, and while it is worked on, the end of the lease. What was
 * read before the lock may come from the index; `properties` reads what is there now.
 */
export const LEASE_JOBS = `// training.leaseJobs
MATCH (j:TrainingJob) WHERE j.launcher = $launcher AND j.dueAt <= $now
WITH j ORDER BY j.dueAt, j.id LIMIT $limit
SET j.lockedAt = $now
REMOVE j.lockedAt
WITH j, properties(j) AS locked WHERE locked.dueAt <= $now
SET j.leaseOwner = $worker, j.dueAt = $until
RETURN properties(j) AS job`;

/**
 * Gives back jobs that were looked at, all at once, with how the look went; not a revision, for nothing of the job changed.
 * One that is due sooner, because somebody wants it to end, stays so.
 */
export const RETURN_JOBS = `// training.returnJobs
UNWIND $looks AS look
MATCH (j:TrainingJob {id: look.id})
SET j.lockedAt = $now
REMOVE j.lockedAt
WITH j, look, properties(j) AS locked WHERE locked.leaseOwner = $worker AND locked.dueAt IS NOT NULL
SET j.dueAt = CASE WHEN locked.dueAt > look.dueAt THEN look.dueAt ELSE locked.dueAt END,
    j.observedAt = coalesce(look.seenAt, locked.observedAt), j.observationError = look.error,
    j.waitingFor = CASE WHEN look.seenAt IS NULL THEN locked.waitingFor ELSE look.waitingFor END`;

/** Which of the jobs are open, and in which attempt. */
export const OPEN_ATTEMPTS = `// training.openAttempts
UNWIND $ids AS id
MATCH (j:TrainingJob {id: id}) WHERE j.dueAt IS NOT NULL
RETURN j.id AS id, j.attempt AS attempt, j.launcher AS launcher`;

/** Jobs that ended as LOST since a time, and of whose last attempt nothing was found since; the latest first. */
export const LOST_JOBS = `// training.lostJobs
MATCH (j:TrainingJob {state: 'LOST'}) WHERE j.launcher = $launcher AND j.endedAt >= $since AND j.handle IS NOT NULL
MATCH (j)<-[:ATTEMPT_OF]-(a:JobAttempt {number: j.attempt}) WHERE a.foundLater IS NULL
RETURN properties(j) AS job ORDER BY j.endedAt DESC LIMIT $limit`;

export const RELEASE_LEASES = `// training.releaseLeases
MATCH (j:TrainingJob) WHERE j.launcher IN $launchers AND j.dueAt > $now AND j.leaseOwner = $worker
SET j.dueAt = $now, j.leaseOwner = null`;

/** The inputs of a job as its program is told of them. */
export const INPUT_PINS = `// training.inputPins
UNWIND $ids AS id
MATCH (v:Version&Node {id: id})-[:VERSION_OF]->(a:Asset)
RETURN v.id AS id, a.urn AS urn, a.kind AS kind, v.version AS version, v.digest AS digest, v.uri AS uri, a.format AS format,
       v.bytes AS bytes, v.rowCount AS rowCount, a.id AS assetId,
       COLLECT { MATCH (v)<-[:GENERATED]-(:Run)<-[:EXECUTES]-(j:TrainingJob) WHERE j.modelVersionId = v.id RETURN {id: j.id, attempt: j.attempt} } AS makers`;

/** What the launching account may now do is judged from what it now is; disabled, nothing. */
export const REQUESTER = `// training.requester
MATCH (u:Principal {id: $id}) WHERE NOT u:Team AND u.disabledAt IS NULL
RETURN u.name AS name, u.role AS role, COLLECT { MATCH (u)-[:MEMBER_OF]->(t:Team) RETURN t.id } AS teamIds`;

export const LAST_VERSION_NUMBER = `// training.lastVersionNumber
MATCH (v:ModelVersion)-[:VERSION_OF]->(:Asset {id: $modelId}) WHERE v.version =~ 'v[0-9]{1,9}'
RETURN max(toInteger(substring(v.version, 1))) AS number`;

export const LIST_JOBS = paged(
  'j',
  'DESC',
  (window, tail) => `// training.listJobs
MATCH (j:TrainingJob) WHERE ${window} AND ($states IS NULL OR ${STATE_THEN} IN $states) AND ($requestedBy IS NULL OR j.requestedById = $requestedBy)
  AND ($transformationId IS NULL OR j.transformationId = $transformationId)
MATCH ${OF_VISIBLE}
WITH j ${tail}
RETURN properties(j) AS job`,
);

export const COUNT_JOBS = `// training.countJobs
MATCH (j:TrainingJob) WHERE j.id > '' AND j.id < $viewer.ceiling AND ($states IS NULL OR ${STATE_THEN} IN $states) AND ($requestedBy IS NULL OR j.requestedById = $requestedBy)
  AND ($transformationId IS NULL OR j.transformationId = $transformationId)
MATCH ${OF_VISIBLE}
RETURN count(j) AS total`;

export const JOBS_OF_RUNS = `// training.jobsOfRuns
UNWIND $ids AS id
MATCH (j:TrainingJob)-[:EXECUTES]->(:Run&Node {id: id}) WHERE j.id < $viewer.ceiling
RETURN id, properties(j) AS job`;

export const ATTEMPTS_OF = `// training.attemptsOf
UNWIND $ids AS id
MATCH (a:JobAttempt)-[:ATTEMPT_OF]->(j:TrainingJob {id: id})
WHERE $asOf IS NULL OR a.number = 1 OR EXISTS { MATCH (s:JobTransition)-[:TRANSITION_OF]->(j) WHERE s.attempt = a.number AND s.at <= $asOf }
WITH id, a ORDER BY a.number
RETURN id, collect(properties(a)) AS attempts`;

export const TRANSITIONS_OF = `// training.transitionsOf
UNWIND $ids AS id
MATCH (s:JobTransition)-[:TRANSITION_OF]->(:TrainingJob {id: id}) WHERE $asOf IS NULL OR s.at <= $asOf
WITH id, s ORDER BY s.seq
RETURN id, collect(properties(s)) AS transitions`;

export const TRANSITIONS_AFTER = `// training.transitionsAfter
MATCH (j:TrainingJob {id: $id}) MATCH ${OF_VISIBLE}
RETURN properties(j) AS job, COLLECT {
  MATCH (s:JobTransition)-[:TRANSITION_OF]->(j) WHERE s.seq > $after RETURN properties(s) ORDER BY s.seq
} AS transitions`;

export const JOBS_BY_STATE = `// training.jobsByState
UNWIND $states AS state
RETURN state, COUNT { MATCH (j:TrainingJob {state: state}) } AS total`;
