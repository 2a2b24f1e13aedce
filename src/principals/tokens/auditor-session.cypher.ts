import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

export const OPEN_SESSION = `// principals.openSession
CREATE (s:Node:AuditorSession) SET s = $session
CREATE (t:Node:ApiToken {id: $tokenId, name: 'auditor session', hash: $hash, scopes: ['READ'], createdAt: $session.createdAt,
                         expiresAt: $session.expiresAt, madeWith: $madeWith})
CREATE (t)-[:AUTHENTICATES]->(s)
RETURN s.id AS id`;

export const END_SESSION = `// principals.endSession
MATCH (t:ApiToken)-[:AUTHENTICATES]->(s:AuditorSession) ${sought('s:AuditorSession', 'id', '$id')}
WITH s, t, s.endedAt AS before
SET s.endedAt = coalesce(s.endedAt, $now), t.revokedAt = coalesce(t.revokedAt, $now)
RETURN properties(s) AS session, before`;

export const SESSION_SEEN = `MATCH (s:AuditorSession {id: id}) WHERE s.id < $viewer.ceiling OR s.id IN $viewer.ids`;
export const SESSIONS_BY_ID = `// principals.sessionsById
UNWIND $ids AS id
${SESSION_SEEN}
RETURN properties(s) AS session`;

/** No token that the session was opened with has been revoked. */
const STANDS = `NOT EXISTS {
  MATCH (own:ApiToken)-[:AUTHENTICATES]->(s)
  UNWIND coalesce(own.madeWith, []) AS makerId
  MATCH (maker:ApiToken {id: makerId}) WHERE maker.revokedAt <= $now
  RETURN maker
}`;

export const LIST_SESSIONS = paged(
  's',
  'DESC',
  (window, tail) => `// principals.listSessions
MATCH (s:AuditorSession) WHERE ${window} AND (NOT $liveOnly OR ((s.endedAt IS NULL OR s.endedAt > $now) AND s.expiresAt > $now AND ${STANDS}))
WITH s ${tail}
RETURN properties(s) AS session`,
);

export const COUNT_SESSIONS = `// principals.countSessions
MATCH (s:AuditorSession) WHERE s.id > '' AND s.id < $viewer.ceiling
  AND (NOT $liveOnly OR ((s.endedAt IS NULL OR s.endedAt > $now) AND s.expiresAt > $now AND ${STANDS}))
RETURN count(s) AS total`;
