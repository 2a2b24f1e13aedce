import { grantsHeldBy } from '../../auth/rights.cypher.js';
import { keepPast } from '../accounts/principal.cypher.js';

/**
 * The groups that count: those of the token that was made last of all that were seen. Of two made in the same second nobody knows
 * which was the last, so what both say counts, whichever comes first. An older token changes nothing and gives nothing more.
 */
const GROUPS_THAT_COUNT = `CASE
  WHEN u.toldAt IS NULL OR $issuedAt > u.toldAt THEN $groups
  WHEN $issuedAt = u.toldAt THEN [told IN u.toldGroups WHERE told IN $groups]
  ELSE u.toldGroups
END`;

/** Who signs in, and how what their token says differs from what is kept: one look in the common case of no difference. */
export const FIND_EXTERNAL_USER = `// principals.findExternalUser
MATCH (u:User {issuer: $issuer, subject: $subject})
WITH u, ${GROUPS_THAT_COUNT} AS groups, COLLECT { MATCH (u)-[:MEMBER_OF]->(t:Team) RETURN t.id } AS teamIds
RETURN groups, teamIds, ${grantsHeldBy('[u.id] + teamIds')} AS grants, u.toldAt AS toldAt, coalesce(u.toldGroups, []) AS toldGroups, properties(u) AS principal, 'User' AS kind,
  COLLECT { MATCH (u)-[:MEMBER_OF {source: 'GROUP'}]->(t:Team) RETURN t.id ORDER BY t.id } AS throughGroups,
  COLLECT {
    UNWIND groups AS group
    MATCH (t:Team {externalGroup: group})
    WHERE NOT EXISTS { MATCH (u)-[m:MEMBER_OF]->(t) WHERE coalesce(m.source, 'HAND') = 'HAND' }
    RETURN t.id ORDER BY t.id
  } AS meant`;

/** The constraint on issuer and subject decides of two first sign-ins, the one on the handle whether it is free. */
export const CREATE_EXTERNAL_USER = `// principals.createExternalUser
CREATE (u:Node:Principal:User {
  id: $id, issuer: $issuer, subject: $subject, name: $name, handle: $handle, nameKey: $nameKey, role: $role, createdAt: $now,
  toldAt: $issuedAt, toldGroups: $groups
})
RETURN properties(u) AS principal`;

/**
 * Takes in what a token says, and gives the groups that count from now on: compared and set in one statement that holds the
 * person for the rest of the transaction, so that of an old and a new token at the same time, here or at another server, the new
 * one says it. `isNewest`: no token was seen that was made later.
 */
export const TAKE_IN_TOKEN = `// principals.takeInToken
MATCH (u:User {issuer: $issuer, subject: $subject})
SET u.lockedAt = $now
REMOVE u.lockedAt
WITH u, ${GROUPS_THAT_COUNT} AS groups, u.toldAt IS NULL OR $issuedAt >= u.toldAt AS isNewest
SET u.toldAt = CASE WHEN isNewest THEN $issuedAt ELSE u.toldAt END, u.toldGroups = groups
RETURN groups, isNewest, properties(u) AS principal,
  COLLECT { MATCH (u)-[:MEMBER_OF {source: 'GROUP'}]->(t:Team) RETURN t.id ORDER BY t.id } AS throughGroups`;

export const UPDATE_EXTERNAL_USER = `// principals.updateExternalUser
MATCH (u:User {issuer: $issuer, subject: $subject})
${keepPast('u')}
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
  CREATE (u)-[:WAS_MEMBER_OF {since: m.since, until: $now}]->(t)
  DELETE m
}
CALL (u) {
  UNWIND $groups AS group
  MATCH (t:Team {externalGroup: group})
  MERGE (u)-[m:MEMBER_OF]->(t) ON CREATE SET m.since = $now, m.role = 'MEMBER', m.source = 'GROUP'
}
RETURN COLLECT { MATCH (u)-[:MEMBER_OF {source: 'GROUP'}]->(t:Team) RETURN t.id ORDER BY t.id } AS throughGroups`;
