import { sought } from '../../neo4j/sought.js';

/**
 * Disables the person and ends their tokens at once. The lock of the installation makes erasures one after the other,
 * so that two administrators cannot erase each other.
 */
export const BEGIN_ERASURE = `// erasure.begin
MATCH (i:Installation {key: 'settings'})
SET i.lockedAt = $now
WITH i
MATCH (u:User&Principal) ${sought('u:Principal', 'id', '$id')}
SET u.disabledAt = coalesce(u.disabledAt, $now)
WITH u
CALL (u) {
  MATCH (t:ApiToken)-[:AUTHENTICATES]->(u)
  SET t.revokedAt = coalesce(t.revokedAt, $now)
}
RETURN u.name AS name, u.handle AS handle,
  COLLECT { MATCH (past:PrincipalPast)-[:PAST_OF]->(u) UNWIND [past.name, past.handle] AS word WITH word WHERE word IS NOT NULL RETURN DISTINCT word } AS pastWords,
  u.email AS email, u.role AS role, EXISTS {
  MATCH (other:User) WHERE other.handle > '' AND other.role = 'ADMIN' AND other.disabledAt IS NULL AND other.id <> $id
} AS otherAdmin`;

/** A stretch of the log, and what in it may be about the person: how it is about them is decided outside. */
export const READ_ABOUT = `// erasure.readAbout
MATCH (e:AuditEntry) WHERE e.id > $after
WITH e ORDER BY e.id LIMIT $limit
WITH collect(e) AS stretch
RETURN stretch[-1].id AS through, [e IN stretch WHERE e.detached <> '{}' AND (
    e.body CONTAINS $id OR any(word IN $words WHERE toLower(e.detached) CONTAINS word)
  ) | {
    id: e.id, body: e.body, mentions: e.body CONTAINS $id, detached: e.detached
  }] AS found`;

export const SET_DETACHED = `// erasure.setDetached
UNWIND $changes AS change
MATCH (e:AuditEntry {id: change.id})
SET e.detached = change.detached`;

/** What identity providers told of them goes too. */
export const FORGET_PERSON = `// erasure.forget
MATCH (u:User&Principal {id: $id})
WITH u, u.nameKey AS keyBefore
SET u.name = $name, u.handle = $handle, u.nameKey = $handle, u.disabledAt = coalesce(u.disabledAt, $now)
REMOVE u.twinOf, u.issuer, u.subject, u.email, u.toldAt, u.toldGroups
WITH u, keyBefore
CALL (keyBefore) {
  MATCH (twin:User&Principal {twinOf: keyBefore})
  WITH twin ORDER BY twin.createdAt, twin.id LIMIT 1
  SET twin.nameKey = keyBefore
  REMOVE twin.twinOf
}
CALL (u) {
  MATCH (past:PrincipalPast)-[:PAST_OF]->(u)
  DETACH DELETE past
}
CALL (u) {
  MATCH (t:ApiToken)-[:AUTHENTICATES]->(u)
  SET t.name = 'erased', t.revokedAt = coalesce(t.revokedAt, $now)
}
RETURN properties(u) AS principal`;

/** Why they declared emergencies, and what they said of those of others. What was decided by it keeps it: it is made again from that. */
export const FORGET_EMERGENCIES = `// erasure.forgetEmergencies
MATCH (b:BreakGlass) WHERE b.id > '' AND (b.openedById = $id OR b.reviewedById = $id)
SET b.reason = CASE b.openedById WHEN $id THEN $erased ELSE b.reason END,
  b.reviewText = CASE b.reviewedById WHEN $id THEN $erased ELSE b.reviewText END`;
