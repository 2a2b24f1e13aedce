/** The role of who asks, and the teams that they are in. */
export const STANDING_OF = `// governance.standingOf
MATCH (p:Principal {id: $id})
RETURN p.role AS role, COLLECT { MATCH (p)-[:MEMBER_OF]->(t:Team) WHERE t.disabledAt IS NULL RETURN t.id } AS teamIds`;
