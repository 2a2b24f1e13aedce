import { sought } from '../../neo4j/sought.js';

/**
 * What sources said, kept raw and off the way of the traversal. A stream is what one source says of one transformation or
 * deployment: it is locked first, and no statement of another stream bears on it. A report is what was said at once, and
 * STATES each flow it names. `retractedAt` closes a statement that was taken back or replaced by one with another end.
 */

/** In order of key, so that two writers never wait for each other. */
export const LOCK_STREAMS = `// lineage.lockStreams
UNWIND $streams AS wanted
MERGE (s:ClaimStream {key: wanted.key})
ON CREATE SET s.id = wanted.id, s.relationship = wanted.relationship, s.source = wanted.source,
              s.subjectId = wanted.subjectId, s.reports = 0
SET s.lockedAt = $now
REMOVE s.lockedAt
RETURN s.key AS key, s.id AS id`;

/** A report says so of a flow. */
const STATE_FLOW = `MERGE (f:ClaimedFlow {key: flow.key})
  ON CREATE SET f += flow.facts, f.streamId = r.streamId, f.sourceId = flow.source, f.targetId = flow.target
  CREATE (r)-[:STATES {
    id: flow.statementId, validFrom: r.validFrom, validUntil: flow.validUntil, recordedAt: $now, ordinal: r.ordinal
  }]->(f)`;

/** With each report, when the next complete report that covers it begins. Streams are locked already. */
export const RECORD_REPORTS = `// lineage.recordReports
UNWIND $reports AS report
MATCH (s:ClaimStream {key: report.stream})
SET s.reports = s.reports + 1
CREATE (r:LineageReport {
  id: report.id, streamId: s.id, scope: report.scope, runId: report.runId, byId: report.byId,
  validFrom: report.validFrom, recordedAt: $now, ordinal: s.reports
})
FOREACH (complete IN CASE report.scope WHEN 'FLOWS' THEN [] ELSE [1] END | SET r:CompleteReport)
WITH s, r, report
CALL (r, report) {
  UNWIND report.flows AS flow
  ${STATE_FLOW}
}
CALL (s, report) {
  MATCH (c:CompleteReport)
  WHERE c.streamId = s.id AND c.validFrom > report.validFrom AND c.retractedAt IS NULL
    AND (c.scope = 'TRANSFORMATION' OR c.runId = report.runId)
  RETURN min(c.validFrom) AS cut
}
RETURN s.key AS stream, cut`;

/** More flows of reports that are recorded. */
export const STATE_FLOWS = `// lineage.stateFlows
UNWIND $flows AS flow
MATCH (r:LineageReport {id: flow.report})
${STATE_FLOW}`;

/** All flows a stream ever stated. */
export const FLOWS_OF_STREAM = `// lineage.flowsOfStream
MATCH (f:ClaimedFlow {streamId: $streamId})
RETURN f.key AS key, f.sourceId AS source, f.targetId AS target, properties(f) AS facts`;

export const FLOWS_OF_RUN = `// lineage.flowsOfRun
MATCH (r:LineageReport {runId: $runId})-[s:STATES]->(f:ClaimedFlow)
WHERE r.streamId = $streamId AND s.retractedAt IS NULL
RETURN DISTINCT f.key AS key, f.sourceId AS source, f.targetId AS target, properties(f) AS facts`;

/** The begin of the last report of all at or before the time: what began before it holds no longer than to it. */
export const LAST_COMPLETE = `// lineage.lastCompleteReport
MATCH (c:CompleteReport)
WHERE c.streamId = $streamId AND c.validFrom <= $at AND c.scope = 'TRANSFORMATION' AND c.retractedAt IS NULL
RETURN max(c.validFrom) AS since`;

