import { sought } from '../../neo4j/sought.js';
import { foldedInCypher } from './fold-case.js';

/** Which kind of principal the variable is, for `decodePrincipal`. */
export const kindOf = (principal: string): string =>
  `CASE WHEN ${principal}:Team THEN 'Team' WHEN ${principal}:ServiceAccount THEN 'ServiceAccount'
   WHEN ${principal}:AuditorSession THEN 'AuditorSession' ELSE 'User' END`;

/**
 * A principal as it was at the time of an auditor session, as it is for everyone else. Each change of what is shown leaves what was
 * before it in a PrincipalPast (KEEP_PAST), so the first that ends after the time is how it was then.
 */
export const asThen = (p: string): string => `coalesce(COLLECT {
  MATCH (past:PrincipalPast)-[:PAST_OF]->(${p}) WHERE past.until > $viewer.asOf
  RETURN ${p} {.*, name: past.name, handle: past.handle, role: past.role, disabledAt: past.disabledAt, externalGroup: past.externalGroup} AS was
  ORDER BY past.until LIMIT 1
}[0], ${p} {.*, disabledAt: CASE WHEN $viewer.asOf IS NULL OR ${p}.disabledAt <= $viewer.asOf THEN ${p}.disabledAt END})`;

/** Keeps how a principal is, before a statement changes it. */
export const keepPast = (p: string, now = '$now'): string => `CREATE (:PrincipalPast {
  until: ${now}, name: ${p}.name, handle: ${p}.handle, role: ${p}.role, disabledAt: ${p}.disabledAt, externalGroup: ${p}.externalGroup
})-[:PAST_OF]->(${p})`;

/** Whether a membership, present or past, held at the time of an auditor session; holds, for everyone else. */
const heldThen = (m: string): string => `CASE WHEN $viewer.asOf IS NULL THEN ${m}.until IS NULL
  ELSE coalesce(${m}.since <= $viewer.asOf, true) AND coalesce(${m}.until > $viewer.asOf, true) END`;

/** Of what is referred to, which was there before; with `$listed`, only what was there at the time of an auditor session. */
export const PRINCIPAL_SEEN = `MATCH (p:Principal {id: id}) WHERE NOT $listed OR p.id < $viewer.ceiling`;
export const PRINCIPALS_BY_ID = `// principals.byId
UNWIND $ids AS id
${PRINCIPAL_SEEN}
RETURN ${asThen('p')} AS principal, ${kindOf('p')} AS kind`;

/** Those that are listed, as they are called; a team that is retired only where it is asked for. */
const LISTED = `MATCH (p:Principal) WHERE p.id > '' AND p.id < $viewer.ceiling
WITH p, ${asThen('p')} AS principal
WHERE (NOT p:Team OR $retired OR principal.disabledAt IS NULL) AND ($nameContains IS NULL
  OR ${foldedInCypher('principal.name')} CONTAINS $nameContains OR ${foldedInCypher('principal.handle')} CONTAINS $nameContains)`;

/** In the order of names, and of ids where names are the same; `place` is both. */
const list = (direction: 'ASC' | 'DESC'): string => `// principals.list
${LISTED}
WITH p, principal, toLower(principal.name) + '\u0001' + principal.id AS place
WHERE place > $low AND ($high IS NULL OR place < $high)
WITH p, principal, place ORDER BY place ${direction} LIMIT $limit
RETURN principal, ${kindOf('p')} AS kind, place`;

export const LIST_PRINCIPALS = { forward: list('ASC'), backward: list('DESC') };

export const COUNT_PRINCIPALS = `// principals.count
${LISTED}
RETURN count(p) AS total`;

export const MEMBERS_OF = `// principals.membersOf
UNWIND $ids AS id
MATCH (u:User)-[m:MEMBER_OF|WAS_MEMBER_OF]->(:Team&Principal {id: id}) WHERE ${heldThen('m')}
WITH DISTINCT id, u
WITH id, ${asThen('u')} AS shown
WITH id, shown ORDER BY shown.name, shown.id
RETURN id, collect(shown) AS users`;

export const SERVICE_ACCOUNTS_OF = `// principals.serviceAccountsOf
UNWIND $ids AS id
MATCH (s:ServiceAccount)-[m:MEMBER_OF|WAS_MEMBER_OF]->(:Team&Principal {id: id}) WHERE ${heldThen('m')}
WITH DISTINCT id, s
WITH id, ${asThen('s')} AS shown
WITH id, shown ORDER BY shown.name, shown.id
RETURN id, collect(shown) AS accounts`;

