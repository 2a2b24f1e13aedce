import type { PagedStatement } from '../../graphql/page.js';
import { KEEP_OWNERS } from '../assets/asset-change.cypher.js';
import { FOLLOW, REVISION_BEFORE } from '../model/revision.cypher.js';
import { isAmong, termsOf } from '../model/terms.cypher.js';

const BY_OTHERS = `NOT coalesce(a.placedBy, '') IN $viewer.ids`;

/** The name is held against what was read already: else the planner begins with all assets of that namespace. */
const within = (name: string | null): string => `WITH a.namespace AS within, ${BY_OTHERS} AS byOthers
    WHERE byOthers${name === null ? '' : ` AND within = ${name}`}
    RETURN within`;

/**
 * `mine`: the namespaces, or of them the one called `$name`, in which the viewer owns something or was granted something that
 * somebody else brought there. Looked for from the viewer's side: what it costs depends on what is theirs, and on nothing
 * that is hidden from them. Who reads everything needs none of it.
 */
const mine = (name: string | null, scope = ''): string => `CALL (${scope}) {
  CALL (${scope}) {
    UNWIND CASE WHEN $viewer.readsAll THEN [] ELSE $viewer.ids END AS viewerId
    MATCH (:Principal {id: viewerId})-[:OWNS]->(a:Asset)
    ${within(name)}
    UNION
    UNWIND CASE WHEN $viewer.readsAll THEN [] ELSE $viewer.ids END AS viewerId
    MATCH (g:AccessGrant {granteeId: viewerId}) WHERE g.revokedAt IS NULL AND g.expiresAt > $now
    MATCH (g)-[:GRANTED_ON]->(a:Asset)
    ${within(name)}
  }
  RETURN collect(within) AS mine
}`;

/**
 * A name can tell what is in it, so a namespace is known to whoever sees one of its assets; not by one that they brought there
 * themselves, or whoever guesses a name could find out what was there before. And to those who have a say in it. Of its
 * assets only those are looked at that everyone may see, by the index on namespace and visibility.
 */
const KNOWN = `(
  ($viewer.asOf IS NULL OR n.createdAt <= $viewer.asOf) AND (
  CASE WHEN $viewer.readsAll OR n.name IN mine OR ${isAmong('n.ownerIds')} OR ${isAmong('n.registrarIds')} THEN true ELSE false END
  OR ($viewer.discovers AND EXISTS { MATCH (a:Asset {namespace: n.name, visibility: 'DISCOVERABLE'}) USING INDEX a:Asset(namespace, visibility) WHERE ${BY_OTHERS} }))
)`;
const ANYWHERE = mine(null);
const THERE = mine('$name');
/** Nobody guesses the id of a namespace: only of one that is there the viewer's things are looked through. */
const OF_IT = mine('n.name', 'n');

/** What it is; for who is frozen at a time, what it was then: before the first change nobody had set anything. */
const told = (past: boolean): string =>
  past
    ? `coalesce(head(COLLECT {
  MATCH (r:NamespaceRevision)-[:REVISION_OF]->(n) WHERE r.from <= $viewer.asOf
  RETURN properties(r) ORDER BY r.revision DESC LIMIT 1
}), {id: n.id, name: n.name}) AS namespace`
    : 'properties(n) AS namespace';

export const FIND_NAMESPACE = (past: boolean): string => `// catalog.findNamespace
${THERE}
MATCH (n:Namespace {name: $name}) WHERE ${KNOWN}
RETURN ${told(past)}`;

export const NAMESPACE_SEEN = `MATCH (n:Namespace {id: id})
${OF_IT}
WITH n, mine WHERE ${KNOWN}`;
export const NAMESPACES_BY_ID = (past: boolean): string => `// catalog.namespacesById
UNWIND $ids AS id
${NAMESPACE_SEEN}
RETURN ${told(past)}`;

const list = (past: boolean, direction: 'ASC' | 'DESC'): string => `// catalog.listNamespaces
${ANYWHERE}
MATCH (n:Namespace) WHERE n.id > $low AND n.id < $high AND ${KNOWN}
WITH n ORDER BY n.id ${direction} LIMIT $limit
RETURN ${told(past)}`;

/** The id of a namespace does not rise with time, so its time of making is what cuts it. */
export const LIST_NAMESPACES = (past: boolean): PagedStatement => ({
  order: 'ASC',
  forward: list(past, 'ASC'),
  backward: list(past, 'DESC'),
});

