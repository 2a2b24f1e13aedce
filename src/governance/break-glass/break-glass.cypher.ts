import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/**
 * What covers an action of somebody on an asset, and what of their own was not reviewed in time. Told to the second person is only who can
 * still read it.
 */
export const COVER = `// breakGlass.cover
OPTIONAL MATCH (b:BreakGlass) WHERE b.assetId = $assetId AND b.activeUntil > $now AND b.openedById = $actorId AND $action IN b.actions
WITH b ORDER BY b.activeUntil DESC, b.id LIMIT 1
RETURN b.id AS id, b.reason AS reason, b.activeUntil AS until,
  EXISTS { MATCH (p:Principal) WHERE p.id >= b.secondPersonId AND p.id <= b.secondPersonId AND p.disabledAt IS NULL } AS isNotified,
  COUNT { MATCH (o:BreakGlass) WHERE o.openedById = $actorId AND o.overdueFrom <= $now } AS overdueReviews`;

/** An active person, with what they are to an asset; no row for a team, a service account, and who was disabled. */
export const PERSON = `// breakGlass.person
MATCH (p:Principal) ${sought('p:Principal', 'id', '$id')} AND p:User AND p.disabledAt IS NULL
MATCH (a:Asset) ${sought('a:Asset', 'id', '$assetId')}
RETURN p.role AS role, EXISTS {
  MATCH (o:Principal)-[:OWNS {role: 'OWNER'}]->(a) WHERE o.disabledAt IS NULL AND (o = p OR EXISTS { (p)-[:MEMBER_OF]->(o) })
} AS isOwner`;

export const CREATE_BREAK_GLASS = `// breakGlass.create
CREATE (b:Node:BreakGlass)
SET b = $breakGlass, b.activeUntil = $activeUntil, b.overdueFrom = $overdueFrom, b.expiresAt = $activeUntil`;

/** The one of somebody that goes on for an asset. */
export const ACTIVE_OF = `// breakGlass.activeOf
MATCH (b:BreakGlass) WHERE b.assetId = $assetId AND b.activeUntil > $now AND b.openedById = $actorId
RETURN properties(b) AS breakGlass`;

/** Which asset it is for; no row when the viewer may not know of that. */
export const BREAK_GLASS_PLACE = `// breakGlass.place
MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', '$id')}
MATCH (a:Asset) ${sought('a:Asset', 'id', 'b.assetId')} AND ${visibleTo('a')}
RETURN a.id AS assetId`;

/** Of two who have a word on it, the second sees what the first said. */
export const LOCK_BREAK_GLASS = `// breakGlass.lock
MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', '$id')}
SET b.lockedAt = $now
REMOVE b.lockedAt
RETURN properties(b) AS breakGlass`;

export const CLOSE_BREAK_GLASS = `// breakGlass.close
MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', '$id')}
SET b.closedAt = $now, b.closedById = $actorId, b.activeUntil = $now, b.overdueFrom = $overdueFrom
REMOVE b.expiresAt`;

export const REVIEW_BREAK_GLASS = `// breakGlass.review
MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', '$id')}
SET b += $review
REMOVE b.overdueFrom`;

/** Those whose time is over and of which that is not yet told. */
export const EXPIRED = `// breakGlass.expired
MATCH (b:BreakGlass) WHERE b.expiresAt <= $now
RETURN b.id AS id ORDER BY b.expiresAt LIMIT $limit`;

/** Told once, by whichever server is first. */
export const TELL_EXPIRY = `// breakGlass.tellExpiry
MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', '$id')}
SET b.lockedAt = $now
REMOVE b.lockedAt
WITH b, properties(b) AS breakGlass WHERE breakGlass.expiresAt <= $now
REMOVE b.expiresAt
RETURN breakGlass`;

/** Seen by whoever sees the asset; of one that is gone, by who sees all. */
const SEEN = `($viewer.seesAll OR EXISTS { MATCH (a:Asset {id: b.assetId}) WHERE ${visibleTo('a')} })`;

export const BREAK_GLASS_SEEN = `MATCH (b:BreakGlass {id: id}) WHERE b.id < $viewer.ceiling AND ${SEEN}`;
export const BREAK_GLASSES_BY_ID = `// breakGlass.byId
UNWIND $ids AS id
${BREAK_GLASS_SEEN}
RETURN properties(b) AS breakGlass`;

/** As `stateOf` says it, to an auditor session as it was then. */
const END_THEN = 'CASE WHEN b.closedAt <= coalesce($viewer.asOf, b.closedAt) THEN b.closedAt ELSE b.endsAt END';
const STATE_THEN = `CASE WHEN coalesce($viewer.asOf, $now) < ${END_THEN} THEN 'ACTIVE'
      WHEN b.reviewedAt <= coalesce($viewer.asOf, b.reviewedAt) THEN 'REVIEWED'
      WHEN coalesce($viewer.asOf, $now) < ${END_THEN} + duration({hours: b.reviewHours}) THEN 'REVIEW_DUE' ELSE 'REVIEW_OVERDUE' END`;
const WANTED = `b.id < $viewer.ceiling AND ($assetId IS NULL OR b.assetId = $assetId) AND ($states IS NULL OR ${STATE_THEN} IN $states)
    AND ($toldTo IS NULL OR b.secondPersonId = $toldTo) AND ${SEEN}`;

export const LIST_BREAK_GLASSES = paged(
  'b',
  'DESC',
  (window, tail) => `// breakGlass.list
MATCH (b:BreakGlass) WHERE ${window} AND ${WANTED}
RETURN properties(b) AS breakGlass
${tail}`,
);

export const COUNT_BREAK_GLASSES = `// breakGlass.count
MATCH (b:BreakGlass) WHERE b.id > '' AND ${WANTED}
RETURN count(b) AS total`;
