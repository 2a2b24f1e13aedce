import { keepPast, kindOf } from '../accounts/principal.cypher.js';

/**
 * Renames, and gives the key that is free now to the oldest of those that have been its twins since names are told apart without
 * case. The constraint on the key decides whether the new one is free, also of two servers at once.
 */
export const RENAME = `// principals.rename
MATCH (p:Principal {id: $id})
${keepPast('p')}
WITH p, p.nameKey AS keyBefore
SET p += $changes, p.twinOf = CASE WHEN $changes.nameKey IS NULL THEN p.twinOf END
WITH p, keyBefore
CALL (p, keyBefore) {
  MATCH (twin:Principal {twinOf: keyBefore}) WHERE p.nameKey <> keyBefore AND ${kindOf('twin')} = ${kindOf('p')}
  WITH twin ORDER BY twin.createdAt, twin.id LIMIT 1
  SET twin.nameKey = keyBefore
  REMOVE twin.twinOf
}
RETURN properties(p) AS principal, ${kindOf('p')} AS kind`;

/** What a team has that somebody must answer for, with the first few names of each. */
export const HOLDINGS = `// principals.holdings
MATCH (t:Team&Principal {id: $id})
RETURN COUNT { MATCH (t)-[:OWNS]->(:Asset) } AS assets,
  COLLECT { MATCH (t)-[:OWNS]->(a:Asset) RETURN a.urn ORDER BY a.urn LIMIT 3 } AS urns,
  COLLECT { MATCH (n:Namespace) WHERE n.id > '' AND $id IN n.ownerIds RETURN n.name ORDER BY n.name } AS namespaces`;

/** Ends all that being in the team gave: who is in it leaves, and what was granted to it is revoked. */
export const RETIRE_TEAM = `// principals.retireTeam
MATCH (t:Team&Principal {id: $id})
WITH t, t.externalGroup AS groupBefore
${keepPast('t')}
SET t.disabledAt = $now
REMOVE t.externalGroup
WITH t, groupBefore, COLLECT { MATCH (m:Principal)-[:MEMBER_OF]->(t) RETURN m.id ORDER BY m.id } AS members
CALL (t) {
  MATCH (m:Principal)-[member:MEMBER_OF]->(t)
  CREATE (m)-[:WAS_MEMBER_OF {since: member.since, until: $now}]->(t)
  DELETE member
}
CALL (t) {
  MATCH (g:AccessGrant) WHERE g.granteeId = t.id AND g.expiresAt > $now AND g.revokedAt IS NULL
  SET g.revokedAt = $now, g.revokedBy = $actorId
  RETURN collect(g.id) AS grants, collect(DISTINCT g.assetId) AS assets
}
RETURN properties(t) AS principal, groupBefore, members, grants, assets`;

/** Without members: who was in it before may have left since, and whose sign-in came between reading and retiring it leaves now. */
export const RESTORE_TEAM = `// principals.restoreTeam
MATCH (t:Team&Principal {id: $id})
${keepPast('t')}
SET t += $changes
REMOVE t.disabledAt
WITH t
CALL (t) {
  MATCH (m:Principal)-[member:MEMBER_OF]->(t)
  CREATE (m)-[:WAS_MEMBER_OF {since: member.since, until: $now}]->(t)
  DELETE member
}
RETURN properties(t) AS principal`;

/** The team is still called so; another may be, too. The oldest twin has the key first. */
export const RELEASE_NAME = `// principals.releaseName
MATCH (t:Team&Principal {id: $id})
WITH t, t.nameKey AS keyBefore
REMOVE t.nameKey, t.twinOf
WITH t, keyBefore
CALL (keyBefore) {
  MATCH (twin:Team&Principal {twinOf: keyBefore})
  WITH twin ORDER BY twin.createdAt, twin.id LIMIT 1
  SET twin.nameKey = keyBefore
  REMOVE twin.twinOf
}
RETURN properties(t) AS principal`;
