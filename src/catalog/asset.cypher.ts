import { calledSo, isOwnedBy, rightsOn, visibleTo } from '../auth/rights.cypher.js';
import { paged } from '../graphql/page.js';
import { sought } from '../neo4j/sought.js';
import { FOLLOW, heldAt, REVISION_BEFORE } from './revision.cypher.js';
import { termsOf } from './terms.cypher.js';

/**
 * `$key` is what `refParameters` makes of an id or urn. An alias names its asset for ever: one for its id, and one for each urn it
 * has or had, so a former urn resolves too.
 */
const FIND = `MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')}`;

export const FIND_ASSET = `// catalog.findAsset
${FIND}
WITH a WHERE ${visibleTo('a')}
RETURN properties(a) AS asset`;

/** What the asset was at a time, if it was registered by then. Who may see it is today's question. */
export const FIND_ASSET_AS_OF = `// catalog.findAssetAsOf
${FIND}
WITH a WHERE ${visibleTo('a')}
MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE ${heldAt('r', '$asOf')} AND r.from <= $asOf
RETURN properties(r) AS asset`;

/** What each of the assets was at a time, of those that were registered by then. */
export const REVISIONS_AS_OF = `// catalog.revisionsAsOf
UNWIND $ids AS id
MATCH (r:AssetRevision)-[:REVISION_OF]->(:Asset {id: id}) WHERE ${heldAt('r', '$asOf')} AND r.from <= $asOf
RETURN id, properties(r) AS asset`;

export const ASSETS_BY_ID = `// catalog.assetsById
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN properties(a) AS asset`;

/** What each was at `$shownAt`; what was registered later, or has no revision, is shown as it first was. */
export const ASSETS_BY_ID_AS_OF = `// catalog.assetsByIdAsOf
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN coalesce(head(COLLECT {
  MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE ${heldAt('r', '$shownAt')}
  RETURN properties(r)
}), properties(a)) AS asset`;

const matchesFilter = (a: string): string => `($kinds IS NULL OR ${a}.kind IN $kinds)
  AND ($namespaces IS NULL OR ${a}.namespace IN $namespaces)
  AND ($tags IS NULL OR all(tag IN $tags WHERE tag IN ${a}.tags))
  AND ($owners IS NULL OR ${isOwnedBy(a, '$owners')})
  AND ($nameContains IS NULL OR toLower(${a}.name) CONTAINS $nameContains)
  AND ($retired OR ${a}.retiredAt IS NULL)`;

const MATCHES_FILTER = matchesFilter('a');

/** Rows `a`, `then`: the assets as a session that is frozen at a time sees them, by what they were then. */
const matchingThen = (window: string): string => `MATCH (a:Asset) WHERE ${window} AND ${visibleTo('a')}
CALL (a) {
  MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE r.from <= $viewer.asOf
  RETURN r AS then ORDER BY r.revision DESC LIMIT 1
}
WITH a, then WHERE ${matchesFilter('then')}`;

export const LIST_ASSETS_THEN = paged(
  'a',
  'ASC',
  (window, tail) => `// catalog.listAssetsThen
${matchingThen(window)}
WITH a, then ${tail}
RETURN properties(then) AS asset`,
);

export const COUNT_ASSETS_THEN = `// catalog.countAssetsThen
${matchingThen("a.id > ''")}
RETURN count(a) AS total`;

/** What may hold every word of a search; which of them do, and how they rank, is for who reads their texts (words-then.ts). */
export const SEARCH_ASSETS_THEN = `// catalog.searchAssetsThen
${matchingThen("a.id > ''")}
WITH a, then, [text IN [then.name, then.namespace, then.description] + then.tags + coalesce(then.fieldNames, []) | toLower(text)] AS texts
WHERE all(term IN $terms WHERE any(text IN texts WHERE text CONTAINS term))
RETURN properties(then) AS asset ORDER BY a.id`;

export const LIST_ASSETS = paged(
  'a',
  'ASC',
  (window, tail) => `// catalog.listAssets
MATCH (a:Asset) WHERE ${window} AND ${MATCHES_FILTER} AND ${visibleTo('a')}
WITH a ${tail}
RETURN properties(a) AS asset`,
);

export const COUNT_ASSETS = `// catalog.countAssets
MATCH (a:Asset) WHERE a.id > '' AND ${MATCHES_FILTER} AND ${visibleTo('a')}
RETURN count(a) AS total`;

