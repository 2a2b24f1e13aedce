import { rightsOn, visibleTo } from '../auth/rights.cypher.js';
import { paged } from '../graphql/page.js';

export const OWNERS_OF = `// access.ownersOf
UNWIND $ids AS id
MATCH (p:Principal)-[own:OWNS]->(:Asset {id: id})
WITH id, p, own ORDER BY own.role, p.name
RETURN id, collect({ownerId: p.id, role: own.role, since: own.since}) AS owners`;

export const RIGHTS_OF = `// access.rightsOf
UNWIND $ids AS id
MATCH (a:Asset {id: id})
RETURN id, ${rightsOn('a')} AS rights`;

export const SET_OWNERS = `// access.setOwners
MATCH (a:Asset {id: $id})
CALL (a) {
  MATCH (p:Principal)-[own:OWNS]->(a) WHERE NOT p.id IN [owner IN $owners | owner.id]
  DELETE own
}
CALL (a) {
  UNWIND $owners AS wanted
  MATCH (p:Principal {id: wanted.id}) WHERE p.disabledAt IS NULL OR EXISTS { (p)-[:OWNS]->(a) }
  MERGE (p)-[own:OWNS]->(a) ON CREATE SET own.since = $now
  SET own.role = wanted.role
}
RETURN COUNT { (:Principal)-[:OWNS]->(a) } AS owners`;

export const CREATE_REQUEST = `// access.createRequest
MATCH (a:Asset {id: $request.assetId}), (grantee:Principal {id: $request.granteeId})
CREATE (r:Node:AccessRequest)-[:ABOUT]->(a)
SET r = $request
RETURN properties(r) AS request`;

/** Locks the request first: of two deciders the second finds it decided. */
export const LOCK_REQUEST = `// access.lockRequest
MATCH (r:AccessRequest {id: $id})-[:ABOUT]->(a:Asset)
SET r.lockedAt = $now
REMOVE r.lockedAt
RETURN properties(r) AS request, a.urn AS urn, a.retiredAt AS retiredAt, ${rightsOn('a')} AS rights`;

export const DECIDE_REQUEST = `// access.decideRequest
MATCH (r:AccessRequest {id: $id})
SET r.state = $state, r.decidedAt = $now, r.deciderId = $deciderId, r.reason = $reason
RETURN properties(r) AS request`;

export const CREATE_GRANT = `// access.createGrant
MATCH (r:AccessRequest {id: $requestId})-[:ABOUT]->(a:Asset)
MATCH (grantee:Principal {id: $grant.granteeId}) WHERE grantee.disabledAt IS NULL
CREATE (g:Node:AccessGrant)-[:GRANTED_ON]->(a)
CREATE (r)-[:LED_TO]->(g)
SET g = $grant
RETURN properties(g) AS grant`;

export const LOCK_GRANT = `// access.lockGrant
MATCH (g:AccessGrant {id: $id})-[:GRANTED_ON]->(a:Asset)
SET g.lockedAt = $now
REMOVE g.lockedAt
RETURN properties(g) AS grant, a.urn AS urn, ${rightsOn('a')} AS rights`;

export const REVOKE_GRANT = `// access.revokeGrant
MATCH (g:AccessGrant {id: $id})
SET g.revokedAt = coalesce(g.revokedAt, $now), g.revokedBy = coalesce(g.revokedBy, $actorId)
RETURN properties(g) AS grant`;

/** One sees the requests one made, those for oneself or one's teams, and those about what one owns. */
const CONCERNS_VIEWER = (subject: string, people: string): string => `(
  $viewer.readsAll OR ${people}
  OR EXISTS { MATCH (owner:Principal)-[:OWNS]->(a) WHERE owner.id IN $viewer.ids }
) AND ($assetId IS NULL OR ${subject}.assetId = $assetId)`;

const REQUEST_PEOPLE = 'r.requesterId IN $viewer.ids OR r.granteeId IN $viewer.ids';
const GRANT_PEOPLE = 'g.granteeId IN $viewer.ids';

export const LIST_REQUESTS = paged(
  'r',
  'DESC',
  (window, tail) => `// access.listRequests
MATCH (r:AccessRequest) WHERE ${window} AND ($states IS NULL OR r.state IN $states)
MATCH (r)-[:ABOUT]->(a:Asset) WHERE ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)}
WITH r ${tail}
RETURN properties(r) AS request`,
);

export const COUNT_REQUESTS = `// access.countRequests
MATCH (r:AccessRequest) WHERE r.id > '' AND r.id < $viewer.ceiling AND ($states IS NULL OR r.state IN $states)
MATCH (r)-[:ABOUT]->(a:Asset) WHERE ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)}
RETURN count(r) AS total`;

export const LIST_GRANTS = paged(
  'g',
  'DESC',
  (window, tail) => `// access.listGrants
MATCH (g:AccessGrant) WHERE ${window} AND (NOT $liveOnly OR (g.revokedAt IS NULL AND g.expiresAt > $now))
MATCH (g)-[:GRANTED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER('g', GRANT_PEOPLE)}
WITH g ${tail}
RETURN properties(g) AS grant`,
);

export const COUNT_GRANTS = `// access.countGrants
MATCH (g:AccessGrant) WHERE g.id > '' AND g.id < $viewer.ceiling AND (NOT $liveOnly OR (g.revokedAt IS NULL AND g.expiresAt > $now))
MATCH (g)-[:GRANTED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER('g', GRANT_PEOPLE)}
RETURN count(g) AS total`;

export const REQUESTS_BY_ID = `// access.requestsById
UNWIND $ids AS id
MATCH (r:AccessRequest {id: id})-[:ABOUT]->(a:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('a')} AND ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)}
RETURN properties(r) AS request`;

export const GRANTS_BY_ID = `// access.grantsById
UNWIND $ids AS id
MATCH (g:AccessGrant {id: id})-[:GRANTED_ON]->(a:Asset) WHERE g.id < $viewer.ceiling AND ${visibleTo('a')} AND ${CONCERNS_VIEWER('g', GRANT_PEOPLE)}
RETURN properties(g) AS grant`;
