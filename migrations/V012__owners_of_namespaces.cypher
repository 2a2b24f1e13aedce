// A namespace has owners, who say who may register there (ADR 42). None has any yet, and who may register goes by its
// visibility until somebody says otherwise. What a namespace was is kept, so that it can be read as of a time.
CREATE CONSTRAINT namespace_revision_key IF NOT EXISTS FOR (r:NamespaceRevision) REQUIRE r.key IS UNIQUE;

// Since when a namespace is there: since its first asset. Which moment one was set before it was used is not known any more.
MATCH (n:Namespace) WHERE n.createdAt IS NULL
CALL (n) {
  OPTIONAL MATCH (a:Asset {namespace: n.name})
  WITH n, min(a.createdAt) AS first
  SET n.createdAt = coalesce(first, datetime())
} IN TRANSACTIONS OF 1000 ROWS;
MATCH (n:Namespace) WHERE n.visibility IS NOT NULL AND n.revision IS NULL
CALL (n) {
  SET n.revision = 1
  CREATE (r:NamespaceRevision)-[:REVISION_OF]->(n)
  SET r = properties(n), r.key = n.id + ':1', r.from = n.createdAt
} IN TRANSACTIONS OF 1000 ROWS;

// Who brought an asset into its namespace: who registered it, as far as the log tells. To them alone it does not tell that
// the namespace is there.
MATCH (a:Asset) WHERE a.placedBy IS NULL
CALL (a) {
  MATCH (e:AuditEntry)-[:CONCERNS]->(a)
  WHERE e.action IN ['dataset:register', 'transformation:register', 'model:register', 'deployment:register']
  WITH a, e ORDER BY e.id LIMIT 1
  SET a.placedBy = e.actorId
} IN TRANSACTIONS OF 10000 ROWS;
