import { grantsHeldBy } from '../../auth/rights.cypher.js';
import { sought } from '../../neo4j/sought.js';
import { kindOf } from '../accounts/principal.cypher.js';

/**
 * The token as it counts: with the tokens it was made with, and revoked as soon as one of these is. There are at most 16
 * (made-with.ts), each found by its id, so that revoking writes one node however many tokens fall with it.
 */
const counting = (token: string): string => `${token} {.*, madeWith: coalesce(${token}.madeWith, []),
  reportNamespaces: coalesce(${token}.reportNamespaces, []), reportJobs: coalesce(${token}.reportJobs, []), revokedAt: coalesce(${token}.revokedAt, COLLECT {
  UNWIND coalesce(${token}.madeWith, []) AS makerId
  MATCH (maker:ApiToken {id: makerId}) WHERE maker.revokedAt IS NOT NULL
  RETURN maker.revokedAt ORDER BY maker.revokedAt LIMIT 1
}[0])}`;

export const CREATE_TOKEN = `// principals.createToken
MATCH (p:Principal) ${sought('p:Principal', 'id', '$userId')} AND NOT p:Team AND p.disabledAt IS NULL
CREATE (t:Node:ApiToken {id: $id, name: $name, hash: $hash, scopes: $scopes, createdAt: $now, expiresAt: $expiresAt,
  madeWith: $madeWith, reportNamespaces: $reportNamespaces, reportJobs: $reportJobs})
CREATE (t)-[:AUTHENTICATES]->(p)
RETURN ${counting('t')} AS token, p.name AS holderName, ${kindOf('p')} AS kind`;

export const TOKENS_OF = `// principals.tokensOf
UNWIND $ids AS id
MATCH (t:ApiToken)-[:AUTHENTICATES]->(:Principal {id: id}) WHERE t.id < $viewer.ceiling
WITH id, t ORDER BY t.id
RETURN id, collect(${counting('t')}) AS tokens`;

export const REVOKE_TOKEN = `// principals.revokeToken
MATCH (t:ApiToken)-[:AUTHENTICATES]->(p:Principal) ${sought('t:ApiToken', 'id', '$id')} AND (p.id = $actorId OR $isAdmin)
SET t.revokedAt = coalesce(t.revokedAt, $now)
RETURN ${counting('t')} AS token, p.name AS holderName, ${kindOf('p')} AS kind`;

/**
 * Everything a request needs to know of its caller, in one look. `makersStand`: no token it was made with has been revoked,
 * has ended, or belongs to somebody who is kept out.
 */
export const AUTHENTICATE = `// principals.authenticate
MATCH (t:ApiToken {id: $tokenId})-[:AUTHENTICATES]->(p:Principal|AuditorSession)
WITH t, p, COLLECT { MATCH (p)-[:MEMBER_OF]->(team:Team) RETURN team.id } AS teamIds
RETURN t.hash AS hash, t.scopes AS scopes, t.expiresAt AS expiresAt, t.revokedAt AS revokedAt, t.lastUsedAt AS lastUsedAt,
       coalesce(t.reportNamespaces, []) AS reportNamespaces, coalesce(t.reportJobs, []) AS reportJobs,
       coalesce(t.madeWith, []) AS madeWith, size(coalesce(t.madeWith, [])) = COUNT {
         UNWIND coalesce(t.madeWith, []) AS makerId
         MATCH (maker:ApiToken {id: makerId})-[:AUTHENTICATES]->(by:Principal)
         WHERE maker.revokedAt IS NULL AND maker.expiresAt > $now AND by.disabledAt IS NULL
         RETURN maker
       } AS makersStand,
       properties(p) AS principal, ${kindOf('p')} AS kind, teamIds, ${grantsHeldBy('[p.id] + teamIds')} AS grants`;

export const TOUCH_TOKEN = `// principals.touchToken
MATCH (t:ApiToken {id: $tokenId}) SET t.lastUsedAt = $now`;
