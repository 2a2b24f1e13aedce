import { isOwnedBy, rightsOn } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

export const RIGHTS_OF = `// access.rightsOf
UNWIND $ids AS id
MATCH (a:Asset {id: id})
RETURN id, ${rightsOn('a')} AS rights`;

export const CREATE_REQUEST = `// access.createRequest
MATCH (a:Asset {id: $request.assetId})
MATCH (grantee:Principal) ${sought('grantee:Principal', 'id', '$request.granteeId')}
CREATE (r:Node:AccessRequest)-[:ABOUT]->(a)
SET r = $request
RETURN properties(r) AS request`;

/** Locks the request first: of two deciders the second finds it decided. */
export const LOCK_REQUEST = `// access.lockRequest
MATCH (r:AccessRequest)-[:ABOUT]->(a:Asset) ${sought('r:AccessRequest', 'id', '$id')}
SET r.lockedAt = $now
REMOVE r.lockedAt
RETURN properties(r) AS request, a.urn AS urn, a.retiredAt AS retiredAt, ${rightsOn('a')} AS rights`;

export const DECIDE_REQUEST = `// access.decideRequest
MATCH (r:AccessRequest {id: $id})
SET r.state = $state, r.decidedAt = $now, r.deciderId = $deciderId, r.reason = $reason
RETURN properties(r) AS request`;

/** `$requestId` null: it was given without a request. */
export const CREATE_GRANT = `// access.createGrant
MATCH (a:Asset {id: $grant.assetId})
MATCH (grantee:Principal) ${sought('grantee:Principal', 'id', '$grant.granteeId')} AND grantee.disabledAt IS NULL
CREATE (g:Node:AccessGrant)-[:GRANTED_ON]->(a)
SET g = $grant
WITH g
OPTIONAL MATCH (r:AccessRequest) ${sought('r:AccessRequest', 'id', '$requestId')}
FOREACH (_ IN CASE WHEN r IS NULL THEN [] ELSE [1] END | CREATE (r)-[:LED_TO]->(g))
RETURN properties(g) AS grant`;

/** The open request that asks for the very same. */
export const FIND_SAME_REQUEST = `// access.findSameRequest
MATCH (r:AccessRequest)-[:ABOUT]->(:Asset {id: $request.assetId})
WHERE r.state = 'OPEN' AND r.requesterId = $request.requesterId AND r.granteeId = $request.granteeId
  AND r.purpose = $request.purpose AND r.until = $request.until AND size(r.actions) = size($request.actions)
  AND all(action IN $request.actions WHERE action IN r.actions)
RETURN properties(r) AS request ORDER BY r.id LIMIT 1`;

/** What running grants give until then or longer, of the actions. */
export const ACTIONS_GRANTED = `// access.actionsGranted
MATCH (g:AccessGrant)-[:GRANTED_ON]->(:Asset {id: $terms.assetId})
WHERE g.granteeId IN $terms.granteeIds AND g.revokedAt IS NULL AND g.expiresAt > $now AND g.expiresAt >= $terms.until
UNWIND g.actions AS action
WITH action WHERE action IN $terms.actions
RETURN DISTINCT action`;

/** The grant that runs and says the very same. */
export const FIND_SAME_GRANT = `// access.findSameGrant
MATCH (g:AccessGrant)-[:GRANTED_ON]->(:Asset {id: $terms.assetId})
WHERE g.granteeId = $terms.granteeId AND g.revokedAt IS NULL AND g.expiresAt = $terms.until AND g.purpose = $terms.purpose
  AND g.grantedById = $terms.grantedById AND size(g.actions) = size($terms.actions)
  AND all(action IN $terms.actions WHERE action IN g.actions)
RETURN properties(g) AS grant ORDER BY g.id LIMIT 1`;

/** How many grants run for a principal. */
export const COUNT_HELD = `// access.countHeld
MATCH (g:AccessGrant) WHERE g.granteeId = $granteeId AND g.expiresAt > $now AND g.revokedAt IS NULL
RETURN count(g) AS total`;

export const LOCK_GRANT = `// access.lockGrant
MATCH (g:AccessGrant)-[:GRANTED_ON]->(a:Asset) ${sought('g:AccessGrant', 'id', '$id')}
SET g.lockedAt = $now
REMOVE g.lockedAt
RETURN properties(g) AS grant, a.urn AS urn, ${rightsOn('a')} AS rights`;

export const REVOKE_GRANT = `// access.revokeGrant
MATCH (g:AccessGrant {id: $id})
SET g.revokedAt = coalesce(g.revokedAt, $now), g.revokedBy = coalesce(g.revokedBy, $actorId)
RETURN properties(g) AS grant`;