export const TEAMS_OF = `// principals.teamsOf
UNWIND $ids AS id
MATCH (:Principal {id: id})-[m:MEMBER_OF|WAS_MEMBER_OF]->(t:Team) WHERE ${heldThen('m')}
WITH DISTINCT id, t
WITH id, ${asThen('t')} AS shown
WITH id, shown ORDER BY shown.name, shown.id
RETURN id, collect(shown) AS teams`;

export const CREATE_USER = `// principals.createUser
CREATE (u:Node:Principal:User {id: $id, name: $name, handle: $handle, nameKey: $nameKey, role: $role, createdAt: $now})
RETURN properties(u) AS principal`;

export const CREATE_TEAM = `// principals.createTeam
CREATE (t:Node:Principal:Team {id: $id, name: $name, nameKey: $nameKey, externalGroup: $externalGroup, createdAt: $now})
RETURN properties(t) AS principal`;

/** How many of the teams there are: the account is put into each. */
export const CREATE_SERVICE_ACCOUNT = `// principals.createServiceAccount
CREATE (s:Node:Principal:ServiceAccount {id: $id, name: $name, nameKey: $nameKey, description: $description, role: $role, createdAt: $now})
WITH s
CALL (s) {
  UNWIND $teams AS team
  MATCH (t:Team&Principal) ${sought('t:Principal', 'id', 'team')} AND t.disabledAt IS NULL
  CREATE (s)-[:MEMBER_OF {since: $now, role: 'MEMBER', source: 'HAND'}]->(t)
  RETURN count(t) AS teams
}
RETURN properties(s) AS principal, teams`;

/**
 * Replaces the members put there by hand. Who is there through a group of the identity provider stays, and stays so:
 * naming them does not make them a member by hand, or they would outlive their group. A relationship from before groups
 * has no source and was made by hand.
 */
export const SET_MEMBERS = `// principals.setMembers
MATCH (t:Team&Principal) ${sought('t:Principal', 'id', '$teamId')}
SET t.lockedAt = $now
REMOVE t.lockedAt
WITH t, COLLECT { MATCH (p:Principal)-[:MEMBER_OF]->(t) RETURN p.id } AS before
CALL (t) {
  MATCH (p:Principal)-[m:MEMBER_OF]->(t) WHERE NOT p.id IN $members AND coalesce(m.source, 'HAND') = 'HAND'
  CREATE (p)-[:WAS_MEMBER_OF {since: m.since, until: $now}]->(t)
  DELETE m
}
CALL (t) {
  UNWIND $members AS member
  MATCH (p:Principal) ${sought('p:Principal', 'id', 'member')} AND NOT p:Team AND (p.disabledAt IS NULL OR EXISTS { (p)-[:MEMBER_OF]->(t) })
  MERGE (p)-[m:MEMBER_OF]->(t) ON CREATE SET m.since = $now, m.role = 'MEMBER', m.source = 'HAND'
}
WITH t, before, COLLECT { MATCH (p:Principal)-[:MEMBER_OF]->(t) RETURN p.id } AS after
RETURN properties(t) AS principal, before, after, size([id IN after WHERE id IN $members]) AS members`;

/** Another group means other members: those the former one brought go now, those of the new one come as they sign in. */
export const SET_TEAM_GROUP = `// principals.setTeamGroup
MATCH (t:Team&Principal) ${sought('t:Principal', 'id', '$teamId')}
SET t.lockedAt = $now
REMOVE t.lockedAt
WITH t, t.externalGroup AS before
FOREACH (_ IN CASE WHEN coalesce(before, '') = coalesce($group, '') THEN [] ELSE [1] END | ${keepPast('t')})
SET t.externalGroup = $group
WITH t, before
CALL (t, before) {
  MATCH (p:Principal)-[m:MEMBER_OF {source: 'GROUP'}]->(t) WHERE before <> coalesce($group, '')
  CREATE (p)-[:WAS_MEMBER_OF {since: m.since, until: $now}]->(t)
  DELETE m
}
RETURN properties(t) AS principal, before`;

export const FIND_USER_BY_HANDLE = `// principals.findUserByHandle
MATCH (u:User {nameKey: $nameKey})
RETURN properties(u) AS principal, 'User' AS kind`;
