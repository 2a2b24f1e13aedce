import { paged } from '../../graphql/page.js';

/** Also what was stated under the name of something that was joined into one of the ends. */
const STATED = `MATCH (one)-[:JOINED_INTO*0..1]->(:Node {id: $source})
MATCH (other)-[:JOINED_INTO*0..1]->(:Node {id: $target})
MATCH (f:ClaimedFlow) USING INDEX f:ClaimedFlow(sourceId, targetId) WHERE f.sourceId = one.id AND f.targetId = other.id
MATCH (stream:ClaimStream {id: f.streamId}) WHERE $claimSource IS NULL OR stream.source = $claimSource
MATCH (r:LineageReport)-[s:STATES]->(f)`;

/** As known then: what was recorded later is not there, and what was taken back later still stands. */
const KNOWN = `s.recordedAt <= $knownAt AND ($includePast OR s.retractedAt IS NULL OR s.retractedAt > $knownAt)`;

/** Each statement with the begin of the complete report that ends it, if one does (src/lineage/statements/validity.ts has the rule). */
export const STATEMENTS_OF = paged(
  's',
  'DESC',
  (window, tail) => `// lineage.statementsOf
${STATED}
WHERE ${window} AND ${KNOWN}
WITH stream, r, s ${tail}
CALL (stream, r, s) {
  MATCH (c:CompleteReport)
  WHERE c.streamId = stream.id AND c.validFrom >= s.validFrom AND (c.validFrom > s.validFrom OR c.ordinal > s.ordinal)
    AND c.recordedAt <= $knownAt AND (c.retractedAt IS NULL OR c.retractedAt > $knownAt)
    AND (c.scope = 'TRANSFORMATION' OR c.runId = r.runId)
  RETURN min(c.validFrom) AS coveredFrom
}
RETURN properties(s) AS stated, stream.source AS source, r.scope AS scope, r.runId AS runId, r.byId AS byId, coveredFrom`,
);

export const COUNT_STATEMENTS = `// lineage.countStatements
${STATED}
WHERE s.id < $viewer.ceiling AND ${KNOWN}
RETURN count(s) AS total`;