/**
 * What the whole of the query says of a name outweighs where single words stand: the name itself, its beginning by whole
 * words, its beginning, words within it, anything within it.
 */
const NAME_WORTH = `CASE
  WHEN toLower(a.name) = $typed OR toLower(a.nameWords) = $phrase THEN 16000
  WHEN toLower(a.nameWords) STARTS WITH $phrase + ' ' THEN 8000
  WHEN toLower(a.name) STARTS WITH $typed OR toLower(a.nameWords) STARTS WITH $phrase THEN 6000
  WHEN toLower(a.nameWords) CONTAINS ' ' + $phrase THEN 4000
  WHEN toLower(a.name) CONTAINS $typed OR toLower(a.nameWords) CONTAINS $phrase THEN 2000
  ELSE 0
END`;

/**
 * The index follows what is written; who searches waits until it has all of it, so that what was answered is found. An index
 * that is written within each transaction, as in a database whose indexes are not ours to make, has nothing to wait for.
 */
const FOUND = `CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()
CALL db.index.fulltext.queryNodes('asset_search', $lucene)`;

/**
 * Found by Lucene, ranked by what the found asset itself says: `luceneOf` lets a word score by the place it stands in and
 * by nothing else, so neither score nor order depends on what the viewer may not see. Ties go by id, so that paging by
 * (score, id) is stable.
 */
export const SEARCH_ASSETS = `// catalog.searchAssets
${FOUND} YIELD node AS a, score AS places
WITH a, places WHERE ${MATCHES_FILTER} AND ${visibleTo('a')}
WITH a, toFloat(${NAME_WORTH} + places) AS score
WHERE $afterScore IS NULL OR score < $afterScore OR (score = $afterScore AND a.id > $afterId)
WITH a, score ORDER BY score DESC, a.id LIMIT $limit
RETURN properties(a) AS asset, a.fieldNames AS fieldNames, score`;

export const COUNT_FOUND = `// catalog.countFound
${FOUND} YIELD node AS a
WITH a WHERE ${MATCHES_FILTER} AND ${visibleTo('a')}
RETURN count(a) AS total`;

/** Up to 500 fields in a row, in their order: the driver reads each row in one go, and a data set may have ten thousand. */
export const FIELDS_OF = `// catalog.fieldsOf
UNWIND $ids AS id
MATCH (f:Field)-[:FIELD_OF]->(:Dataset&Asset {id: id}) WHERE f.removedAt IS NULL
WITH id, f ORDER BY f.ordinal, f.name
WITH id, collect(f {.id, .name, .type, .description, .ordinal}) AS fields
UNWIND range(0, (size(fields) - 1) / 500) AS portion
RETURN id, fields[portion * 500..(portion + 1) * 500] AS fields`;

export const FIELDS_BY_ID = `// catalog.fieldsById
UNWIND $ids AS id
MATCH (f:Field&Node {id: id})-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}
RETURN properties(f) AS field, a.id AS dataset`;

/**
 * Takes the write lock of the asset, so that what is decided from this row still holds when the change is written.
 * No row: the viewer may not know of it.
 */
export const LOCK_ASSET = `// catalog.lockAsset
MATCH (alias:Alias)-[:NAMES]->(a:Asset) ${sought('alias:Alias', 'key', '$key')}
WITH a WHERE ${visibleTo('a')}
SET a.lockedAt = $now
REMOVE a.lockedAt
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights`;

/** The same, without the lock. */
export const SEE_ASSET = `// catalog.seeAsset
${FIND}
WITH a WHERE ${visibleTo('a')}
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights`;

/** The constraint on Alias.key decides which of two registrations of one urn wins. The alias of the id has no urn. */
export const CREATE_ASSET = (
  label: 'Dataset' | 'Transformation' | 'Model' | 'Deployment',
): string => `// catalog.create${label}
CREATE (a:Node:Asset:${label}) SET a = $asset
CREATE (:Alias {key: $key, urn: $asset.urn})-[:NAMES]->(a)
CREATE (:Alias {key: $idKey})-[:NAMES]->(a)
WITH a
CALL (a) {
  UNWIND $owners AS wanted
  MATCH (p:Principal) ${sought('p:Principal', 'id', 'wanted.id')} AND p.disabledAt IS NULL
  CREATE (p)-[:OWNS {role: wanted.role, since: $now}]->(a)
  RETURN collect(p.id) AS ids
}
SET a.ownerIds = ids
RETURN size(ids) AS owners`;

