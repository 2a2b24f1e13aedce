// A revision of an asset keeps who owned it then, so that owners obey the clocks as names do. For revisions made before,
// what can be known is told: the present owners who were owners then, by `since`. Who left before is in the audit log alone.
MATCH (r:AssetRevision) WHERE r.ownerIds IS NULL
CALL (r) {
  OPTIONAL MATCH (r)-[:REVISION_OF]->(a:Asset)<-[own:OWNS]-(p:Principal) WHERE own.since <= r.from OR r.revision = a.revision
  WITH r, p, own ORDER BY own.role, p.name
  WITH r, collect(p.id) AS ids, collect(own.role) AS roles, collect(own.since) AS since
  SET r.ownerIds = ids, r.ownerRoles = roles, r.ownerSince = since
} IN TRANSACTIONS OF 10000 ROWS;
// That a run read or made a version gets both clocks: since when it is true, and when it was recorded. Walks look at the
// relationship alone. When a run's end was reported was not kept; for a back-dated run that is at least its own record.
MATCH (r:Run)
CALL (r) {
  MATCH (:Version)-[used:USED_BY]->(r) WHERE used.recordedAt IS NULL
  SET used.since = coalesce(r.startedAt, r.createdAt), used.recordedAt = r.createdAt
} IN TRANSACTIONS OF 10000 ROWS;
MATCH (r:Run)
CALL (r) {
  MATCH (r)-[made:GENERATED]->(v:Version) WHERE made.recordedAt IS NULL
  WITH r, made, v, coalesce(r.endedAt, r.startedAt, r.createdAt) AS ended
  SET made.since = ended,
      made.recordedAt = reduce(last = ended, each IN [r.createdAt, v.createdAt] | CASE WHEN each > last THEN each ELSE last END)
} IN TRANSACTIONS OF 10000 ROWS;
