import { isOwnedBy, rightsOn, visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

export const OWNERS_OF = `// access.ownersOf
UNWIND $ids AS id
MATCH (p:Principal)-[own:OWNS]->(:Asset {id: id})
WITH id, p, own ORDER BY own.role, p.name
RETURN id, collect({ownerId: p.id, role: own.role, since: own.since}) AS owners`;

/** An OWNER for whom somebody can act: access/ownership/principal-status.ts, isInactive, says the same of one principal. */
const LIVING_OWNER = `EXISTS {
  MATCH (liveOwner:Principal)-[liveOwn:OWNS]->(a) WHERE liveOwn.role = 'OWNER' AND liveOwner.disabledAt IS NULL
    AND (NOT liveOwner:Team OR EXISTS { MATCH (m:Principal)-[:MEMBER_OF]->(liveOwner) WHERE m.disabledAt IS NULL })
}`;

/** Replaces the owners, and what the asset keeps of them; false when nobody could act for the asset then. */
export const SET_OWNERS = `// access.setOwners
MATCH (a:Asset {id: $id})
CALL (a) {
  MATCH (p:Principal)-[own:OWNS]->(a) WHERE NOT p.id IN [owner IN $owners | owner.id]
  DELETE own
}
CALL (a) {
  UNWIND $owners AS wanted
  MATCH (p:Principal) ${sought('p:Principal', 'id', 'wanted.id')}
  MERGE (p)-[own:OWNS]->(a) ON CREATE SET own.since = $now
  SET own.role = wanted.role
}
SET a.ownerIds = COLLECT { MATCH (p:Principal)-[:OWNS]->(a) RETURN p.id ORDER BY p.id }
SET a.unownedId = CASE WHEN size(a.ownerIds) = 0 THEN a.id END,
    a.unownedSince = CASE WHEN size(a.ownerIds) = 0 THEN coalesce(a.unownedSince, $now) END
RETURN ${LIVING_OWNER} AS living`;

/**
 * Found from what makes an orphan, by index, and not from all assets: teams without a living member, and disabled
 * principals; then those of their assets that nobody else answers for.
 */
const ORPHANS = (window: string): string => `CALL () {
  MATCH (t:Team) WHERE t.name > '' AND NOT EXISTS { MATCH (m:Principal)-[:MEMBER_OF]->(t) WHERE m.disabledAt IS NULL }
  MATCH (t)-[own:OWNS]->(a:Asset) WHERE own.role = 'OWNER' AND ${window}
  RETURN a
  UNION
  MATCH (p:Principal) WHERE p.disabledAt IS NOT NULL
  MATCH (p)-[own:OWNS]->(a:Asset) WHERE own.role = 'OWNER' AND ${window}
  RETURN a
}
WITH a WHERE NOT ${LIVING_OWNER} AND ${visibleTo('a')}`;

export const LIST_ORPHANS = paged(
  'a',
  'ASC',
  (window, tail) => `// access.listOrphans
${ORPHANS(window)}
WITH a ${tail}
RETURN properties(a) AS asset`,
);

export const COUNT_ORPHANS = `// access.countOrphans
${ORPHANS("a.id > ''")}
RETURN count(a) AS total`;

export const CREATE_OFFER = `// access.createOffer
MATCH (a:Asset {id: $offer.assetId})
CREATE (o:Node:OwnershipOffer)-[:OFFERED_ON]->(a)
SET o = $offer
RETURN properties(o) AS offer`;

export const OPEN_OFFER_TO = `// access.openOfferTo
MATCH (o:OwnershipOffer)-[:OFFERED_ON]->(:Asset {id: $assetId})
WHERE o.toId = $toId AND o.state = 'OPEN' AND o.until > $now
RETURN o.id AS id LIMIT 1`;

/** Locks the offer first: of two who decide at the same time the second finds it decided. */
export const LOCK_OFFER = `// access.lockOffer
MATCH (o:OwnershipOffer)-[:OFFERED_ON]->(a:Asset) ${sought('o:OwnershipOffer', 'id', '$id')}
SET o.lockedAt = $now
REMOVE o.lockedAt
RETURN properties(o) AS offer, ${rightsOn('a')} AS rights`;

/** Locks the asset for whoever decides an offer, who may not see it yet; the rights are those of the viewer given. */
export const LOCK_OFFERED = `// access.lockOffered
MATCH (a:Asset {id: $assetId})
SET a.lockedAt = $now
REMOVE a.lockedAt
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights`;

export const CLOSE_OFFER = `// access.closeOffer
MATCH (o:OwnershipOffer {id: $id})
SET o.state = $state, o.decidedAt = $now, o.deciderId = $deciderId, o.decision = $decision
RETURN properties(o) AS offer`;

/** One sees the offers one made, those made to oneself or one's teams, and those about what one owns. */
const CONCERNS_VIEWER = `($viewer.readsAll OR o.offererId IN $viewer.ids OR o.toId IN $viewer.ids
  OR ${isOwnedBy('a', '$viewer.ids')})`;
/** $now: of an auditor session its time, after which nothing was decided. */
const STATE = `CASE WHEN o.decidedAt > $viewer.asOf OR o.state = 'OPEN' THEN CASE WHEN o.until <= $now THEN 'EXPIRED' ELSE 'OPEN' END
  ELSE o.state END`;
const WANTED = `($assetId IS NULL OR o.assetId = $assetId) AND ($states IS NULL OR ${STATE} IN $states)
  AND ($side IS NULL OR ($side = 'MADE' AND o.offererId IN $viewer.ids) OR ($side = 'RECEIVED' AND o.toId IN $viewer.ids))`;
/** Told with its urn while it is open, or as long as the asset may be seen. */
const TOLD = `properties(o) AS offer, ${visibleTo('a')} AS visible`;

export const LIST_OFFERS = paged(
  'o',
  'DESC',
  (window, tail) => `// access.listOffers
MATCH (o:OwnershipOffer) WHERE ${window} AND ${WANTED}
MATCH (o)-[:OFFERED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER}
WITH o, a ${tail}
RETURN ${TOLD}`,
);

export const COUNT_OFFERS = `// access.countOffers
MATCH (o:OwnershipOffer) WHERE o.id > '' AND o.id < $viewer.ceiling AND ${WANTED}
MATCH (o)-[:OFFERED_ON]->(a:Asset) WHERE ${CONCERNS_VIEWER}
RETURN count(o) AS total`;

export const OFFER_SEEN = `MATCH (o:OwnershipOffer {id: id})-[:OFFERED_ON]->(a:Asset) WHERE o.id < $viewer.ceiling AND ${CONCERNS_VIEWER}`;
export const OFFERS_BY_ID = `// access.offersById
UNWIND $ids AS id
${OFFER_SEEN}
RETURN ${TOLD}`;
