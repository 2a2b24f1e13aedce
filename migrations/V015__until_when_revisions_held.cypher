// A revision knows from when to when it was the state of its asset (ADR 47): until the first of those that followed began, and the
// first one since ever, for it stands for what was not recorded yet.
MATCH (a:Asset)
CALL (a) {
  MATCH (r:AssetRevision)-[:REVISION_OF]->(a)
  WITH a, min(r.revision) AS first
  MATCH (r:AssetRevision)-[:REVISION_OF]->(a)
  CALL (a, r) {
    MATCH (later:AssetRevision)-[:REVISION_OF]->(a) WHERE later.revision > r.revision
    RETURN min(later.from) AS ended
  }
  SET r.since = CASE WHEN r.revision = first THEN datetime('0001-01-01T00:00:00Z') ELSE r.from END,
      r.until = coalesce(ended, datetime('9999-12-31T23:59:59.999Z'))
} IN TRANSACTIONS OF 1000 ROWS;
