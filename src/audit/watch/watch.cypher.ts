/** The assets that ids or urns of a question lead to: assets themselves, and what versions, runs and the like belong to. */
export const ASSETS_NAMED = `// audit.assetsNamed
UNWIND $refs AS wanted
CALL (wanted) {
  MATCH (:Alias {key: wanted.key})-[:NAMES]->(a:Asset) RETURN a
  UNION
  MATCH (:Node {id: wanted.ref})-[:VERSION_OF|RUN_OF|RELEASE_OF|FIELD_OF|ABOUT|GRANTED_ON]->(a:Asset) RETURN a
  UNION
  MATCH (:Node {id: wanted.ref})-[:EXECUTES]->(:Run)-[:RUN_OF]->(a:Asset) RETURN a
}
RETURN DISTINCT wanted.ref AS ref, a.id AS id, a.urn AS urn`;