export const UPDATE_ASSET = `// catalog.updateAsset
MATCH (a:Asset {id: $id})
SET a += $changes, a.revision = a.revision + 1, a.updatedAt = $now
RETURN properties(a) AS asset`;

export const ADD_ALIAS = `// catalog.addAlias
MATCH (a:Asset {id: $id})
OPTIONAL MATCH (own:Alias {key: $key})-[:NAMES]->(a)
FOREACH (_ IN CASE WHEN own IS NULL THEN [1] ELSE [] END | CREATE (:Alias {key: $key, urn: $urn, from: $now})-[:NAMES]->(a))`;

/**
 * Fields keep their id while their name stays; a field no longer named is ended, not deleted. One that comes back keeps
 * the times it was away: it has no lineage in them. Returns the present ones.
 */
export const WRITE_FIELDS = `// catalog.writeFields
MATCH (a:Dataset&Asset {id: $id})
CALL (a) {
  MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL AND NOT f.name IN $names
  SET f.removedAt = $now
}
CALL (a) {
  UNWIND $fields AS field
  MERGE (f:Field {key: field.key})
    ON CREATE SET f:Node, f.id = field.id, f.name = field.name, f.addedAt = $now
    ON MATCH SET
      f.absentFrom = CASE WHEN f.removedAt IS NULL THEN f.absentFrom ELSE coalesce(f.absentFrom, []) + [f.removedAt] END,
      f.absentUntil = CASE WHEN f.removedAt IS NULL THEN f.absentUntil ELSE coalesce(f.absentUntil, []) + [$now] END
  SET f.type = field.type, f.description = field.description, f.ordinal = field.ordinal, f.removedAt = null
  MERGE (f)-[:FIELD_OF]->(a)
}
RETURN COLLECT {
  MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL
  RETURN properties(f) ORDER BY f.ordinal, f.name
} AS fields`;

/** Gives the new revision `r` of the asset `a` who owns it: lists side by side, because a property holds no maps. */
export const KEEP_OWNERS = `WITH *
CALL (a, r) {
  OPTIONAL MATCH (p:Principal)-[own:OWNS]->(a)
  WITH r, p, own ORDER BY own.role, p.name
  WITH r, collect(p.id) AS ids, collect(own.role) AS roles, collect(own.since) AS since
  SET r.ownerIds = ids, r.ownerRoles = roles, r.ownerSince = since
}`;

/**
 * Keeps what the asset now is, so that it can be read as of any time from now on. `$fields` is the JSON of its fields,
 * or null when they did not change: then they are those of the revision before.
 * The visibility is taken from the namespace under its lock, which a change of the namespace holds too, when `$inherits`; and
 * the terms of registering are read under it when a name comes in. As the last statement of the transaction, so that the
 * lock is held for a moment only.
 */
const record = (locks: string, more: string): string => `MATCH (a:Asset {id: $id})
MERGE (n:Namespace {name: a.namespace}) ON CREATE SET n:Node, n.id = $namespaceId, n.createdAt = $now
${locks}
WITH a, n
SET a.visibility = CASE WHEN $inherits THEN coalesce(n.visibility, 'DISCOVERABLE') ELSE a.visibility END
WITH a, n
OPTIONAL MATCH (before:AssetRevision) ${REVISION_BEFORE}
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = properties(a), r.key = a.id + ':' + toString(a.revision), r.from = a.updatedAt,
    r.fields = coalesce($fields, before.fields, '[]')
${FOLLOW}
${KEEP_OWNERS}
RETURN properties(a) AS asset${more}`;

export const RECORD_REVISION = `// catalog.recordRevision
${record('FOREACH (_ IN CASE WHEN $inherits THEN [1] ELSE [] END | SET n.lockedAt = $now REMOVE n.lockedAt)', '')}`;

/** The same where a name came into the namespace, with the terms under which it may. */
export const RECORD_ENTRY = `// catalog.recordEntry
${record('SET n.lockedAt = $now\nREMOVE n.lockedAt', `, ${termsOf('n')} AS terms`)}`;
