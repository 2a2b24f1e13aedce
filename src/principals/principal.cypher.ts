export const PRINCIPALS_BY_ID = `// principals.byId
UNWIND $ids AS id
MATCH (p:Principal {id: id})
RETURN properties(p) AS principal, p:Team AS isTeam`;

export const LIST_PRINCIPALS = `// principals.list
MATCH (p:Principal) WHERE p.id > '' AND ($nameContains IS NULL OR toLower(p.name) CONTAINS $nameContains OR p.handle = $nameContains)
RETURN properties(p) AS principal, p:Team AS isTeam ORDER BY p.name, p.id LIMIT 200`;

export const MEMBERS_OF = `// principals.membersOf
UNWIND $ids AS id
MATCH (u:User)-[:MEMBER_OF]->(:Team&Principal {id: id})
WITH id, u ORDER BY u.name, u.id
RETURN id, collect(properties(u)) AS users`;

export const TEAMS_OF = `// principals.teamsOf
UNWIND $ids AS id
MATCH (:User&Principal {id: id})-[:MEMBER_OF]->(t:Team)
WITH id, t ORDER BY t.name, t.id
RETURN id, collect(properties(t)) AS teams`;

export const CREATE_USER = `// principals.createUser
CREATE (u:Node:Principal:User {id: $id, name: $name, handle: $handle, role: $role, createdAt: $now})
RETURN properties(u) AS principal`;

export const CREATE_TEAM = `// principals.createTeam
CREATE (t:Node:Principal:Team {id: $id, name: $name, createdAt: $now})
RETURN properties(t) AS principal`;

export const SET_MEMBERS = `// principals.setMembers
MATCH (t:Team&Principal {id: $teamId})
SET t.lockedAt = $now
REMOVE t.lockedAt
WITH t, COLLECT { MATCH (u:User)-[:MEMBER_OF]->(t) RETURN u.id } AS before
CALL (t) {
  MATCH (u:User)-[m:MEMBER_OF]->(t) WHERE NOT u.id IN $members
  DELETE m
}
CALL (t) {
  UNWIND $members AS member
  MATCH (u:User&Principal {id: member})
  MERGE (u)-[m:MEMBER_OF]->(t) ON CREATE SET m.since = $now, m.role = 'MEMBER'
}
RETURN properties(t) AS principal, before, COUNT { (:User)-[:MEMBER_OF]->(t) } AS members`;

export const CREATE_TOKEN = `// principals.createToken
MATCH (p:User&Principal {id: $userId})
CREATE (t:Node:ApiToken {id: $id, name: $name, hash: $hash, scopes: $scopes, createdAt: $now, expiresAt: $expiresAt})
CREATE (t)-[:AUTHENTICATES]->(p)
RETURN properties(t) AS token, p.name AS userName`;

export const TOKENS_OF = `// principals.tokensOf
UNWIND $ids AS id
MATCH (t:ApiToken)-[:AUTHENTICATES]->(:User&Principal {id: id})
WITH id, t ORDER BY t.id
RETURN id, collect(properties(t)) AS tokens`;

export const REVOKE_TOKEN = `// principals.revokeToken
MATCH (t:ApiToken {id: $id})-[:AUTHENTICATES]->(u:User)
WHERE u.id = $actorId OR $isAdmin
WITH t, u, t.revokedAt AS before
SET t.revokedAt = coalesce(t.revokedAt, $now)
RETURN properties(t) AS token, u.id AS userId, u.name AS userName, before`;

/** Everything a request needs to know of its caller, in one look. */
export const AUTHENTICATE = `// principals.authenticate
MATCH (t:ApiToken {id: $tokenId})-[:AUTHENTICATES]->(u:User)
RETURN t.hash AS hash, t.scopes AS scopes, t.expiresAt AS expiresAt, t.revokedAt AS revokedAt, t.lastUsedAt AS lastUsedAt,
       u.id AS id, u.name AS name, u.role AS role,
       COLLECT { MATCH (u)-[:MEMBER_OF]->(team:Team) RETURN team.id } AS teamIds`;

export const TOUCH_TOKEN = `// principals.touchToken
MATCH (t:ApiToken {id: $tokenId}) SET t.lastUsedAt = $now`;

export const FIND_USER_BY_HANDLE = `// principals.findUserByHandle
MATCH (u:User {handle: $handle})
RETURN properties(u) AS principal, false AS isTeam`;
