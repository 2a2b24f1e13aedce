import { visibleTo } from '../auth/rights.cypher.js';
import { paged } from '../graphql/page.js';
import { KEEP_OWNERS } from './asset.cypher.js';

/** A name can tell what is in it, so a namespace is known to whoever sees one of its assets. */
const KNOWN = `($viewer.readsAll OR EXISTS { MATCH (a:Asset {namespace: n.name}) WHERE ${visibleTo('a')} })`;

export const FIND_NAMESPACE = `// catalog.findNamespace
MATCH (n:Namespace {name: $name}) WHERE ${KNOWN}
RETURN properties(n) AS namespace`;

export const NAMESPACES_BY_ID = `// catalog.namespacesById
UNWIND $ids AS id
MATCH (n:Namespace {id: id}) WHERE ${KNOWN}
RETURN properties(n) AS namespace`;

export const LIST_NAMESPACES = paged(
  'n',
  'ASC',
  (window, tail) => `// catalog.listNamespaces
MATCH (n:Namespace) WHERE ${window} AND ${KNOWN}
WITH n ${tail}
RETURN properties(n) AS namespace`,
);

export const COUNT_NAMESPACES = `// catalog.countNamespaces
MATCH (n:Namespace) WHERE n.id > '' AND ${KNOWN}
RETURN count(n) AS total`;

/** Takes the lock under which registering assets read the visibility, and makes the namespace if nobody has. */
export const LOCK_NAMESPACE = `// catalog.lockNamespace
MERGE (n:Namespace {name: $name}) ON CREATE SET n:Node, n.id = $id
SET n.lockedAt = $now
REMOVE n.lockedAt
RETURN properties(n) AS namespace`;

export const SET_NAMESPACE_VISIBILITY = `// catalog.setNamespaceVisibility
MATCH (n:Namespace {name: $name})
SET n.visibility = $visibility
RETURN properties(n) AS namespace`;

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

/** Gives those that followed their revision, as many as `$limit`, so that reads as of a time stay true. */
export const RECORD_FOLLOWERS = `// catalog.recordFollowers
MATCH (a:Asset {namespace: $name}) WHERE a.unrecorded
WITH a LIMIT $limit
SET a.revision = a.revision + 1, a.updatedAt = $now
REMOVE a.unrecorded
WITH a
OPTIONAL MATCH (before:AssetRevision {key: a.id + ':' + toString(a.revision - 1)})
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = properties(a), r.key = a.id + ':' + toString(a.revision), r.from = a.updatedAt, r.fields = coalesce(before.fields, '[]')
${KEEP_OWNERS}
RETURN count(r) AS recorded`;