export const COUNT_NAMESPACES = `// catalog.countNamespaces
${ANYWHERE}
MATCH (n:Namespace) WHERE n.id > '' AND ${KNOWN}
RETURN count(n) AS total`;

/**
 * What decides whether the viewer may register there. Without a lock, and it makes nothing: who is refused leaves nothing
 * behind, holds nobody up, and cannot tell by waiting whether others are at work there.
 */
export const NAMESPACE_TERMS = `// catalog.namespaceTerms
OPTIONAL MATCH (n:Namespace {name: $name})
RETURN ${termsOf('n')} AS terms`;

/** Takes the lock under which registering assets read the visibility, and makes the namespace if nobody has. */
export const LOCK_NAMESPACE = `// catalog.lockNamespace
MERGE (n:Namespace {name: $name}) ON CREATE SET n:Node, n.id = $id, n.createdAt = $now
SET n.lockedAt = $now
REMOVE n.lockedAt
RETURN properties(n) AS namespace`;

/** Changes what is named, under the lock, and keeps what the namespace now is. */
export const CHANGE_NAMESPACE = `// catalog.changeNamespace
MATCH (n:Namespace {name: $name})
SET n += $changes, n.revision = coalesce(n.revision, 0) + 1
CREATE (r:NamespaceRevision)-[:REVISION_OF]->(n)
SET r = properties(n), r.key = n.id + ':' + toString(n.revision), r.from = $now
RETURN properties(n) AS namespace`;

/** Those of the ids that name someone who can own things, and whether somebody can act for them (as access/ownership/principal-status.ts says). */
export const HOLDERS_OF_NAMESPACE = `// catalog.holdersOfNamespace
UNWIND $ids AS id
MATCH (p:Principal {id: id}) WHERE p:User OR p:Team OR p:ServiceAccount
RETURN p.id AS id, p.disabledAt IS NOT NULL AS disabled,
  p.disabledAt IS NULL
    AND (NOT p:Team OR EXISTS { MATCH (m:Principal)-[:MEMBER_OF]->(p) WHERE m.disabledAt IS NULL }) AS living`;

/**
 * Lets assets follow their namespace, as many as `$limit`. An asset that was given a visibility of its own while its lock
 * was waited for is left as it is. They are marked until their revision is recorded: that takes ten times the memory, and
 * hiding must not wait for it.
 */
export const FOLLOW_NAMESPACE = `// catalog.followNamespace
MATCH (n:Namespace {name: $name})
WITH coalesce(n.visibility, 'DISCOVERABLE') AS wanted,
     CASE coalesce(n.visibility, 'DISCOVERABLE') WHEN 'RESTRICTED' THEN 'DISCOVERABLE' ELSE 'RESTRICTED' END AS other
MATCH (a:Asset {namespace: $name, visibility: other}) WHERE a.ownVisibility IS NULL
WITH a, wanted LIMIT $limit
SET a.lockedAt = $now
REMOVE a.lockedAt
WITH a, wanted WHERE a.ownVisibility IS NULL AND a.namespace = $name
SET a.visibility = wanted, a.unrecorded = true
RETURN count(a) AS followed`;

/**
 * What was joined into another follows, too, and if it is restricted now, so is that one until they are parted (access/aliases). It opens
 * by none of this.
 */
export const FOLLOW_ASIDE = `// catalog.followAside
MATCH (b:JoinedAsset {namespace: $name})-[:JOINED_INTO]->(a:Asset) WHERE b.ownVisibility IS NULL
OPTIONAL MATCH (n:Namespace {name: $name})
SET b.visibility = coalesce(n.visibility, 'DISCOVERABLE')
WITH a, b WHERE b.visibility = 'RESTRICTED' AND a.visibilityApart IS NULL
SET a.visibilityApart = coalesce(a.ownVisibility, 'INHERITED'), a.ownVisibility = 'RESTRICTED', a.visibility = 'RESTRICTED'`;

/** Gives those that followed their revision, as many as `$limit`, so that reads as of a time stay true. */
export const RECORD_FOLLOWERS = `// catalog.recordFollowers
MATCH (a:Asset {namespace: $name}) WHERE a.unrecorded
WITH a LIMIT $limit
SET a.revision = a.revision + 1, a.updatedAt = $now
REMOVE a.unrecorded
WITH a
OPTIONAL MATCH (before:AssetRevision) ${REVISION_BEFORE}
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = properties(a), r.key = a.id + ':' + toString(a.revision), r.from = a.updatedAt, r.fields = coalesce(before.fields, '[]')
${FOLLOW}
${KEEP_OWNERS}
RETURN count(r) AS recorded`;