export const STATEMENTS = `// lineage.statementsOfFlows
UNWIND $keys AS key
MATCH (r:LineageReport)-[s:STATES]->(f:ClaimedFlow {key: key})
WHERE s.retractedAt IS NULL AND s.validFrom >= $since
RETURN key, s.validFrom AS validFrom, s.validUntil AS validUntil, s.ordinal AS ordinal, r.runId AS runId, r.byId AS byId`;

export const COMPLETE_REPORTS = `// lineage.completeReports
MATCH (c:CompleteReport)
WHERE c.streamId = $streamId AND c.validFrom >= $since AND c.retractedAt IS NULL
RETURN c.scope AS scope, c.validFrom AS validFrom, c.ordinal AS ordinal, c.runId AS runId`;

/** The flows whose statements were changed, with how many were taken back and how many ended. */
const CHANGED = `RETURN f.key AS key, f.sourceId AS source, f.targetId AS target, properties(f) AS facts,
       sum(retracted) AS retracted, sum(ended) AS ended, min(began) AS began`;

/** Taken back: it was never true. */
const takeBack = (name: string, selected: string): string => `// lineage.${name}
${selected}
WITH f, s WHERE s.retractedAt IS NULL
SET s.retractedAt = $now
WITH f, 1 AS retracted, 0 AS ended, s.validFrom AS began
${CHANGED}`;

/** Ended: a statement with the earlier end replaces it, so that as known before, it has the end it had. */
const end = (name: string, selected: string): string => `// lineage.${name}
${selected}
WITH r, f, s WHERE s.retractedAt IS NULL AND (s.validUntil IS NULL OR s.validUntil > $from)
SET s.retractedAt = $now
WITH r, f, properties(s) AS was
CALL (r, f, was) {
  WITH r, f, was WHERE was.validFrom < $from
  CREATE (r)-[e:STATES]->(f)
  SET e = was, e.id = $idPrefix + substring(randomUUID(), 15), e.validUntil = $from, e.recordedAt = $now, e.retractedAt = null
  RETURN count(e) AS ended
}
WITH f, 1 - ended AS retracted, ended, $from AS began
${CHANGED}`;

const OF_FLOWS = `UNWIND $keys AS key
MATCH (r:LineageReport)-[s:STATES]->(f:ClaimedFlow) ${sought('f:ClaimedFlow', 'key', 'key')}`;
const OF_RUN = `MATCH (r:LineageReport {runId: $runId})-[s:STATES]->(f:ClaimedFlow)
WHERE r.streamId = $streamId`;
const OF_STREAM = `MATCH (r:LineageReport)-[s:STATES]->(f:ClaimedFlow {streamId: $streamId})`;

export const TAKE_BACK = {
  flows: takeBack('takeBackFlows', OF_FLOWS),
  run: takeBack('takeBackRun', OF_RUN),
  stream: takeBack('takeBackStream', OF_STREAM),
};

export const END = {
  flows: end('endFlows', OF_FLOWS),
  run: end('endRun', OF_RUN),
  stream: end('endStream', OF_STREAM),
};

/** Complete reports of a run, or (run null) of the whole stream, no longer cover anything. */
export const TAKE_BACK_REPORTS = `// lineage.takeBackReports
MATCH (c:CompleteReport)
WHERE c.streamId = $streamId AND c.validFrom IS NOT NULL AND c.retractedAt IS NULL AND ($runId IS NULL OR c.runId = $runId)
SET c.retractedAt = $now
RETURN min(CASE c.scope WHEN 'TRANSFORMATION' THEN c.validFrom END) AS began`;

/** What a source says, by transformation or deployment, with how many statements each has. */
export const STREAMS_OF_SOURCE = `// lineage.streamsOfSource
MATCH (s:ClaimStream {source: $claimSource}) WHERE s.relationship = $relationship
CALL (s) {
  MATCH (f:ClaimedFlow {streamId: s.id})
  RETURN sum(COUNT { (f)<-[:STATES]-() }) AS statements
}
WITH s, statements ORDER BY s.key
RETURN s.subjectId AS subjectId, statements`;
