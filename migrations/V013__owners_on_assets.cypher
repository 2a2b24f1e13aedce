// An asset keeps the ids of its owners, so that who may see it is read from the asset alone (ADR 45). What it keeps follows from
// OWNS, so running this again mends it.
MATCH (a:Asset)
CALL (a) {
  WITH a, COLLECT { MATCH (p:Principal)-[:OWNS]->(a) RETURN p.id ORDER BY p.id } AS ids
  WITH a, ids WHERE a.ownerIds IS NULL OR a.ownerIds <> ids
  SET a.ownerIds = ids
} IN TRANSACTIONS OF 10000 ROWS;

// What was granted to somebody is read whenever they sign in: only what has not run out is looked at.
CREATE INDEX access_grant_running IF NOT EXISTS FOR (g:AccessGrant) ON (g.granteeId, g.expiresAt);
