/** Who signs in, and how what their token says differs from what is kept: one look in the common case of no difference. */
export const FIND_EXTERNAL_USER = `// principals.findExternalUser
MATCH (u:User {issuer: $issuer, subject: $subject})
RETURN properties(u) AS principal, 'User' AS kind,
  COLLECT { MATCH (u)-[:MEMBER_OF]->(t:Team) RETURN t.id } AS teamIds,
  COLLECT { MATCH (u)-[:MEMBER_OF {source: 'GROUP'}]->(t:Team) RETURN t.id ORDER BY t.id } AS throughGroups,
  COLLECT {
    UNWIND $groups AS group
    MATCH (t:Team {externalGroup: group})
    WHERE NOT EXISTS { MATCH (u)-[m:MEMBER_OF]->(t) WHERE coalesce(m.source, 'HAND') = 'HAND' }
    RETURN t.id ORDER BY t.id
  } AS meant`;

/** The constraint on issuer and subject decides of two first sign-ins, the one on the handle whether it is free. */
export const CREATE_EXTERNAL_USER = `// principals.createExternalUser
CREATE (u:Node:Principal:User {
  id: $id, issuer: $issuer, subject: $subject, name: $name, handle: $handle, role: $role, createdAt: $now
})
RETURN properties(u) AS principal`;

export const UPDATE_EXTERNAL_USER = `// principals.updateExternalUser
MATCH (u:User {issuer: $issuer, subject: $subject})
SET u.name = $name, u.role = $role
RETURN properties(u) AS principal`;

/** Replaces the memberships that come from groups; those made by hand are not touched. The teams they are then in. */
export const SET_GROUP_TEAMS = `// principals.setGroupTeams
MATCH (u:User {issuer: $issuer, subject: $subject})
SET u.lockedAt = $now
REMOVE u.lockedAt
WITH u
CALL (u) {
  MATCH (u)-[m:MEMBER_OF {source: 'GROUP'}]->(t:Team) WHERE NOT coalesce(t.externalGroup, '') IN $groups
  DELETE m
}
CALL (u) {
  UNWIND $groups AS group
  MATCH (t:Team {externalGroup: group})
  MERGE (u)-[m:MEMBER_OF]->(t) ON CREATE SET m.since = $now, m.role = 'MEMBER', m.source = 'GROUP'
}
RETURN COLLECT { MATCH (u)-[:MEMBER_OF {source: 'GROUP'}]->(t:Team) RETURN t.id ORDER BY t.id } AS throughGroups`;
