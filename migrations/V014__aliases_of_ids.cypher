// Every asset is found by one lookup, whatever it is named by (ADR 47): beside the aliases of its urns stands one of its id,
// which has no urn.
MATCH (a:Asset)
CALL (a) {
  MERGE (named:Alias {key: 'id:' + a.id})
  MERGE (named)-[:NAMES]->(a)
} IN TRANSACTIONS OF 10000 ROWS;
