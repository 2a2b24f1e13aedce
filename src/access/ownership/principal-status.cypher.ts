export const STANDINGS = `// access.standings
UNWIND $ids AS id
MATCH (p:Principal {id: id})
RETURN p.id AS id, p.name AS name, p.role AS role, p:Team AS isTeam, p.disabledAt AS disabledAt,
       COLLECT { MATCH (p)-[:MEMBER_OF]->(t:Team) RETURN {id: t.id, name: t.name} } AS teams,
       COUNT { MATCH (m:Principal)-[:MEMBER_OF]->(p) WHERE m.disabledAt IS NULL } AS activeMembers`;
