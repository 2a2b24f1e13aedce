// Assets without an owner are found by an index that holds these alone, however many assets there are: by kind, and by namespace and kind,
// in the order of their ids. What an asset keeps for it follows from its owners, so running this again mends it.
MATCH (a:Asset)
CALL (a) {
  WITH a WHERE size(coalesce(a.ownerIds, [])) = 0 AND a.unownedId IS NULL
  SET a.unownedId = a.id, a.unownedSince = a.createdAt
} IN TRANSACTIONS OF 10000 ROWS;
CREATE INDEX asset_unowned_kind IF NOT EXISTS FOR (a:Asset) ON (a.kind, a.unownedId);
CREATE INDEX asset_unowned_namespace IF NOT EXISTS FOR (a:Asset) ON (a.namespace, a.kind, a.unownedId);
