import { calledSo, isOwnedBy, rightsOn, visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';
import { asThen, kindOf } from '../../principals/accounts/principal.cypher.js';
import { heldAt } from '../model/revision.cypher.js';

/**
 * `$key` is what `refParameters` makes of an id or urn. An alias names its asset for ever: one for its id, and one for each urn it
 * has or had, so a former urn resolves too.
 */
const FIND = `MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')}`;

export const FIND_ASSET = `// catalog.findAsset
${FIND}
WITH a WHERE ${visibleTo('a')}
RETURN properties(a) AS asset`;

/** The same with who owns it and what the viewer may do, for a page that shows all of it: one trip in the place of four. */
export const FIND_ASSET_WITH_PEOPLE = `// catalog.findAssetWithPeople
${FIND}
WITH a WHERE ${visibleTo('a')}
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights, COLLECT {
  MATCH (p:Principal)-[own:OWNS]->(a)
  WITH p, own ORDER BY own.role, p.name
  RETURN {role: own.role, since: own.since, principal: ${asThen('p')}, kind: ${kindOf('p')}}
} AS owners`;

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

export const ASSET_SEEN = `MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}`;
export const ASSETS_BY_ID = `// catalog.assetsById
UNWIND $ids AS id
${ASSET_SEEN}
RETURN properties(a) AS asset`;

/** What each was at `$shownAt`; what was registered later, or has no revision, is shown as it first was. */
export const ASSETS_BY_ID_AS_OF = `// catalog.assetsByIdAsOf
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN coalesce(head(COLLECT {
  MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE ${heldAt('r', '$shownAt')}
  RETURN properties(r)
}), properties(a)) AS asset`;

export const matchesFilter = (a: string): string => `($kinds IS NULL OR ${a}.kind IN $kinds)
  AND ($namespaces IS NULL OR ${a}.namespace IN $namespaces)
  AND ($tags IS NULL OR all(tag IN $tags WHERE tag IN ${a}.tags))
  AND ($owners IS NULL OR ${isOwnedBy(a, '$owners')})
  AND ($nameContains IS NULL OR toLower(${a}.name) CONTAINS $nameContains)
  AND ($minRetentionDays IS NULL OR ${a}.retentionDays >= $minRetentionDays)
  AND ($maxRetentionDays IS NULL OR ${a}.retentionDays <= $maxRetentionDays)
  AND ($retired OR ${a}.retiredAt IS NULL)`;

/** Of the asset `a`, what `AssetConditions` ask. */
export const MATCHES_FILTER = matchesFilter('a');

/** Rows `a`, `then`: the assets as a session that is frozen at a time sees them, by what they were then. */
export const matchingThen = (window: string): string => `MATCH (a:Asset) WHERE ${window} AND ${visibleTo('a')}
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

/** How many of the assets have each tag, the most frequent first. */
const countTags = (asset: string): string => `UNWIND ${asset}.tags AS tag
WITH tag WHERE $tagContains IS NULL OR toLower(tag) CONTAINS $tagContains
WITH tag, count(*) AS count
RETURN tag, count ORDER BY count DESC, tag LIMIT $first`;

export const COUNT_TAGS = `// catalog.countTags
MATCH (a:Asset) WHERE a.id > '' AND ${MATCHES_FILTER} AND ${visibleTo('a')}
${countTags('a')}`;

export const COUNT_TAGS_THEN = `// catalog.countTagsThen
${matchingThen("a.id > ''")}
${countTags('then')}`;

/** Up to 500 fields in a row, in their order: the driver reads each row in one go, and a data set may have ten thousand. */
export const FIELDS_OF = `// catalog.fieldsOf
UNWIND $ids AS id
MATCH (f:Field)-[:FIELD_OF]->(:Dataset&Asset {id: id}) WHERE f.removedAt IS NULL
WITH id, f ORDER BY f.ordinal, f.name
WITH id, collect(f {.id, .name, .type, .description, .ordinal, .joined}) AS fields
UNWIND range(0, (size(fields) - 1) / 500) AS portion
RETURN id, fields[portion * 500..(portion + 1) * 500] AS fields`;

export const FIELD_SEEN = `MATCH (f:Field&Node {id: id})-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}`;
export const FIELDS_BY_ID = `// catalog.fieldsById
UNWIND $ids AS id
${FIELD_SEEN}
RETURN properties(f) AS field, a.id AS dataset`;

/**
 * Takes the write lock of the asset, so that what is decided from this row still holds when the change is written.
 * No row: the viewer may not know of it, or it was deleted while the lock was waited for.
 */
export const LOCK_ASSET = `// catalog.lockAsset
MATCH (alias:Alias)-[:NAMES]->(a:Asset) ${sought('alias:Alias', 'key', '$key')}
WITH a WHERE ${visibleTo('a')}
SET a.lockedAt = $now
REMOVE a.lockedAt
WITH a WHERE a.id IS NOT NULL
RETURN properties(a) AS asset, ${rightsOn('a')} AS rights`;

/** Of those that the viewer may know of, with the place among the keys; and no lock. */
export const SEE_ASSETS = `// catalog.seeAssets
UNWIND range(0, size($keys) - 1) AS index
MATCH (name:Alias {key: $keys[index]})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} AND ${visibleTo('a')}
RETURN index, properties(a) AS asset, ${rightsOn('a')} AS rights`;