/** What is told of a request or grant names no asset: who asked for something hidden since still sees their own. One sees the requests one made, those for oneself or one's teams, and those about what one owns. */
const CONCERNS_VIEWER = (subject: string, people: string): string => `(
  $viewer.readsAll OR ${people}
  OR ${isOwnedBy('a', '$viewer.ids')}
) AND ($assetId IS NULL OR ${subject}.assetId = $assetId)`;

/**
 * TO_DECIDE is what decideAccess lets the viewer decide: an OWNER everything, a STEWARD what lies within their own rights,
 * nobody what they asked for themselves.
 */
const REQUEST_SIDE = `($side IS NULL
  OR ($side = 'ASKED' AND (r.requesterId IN $viewer.ids OR r.granteeId IN $viewer.ids))
  OR ($side = 'TO_DECIDE' AND r.state = 'OPEN' AND r.requesterId <> $me AND EXISTS {
    MATCH (decider:Principal)-[deciding:OWNS]->(a) WHERE decider.id IN $viewer.ids
      AND (deciding.role = 'OWNER' OR (deciding.role = 'STEWARD' AND all(action IN r.actions WHERE action IN ['VIEW', 'EDIT'])))
  }))`;
const GRANT_SIDE = `($side IS NULL
  OR ($side = 'HELD' AND g.granteeId IN $viewer.ids)
  OR ($side = 'ON_OWNED' AND ${isOwnedBy('a', '$viewer.ids')}))`;

const REQUEST_PEOPLE = 'r.requesterId IN $viewer.ids OR r.granteeId IN $viewer.ids';
const GRANT_PEOPLE = 'g.granteeId IN $viewer.ids';

/** A decision that came after the time of an auditor session is not there. */
const STATE_THEN = `CASE WHEN r.decidedAt > $viewer.asOf THEN 'OPEN' ELSE r.state END`;

export const LIST_REQUESTS = paged(
  'r',
  'DESC',
  (window, tail) => `// access.listRequests
MATCH (r:AccessRequest) WHERE ${window} AND ($states IS NULL OR ${STATE_THEN} IN $states)
MATCH (r)-[:ABOUT]->(a:Asset) WHERE ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)} AND ${REQUEST_SIDE}
WITH r ${tail}
RETURN properties(r) AS request`,
);

export const COUNT_REQUESTS = `// access.countRequests
MATCH (r:AccessRequest) WHERE r.id > '' AND r.id < $viewer.ceiling AND ($states IS NULL OR ${STATE_THEN} IN $states)
MATCH (r)-[:ABOUT]->(a:Asset) WHERE ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)} AND ${REQUEST_SIDE}
RETURN count(r) AS total`;

export const LIST_GRANTS = paged(
  'g',
  'DESC',
  (window, tail) => `// access.listGrants
MATCH (g:AccessGrant) WHERE ${window} AND (NOT $liveOnly OR ((g.revokedAt IS NULL OR g.revokedAt > $now) AND g.expiresAt > $now))
MATCH (g)-[:GRANTED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER('g', GRANT_PEOPLE)} AND ${GRANT_SIDE}
WITH g ${tail}
RETURN properties(g) AS grant`,
);

export const COUNT_GRANTS = `// access.countGrants
MATCH (g:AccessGrant) WHERE g.id > '' AND g.id < $viewer.ceiling AND (NOT $liveOnly OR ((g.revokedAt IS NULL OR g.revokedAt > $now) AND g.expiresAt > $now))
MATCH (g)-[:GRANTED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER('g', GRANT_PEOPLE)} AND ${GRANT_SIDE}
RETURN count(g) AS total`;

export const REQUEST_SEEN = `MATCH (r:AccessRequest {id: id})-[:ABOUT]->(a:Asset) WHERE r.id < $viewer.ceiling AND ${CONCERNS_VIEWER('r', REQUEST_PEOPLE)}`;
export const REQUESTS_BY_ID = `// access.requestsById
UNWIND $ids AS id
${REQUEST_SEEN}
RETURN properties(r) AS request`;

export const GRANT_SEEN = `MATCH (g:AccessGrant {id: id})-[:GRANTED_ON]->(a:Asset) WHERE g.id < $viewer.ceiling AND ${CONCERNS_VIEWER('g', GRANT_PEOPLE)}`;
export const GRANTS_BY_ID = `// access.grantsById
UNWIND $ids AS id
${GRANT_SEEN}
RETURN properties(g) AS grant`;
