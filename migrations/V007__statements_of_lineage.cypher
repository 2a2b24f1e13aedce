// What sources said of lineage is kept beside the claims that follow from it (docs/adr/0020). A stream, one source on one
// transformation or deployment, is made once and locked by every report; the constraint decides of two first ones.
CREATE CONSTRAINT claim_stream_key IF NOT EXISTS FOR (s:ClaimStream) REQUIRE s.key IS UNIQUE;
CREATE CONSTRAINT claim_stream_id IF NOT EXISTS FOR (s:ClaimStream) REQUIRE s.id IS UNIQUE;
CREATE INDEX claim_stream_source IF NOT EXISTS FOR (s:ClaimStream) ON (s.source);
CREATE CONSTRAINT claimed_flow_key IF NOT EXISTS FOR (f:ClaimedFlow) REQUIRE f.key IS UNIQUE;
CREATE INDEX claimed_flow_stream IF NOT EXISTS FOR (f:ClaimedFlow) ON (f.streamId);
CREATE INDEX claimed_flow_ends IF NOT EXISTS FOR (f:ClaimedFlow) ON (f.sourceId, f.targetId);
CREATE CONSTRAINT lineage_report_id IF NOT EXISTS FOR (r:LineageReport) REQUIRE r.id IS UNIQUE;
CREATE INDEX lineage_report_run IF NOT EXISTS FOR (r:LineageReport) ON (r.runId);
CREATE INDEX complete_report_time IF NOT EXISTS FOR (c:CompleteReport) ON (c.streamId, c.validFrom);
// Each claim made before was one statement: it becomes a report of its own, under the claim's id, so that running this
// again adds nothing.
MATCH (a:Asset)-[c:FEEDS]->(b:Asset)
CALL (a, c, b) {
  WITH a, c, b, CASE WHEN b.kind IN ['TRANSFORMATION', 'DEPLOYMENT'] THEN b.id ELSE a.id END AS subjectId
  MERGE (s:ClaimStream {key: 'FEEDS ' + subjectId + ' ' + c.source})
  ON CREATE SET s.id = randomUUID(), s.relationship = 'FEEDS', s.source = c.source, s.subjectId = subjectId, s.reports = 0
  MERGE (f:ClaimedFlow {key: s.id + ' ' + a.id + ' ' + b.id})
  ON CREATE SET f.streamId = s.id, f.sourceId = a.id, f.targetId = b.id
  MERGE (r:LineageReport {id: c.id})
  ON CREATE SET r.streamId = s.id, r.scope = 'FLOWS', r.runId = c.runId, r.byId = c.byId, r.validFrom = c.validFrom,
                r.recordedAt = c.recordedAt, r.ordinal = 0
  MERGE (r)-[st:STATES {id: c.id}]->(f)
  ON CREATE SET st.validFrom = c.validFrom, st.validUntil = c.validUntil, st.recordedAt = c.recordedAt,
                st.retractedAt = c.retractedAt, st.ordinal = 0
} IN TRANSACTIONS OF 10000 ROWS;
