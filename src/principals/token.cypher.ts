import { kindOf } from './principal.cypher.js';

export const CREATE_TOKEN = `// principals.createToken
MATCH (p:Principal {id: $userId}) WHERE NOT p:Team AND p.disabledAt IS NULL
CREATE (t:Node:ApiToken {id: $id, name: $name, hash: $hash, scopes: $scopes, createdAt: $now, expiresAt: $expiresAt})
CREATE (t)-[:AUTHENTICATES]->(p)
RETURN properties(t) AS token, p.name AS holderName, ${kindOf('p')} AS kind`;

export const TOKENS_OF = `// principals.tokensOf
UNWIND $ids AS id
MATCH (t:ApiToken)-[:AUTHENTICATES]->(:Principal {id: id})
WITH id, t ORDER BY t.id
RETURN id, collect(properties(t)) AS tokens`;

export const REVOKE_TOKEN = `// principals.revokeToken
MATCH (t:ApiToken {id: $id})-[:AUTHENTICATES]->(p:Principal)
WHERE p.id = $actorId OR $isAdmin
SET t.revokedAt = coalesce(t.revokedAt, $now)
RETURN properties(t) AS token, p.name AS holderName, ${kindOf('p')} AS kind`;

/** Everything a request needs to know of its caller, in one look. */
export const AUTHENTICATE = `// principals.authenticate
MATCH (t:ApiToken {id: $tokenId})-[:AUTHENTICATES]->(p:Principal|AuditorSession)
RETURN t.hash AS hash, t.scopes AS scopes, t.expiresAt AS expiresAt, t.revokedAt AS revokedAt, t.lastUsedAt AS lastUsedAt,
       properties(p) AS principal, ${kindOf('p')} AS kind,
       COLLECT { MATCH (p)-[:MEMBER_OF]->(team:Team) RETURN team.id } AS teamIds`;

export const TOUCH_TOKEN = `// principals.touchToken
MATCH (t:ApiToken {id: $tokenId}) SET t.lastUsedAt = $now`;
