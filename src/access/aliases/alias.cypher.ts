import { calledSo, isOwnedBy, rightsOn, visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/** Two deciders, or an event and a decision, lock in this order: the proposal, then assets by their ids. */
export const LOCK_PROPOSAL = `// access.lockAliasProposal
MATCH (p:AliasProposal) ${sought('p:AliasProposal', 'id', '$id')}
SET p.lockedAt = $now
REMOVE p.lockedAt
RETURN properties(p) AS proposal`;

/** The two assets, in the order of their ids, with what the viewer may do. What is missing or hidden gives no row. */
export const LOCK_PAIR = `// access.lockPair
UNWIND $ids AS id
MATCH (a:Asset) ${sought('a:Asset', 'id', 'id')}
WITH a WHERE ${visibleTo('a')}
SET a.lockedAt = $now
REMOVE a.lockedAt
WITH a WHERE a.id IS NOT NULL
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights, coalesce(a.joins, []) AS joins`;

/** What the viewer may do with an asset that was set aside, by what it was. */
export const RIGHTS_ASIDE = `// access.rightsAside
MATCH (b:JoinedAsset) ${sought('b:JoinedAsset', 'id', '$id')}
RETURN ${rightsOn('b')} AS rights`;

export const CREATE_PROPOSAL = `// access.createAliasProposal
CREATE (p:Node:AliasProposal)
SET p = $proposal`;

/** What became of the proposals of a pair, the newest first. */
export const PROPOSALS_OF_PAIR = `// access.aliasProposalsOfPair
MATCH (p:AliasProposal) WHERE p.pair = $pair
RETURN properties(p) AS proposal ORDER BY p.id DESC LIMIT 1`;

export const CHANGE_PROPOSAL = `// access.changeAliasProposal
MATCH (p:AliasProposal {id: $id})
SET p += $changes
RETURN properties(p) AS proposal`;

/** Whether somebody may still speak for the asset: an enabled OWNER, by themselves or a team, or an ADMIN. */
export const STILL_SPEAKS = `// access.stillSpeaks
MATCH (p:Principal) ${sought('p:Principal', 'id', '$ownerId')} AND p.disabledAt IS NULL
RETURN p.role = 'ADMIN' OR EXISTS { MATCH (p)-[own:OWNS]->(a:Asset) WHERE a.id = $assetId AND own.role = 'OWNER' }
  OR EXISTS { MATCH (p)-[:MEMBER_OF]->(:Team)-[own:OWNS]->(a:Asset) WHERE a.id = $assetId AND own.role = 'OWNER' } AS speaks`;

/** What each of both ids leads to now: one asset for both, once they are joined. Names lead to nothing else, so no label is looked at. */
const LEADS_TO = `MATCH (:Alias {key: 'id:' + p.assetId})-[:NAMES]->(a) WHERE ${visibleTo('a')}
MATCH (:Alias {key: 'id:' + p.sameAsId})-[:NAMES]->(b) WHERE ${visibleTo('b')}`;
const CONCERNS_VIEWER = `($viewer.readsAll OR p.proposerId IN $viewer.ids
  OR ${isOwnedBy('a', '$viewer.ids')} OR ${isOwnedBy('b', '$viewer.ids')})
  AND ($assetId IS NULL OR a.id = $assetId OR b.id = $assetId)`;
/** To an auditor nothing was decided or undone after the time of their session. */
const STATE_THEN = `CASE WHEN p.decidedAt > $viewer.asOf THEN 'PROPOSED' WHEN p.undoneAt > $viewer.asOf THEN 'ACCEPTED' ELSE p.state END`;
const WANTED = `($states IS NULL OR ${STATE_THEN} IN $states)`;
const TOLD = `properties(p) AS proposal, a.id AS assetNow, b.id AS sameAsNow`;

export const LIST_PROPOSALS = paged(
  'p',
  'DESC',
  (window, tail) => `// access.listAliasProposals
MATCH (p:AliasProposal) WHERE ${window} AND ${WANTED}
${LEADS_TO}
WITH p, a, b WHERE ${CONCERNS_VIEWER}
WITH p, a, b ${tail}
RETURN ${TOLD}`,
);

export const COUNT_PROPOSALS = `// access.countAliasProposals
MATCH (p:AliasProposal) WHERE p.id > '' AND p.id < $viewer.ceiling AND ${WANTED}
${LEADS_TO}
WITH p, a, b WHERE ${CONCERNS_VIEWER}
RETURN count(p) AS total`;

export const PROPOSAL_SEEN = `MATCH (p:AliasProposal {id: id}) WHERE p.id < $viewer.ceiling
${LEADS_TO}
WITH p, a, b WHERE ${CONCERNS_VIEWER}`;
export const PROPOSALS_BY_ID = `// access.aliasProposalsById
UNWIND $ids AS id
${PROPOSAL_SEEN}
RETURN ${TOLD}`;

/** By which names assets are known besides their present one, the newest first. */
export const ALIASES_OF = `// access.aliasesOf
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN id, COLLECT {
  MATCH (n:Alias)-[:NAMES]->(a) WHERE n.urn IS NOT NULL AND n.urn <> a.urn AND ${calledSo('n')}
  WITH n ORDER BY n.from DESC, n.urn LIMIT $most
  RETURN {urn: n.urn, since: n.from,
    source: CASE WHEN n.joined IS NOT NULL THEN 'JOINED' WHEN n.symlinkBy IS NOT NULL THEN 'SYMLINK' ELSE 'RENAMED' END}
} AS aliases`;
