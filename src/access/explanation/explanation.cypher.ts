/** The service has decided that the reader may know this: it holds what is between one principal and one asset. */
export const FACTS_BETWEEN = `// access.factsBetween
MATCH (a:Asset {id: $assetId})
RETURN a.urn AS urn, a.visibility AS visibility, a.retiredAt AS retiredAt,
  COLLECT { MATCH (p:Principal)-[own:OWNS]->(a) WHERE p.id IN $ids RETURN {ownerId: p.id, role: own.role} } AS owns,
  COLLECT { MATCH (g:AccessGrant)-[:GRANTED_ON]->(a) WHERE g.granteeId IN $ids RETURN properties(g) ORDER BY g.id DESC } AS grants`;
