import { accountForAll } from '../../audit/record/record.js';
import { rightsOn } from '../../auth/rights.cypher.js';
import { sought } from '../../neo4j/sought.js';

/** Which of the events the source has reported before. */
export const KNOWN_EVENTS = `// openlineage.knownEvents
UNWIND $keys AS key
MATCH (e:ReportedEvent {key: key})
RETURN key`;

/** The assets of the names that are there; `joined`: the id of what the name was of, where that was joined into it. */
export const ASSETS_NAMED = `// openlineage.assetsNamed
UNWIND $keys AS key
MATCH (name:Alias {key: key})-[:NAMES]->(a:Asset)
RETURN key, a.id AS id, name.joined AS joined`;

/** Locks the assets, in the order of their ids, until the commit; what was reported of them, and what the viewer may do with them. */
export const LOCK_REPORTED = `// openlineage.lockReported
UNWIND $ids AS id
MATCH (a:Asset {id: id})
SET a.lockedAt = $now
REMOVE a.lockedAt
WITH id, a
RETURN id, a.urn AS urn, a.kind AS kind, a.placedBy AS placedBy, a.retiredAt IS NOT NULL AS retired, a.reported AS reported,
       a.reportedFields AS reportedFields, ${rightsOn('a')} AS rights`;

/** Who owns what is new in each of the namespaces: those who own it and can act. */
export const OWNERS_OF_NEW = `// openlineage.ownersOfNew
UNWIND $names AS name
MATCH (n:Namespace {name: name})
UNWIND n.ownerIds AS ownerId
MATCH (p:Principal {id: ownerId}) WHERE p.disabledAt IS NULL
RETURN name, collect(p.id) AS owners`;

/** The fields of data sets that are there, or were, by the keys of their names. */
export const FIELDS_REPORTED = `// openlineage.fieldsReported
UNWIND $keys AS key
MATCH (f:Field {key: key})
RETURN key, f.id AS id`;

/** Names that nothing has yet, as sources tell of them; an asset has a hundred such at most. The words of them find it. */
export const ADD_SYMLINKS = `// openlineage.addSymlinks
UNWIND $rows AS row
MATCH (a:Asset {id: row.id}) WHERE size(coalesce(a.symlinks, [])) < 100
OPTIONAL MATCH (taken:Alias) ${sought('taken:Alias', 'key', 'row.key')}
WITH row, a, taken WHERE taken IS NULL
CREATE (:Alias {key: row.key, urn: row.urn, from: $now, symlinkBy: $source})-[:NAMES]->(a)
SET a.symlinks = coalesce(a.symlinks, []) + [row.urn], a.nameTokens = a.nameTokens + ' ' + row.nameTokens,
    a.namespaceTokens = a.namespaceTokens + ' ' + row.namespaceTokens`;

/** What was reported of assets, as JSON; `fields` is the digest of the fields that reports have written. */
export const WRITE_REPORTED = `// openlineage.writeReported
UNWIND $rows AS row
MATCH (a:Asset {id: row.id})
SET a.reported = coalesce(row.reported, a.reported, '{}'), a.reportedFields = coalesce(row.fields, a.reportedFields)`;

/** Runs by what their producer calls them. */
export const RUNS_REPORTED = `// openlineage.runsReported
UNWIND $keys AS key
MATCH (r:Run {reportKey: key})
RETURN key, r.id AS id, r.reportedBy AS reportedBy, r.reported AS reported, r.facets AS facets,
       r.parentKey AS parentKey`;

/** Makes the runs that are new and brings all to what is known of them. */
export const WRITE_RUNS = `// openlineage.writeRuns
UNWIND $rows AS row
MATCH (t:Asset {id: row.transformationId})
MERGE (r:Run {reportKey: row.key})
ON CREATE SET r:Node, r.id = row.id, r.transformationId = t.id, r.createdAt = $now, r.reportedBy = row.reportedBy
SET r += row.changes
MERGE (r)-[:RUN_OF]->(t)
RETURN row.key AS key, r.id AS id`;

/** Runs that name a parent get it once it is there; it may come later, or never. */
export const LINK_PARENTS = `// openlineage.linkParents
UNWIND $keys AS key
CALL (key) {
  MATCH (child:Run {reportKey: key}) WHERE child.parentKey IS NOT NULL
  MATCH (parent:Run) ${sought('parent:Run', 'reportKey', 'child.parentKey')}
  RETURN child, parent
  UNION
  MATCH (parent:Run {reportKey: key})
  MATCH (child:Run {parentKey: key})
  RETURN child, parent
}
WITH child, parent WHERE child.parentId IS NULL OR child.parentId <> parent.id
SET child.parentId = parent.id`;

/**
 * Versions by what their producer calls them, made where they are new. Of each thing that is said of one the latest counts; of one that
 * was published here it is taken only how much it is, where that was not said.
 */
export const WRITE_VERSIONS = `// openlineage.writeVersions
UNWIND $rows AS row
MATCH (a:Asset {id: row.assetId})
MERGE (v:Version {key: row.key})
ON CREATE SET v:Node, v:$(row.label), v += row.version, v.reportedAs = row.key, v.madeAt = row.madeAt
ON MATCH SET v.madeAt = CASE WHEN v.reportedAs IS NOT NULL AND row.madeAt < v.madeAt THEN row.madeAt ELSE v.madeAt END
MERGE (v)-[:VERSION_OF]->(a)
FOREACH (fact IN [each IN row.facts WHERE each.stamp > coalesce(v[each.name + 'Said'], '')
    AND (v.reportedAs IS NOT NULL OR each.name IN ['rowCount', 'bytes'] AND (v[each.name] IS NULL OR v[each.name + 'Said'] IS NOT NULL))] |
  SET v[fact.name] = fact.value, v[fact.name + 'Said'] = fact.stamp)
RETURN row.key AS key, v.id AS id`;

/**
 * Which versions runs made, which they read that their producer named, and which data sets they read of which no version was named. A
 * version has one origin: the first that was told of.
 */
export const WRITE_USES = `// openlineage.writeUses
UNWIND $rows AS row
MATCH (r:Run {reportKey: row.run})
CALL (r, row) {
  UNWIND row.made AS said
  MATCH (v:Version {key: said.version}) WHERE NOT EXISTS { MATCH (other:Run)-[:GENERATED]->(v) WHERE other <> r }
  MERGE (r)-[made:GENERATED]->(v)
  ON CREATE SET made.recordedAt = $now, made.since = said.at
  ON MATCH SET made.since = CASE WHEN said.at < made.since THEN said.at ELSE made.since END
}
CALL (r, row) {
  UNWIND row.used AS said
  MATCH (v:Version {key: said.version})
  MERGE (v)-[used:USED_BY]->(r)
  ON CREATE SET used.recordedAt = $now, used.since = said.at
  ON MATCH SET used.since = CASE WHEN said.at < used.since THEN said.at ELSE used.since END
  REMOVE used.inferred
}
CALL (r, row) {
  UNWIND row.reads AS id
  MATCH (a:Asset {id: id})
  MERGE (r)-[:READS]->(a)
}`;

/**
 * Which version a run read where none was named: the last that was there when it began. It is worked out anew for what was touched: runs
 * that were told of, and those that began after a version which was told of late. Among those told of under the same name, where two
 * are joined: the versions of what was joined into another lie there, marked with what they are of.
 */
export const INFER_VERSIONS = `// openlineage.inferVersions
CALL () {
  UNWIND $runs AS key
  MATCH (r:Run {reportKey: key})-[:READS]->(a)
  RETURN r, a
  UNION
  UNWIND $versions AS version
  MATCH (a:Asset {id: version.assetId})<-[:READS]-(r:Run) WHERE r.startedAt >= version.madeAt
  RETURN r, a
}
WITH DISTINCT r, a
WITH r, a, COLLECT {
  MATCH (v:Version) WHERE v.assetId IN [a.id, coalesce(a.keptId, a.id)] AND v.madeAt <= r.startedAt AND coalesce(v.joined, v.assetId) = a.id AND NOT EXISTS { (r)-[:GENERATED]->(v) }
  RETURN v ORDER BY v.madeAt DESC, v.key DESC LIMIT 1
}[0] AS current
CALL (r, a, current) {
  MATCH (was:Version)-[used:USED_BY {inferred: true}]->(r)
  WHERE coalesce(was.joined, was.assetId) = a.id AND (current IS NULL OR was <> current)
  DELETE used
}
CALL (r, a, current) {
  WITH r, a, current WHERE current IS NOT NULL AND NOT EXISTS { MATCH (named:Version)-[u:USED_BY]->(r) WHERE coalesce(named.joined, named.assetId) = a.id AND u.inferred IS NULL }
  MERGE (current)-[used:USED_BY]->(r)
  ON CREATE SET used.inferred = true, used.recordedAt = $now
  SET used.since = r.startedAt
}`;

/**
 * Fields that a flow names and the data set has no more by the latest schema that is known, as events come in any order: they are there as
 * those that were removed.
 */
export const KEEP_FORMER_FIELDS = `// openlineage.keepFormerFields
UNWIND $rows AS row
MATCH (a:Dataset&Asset {id: row.dataset})
MERGE (f:Field {key: row.dataset + ':' + row.name})
ON CREATE SET f:Node, f.id = row.id, f.name = row.name, f.type = row.type, f.description = row.description,
  f.addedAt = $now, f.removedAt = $now, f.ordinal = 0
MERGE (f)-[:FIELD_OF]->(a)
RETURN f.key AS key, f.id AS id`;

/** Makes the releases that are new; of each the first time at which it began, and the first at which it ended. */
export const WRITE_RELEASES = `// openlineage.writeReleases
UNWIND $rows AS row
MATCH (d:Asset {id: row.deploymentId}), (v:Version {key: row.version})
MERGE (r:Release {reportKey: row.key})
ON CREATE SET r:Node, r += row.release, r.modelVersionId = v.id, r.modelId = v.assetId, r.from = row.at
MERGE (r)-[:RELEASE_OF]->(d)
WITH r, v, row
FOREACH (_ IN CASE WHEN r.modelVersionId = v.id THEN [1] ELSE [] END | MERGE (v)-[:RELEASED_AS]->(r))
SET r.from = CASE WHEN row.at < r.from THEN row.at ELSE r.from END,
    r.saidUntil = CASE WHEN row.isEnd AND (r.saidUntil IS NULL OR row.at < r.saidUntil) THEN row.at ELSE r.saidUntil END
RETURN DISTINCT row.key AS key, r.id AS id, r.reportedBy AS reportedBy`;

/** Releases that events told of: by whom. */
export const RELEASES_REPORTED = `// openlineage.releasesReported
UNWIND $keys AS key
MATCH (r:Release) ${sought('r:Release', 'reportKey', 'key')}
RETURN key, r.reportedBy AS reportedBy`;

/** What serves on a deployment is the last that began and did not end; what began after it ended it, where nobody said when it did. */
export const SETTLE_RELEASES = `// openlineage.settleReleases
UNWIND $ids AS id
MATCH (d:Asset {id: id})
CALL (d) {
  MATCH (r:Release)-[:RELEASE_OF]->(d) WHERE r.reportKey IS NOT NULL
  REMOVE r.liveOf
}
CALL (d) {
  MATCH (r:Release)-[:RELEASE_OF]->(d)
  WITH r ORDER BY r.from, coalesce(r.reportKey, r.id)
  WITH collect(r) AS releases
  UNWIND range(0, size(releases) - 1) AS place
  WITH releases, releases[place] AS r, releases[place + 1] AS next WHERE r.reportKey IS NOT NULL
  WITH r, next, coalesce(r.saidUntil, next.from) AS until, any(x IN releases WHERE x.liveOf IS NOT NULL) AS isTaken
  SET r.until = until
  WITH r WHERE until IS NULL AND NOT isTaken
  SET r.liveOf = r.deploymentId
}`;

/** What sources said of assets in facets: of each source and name the latest. */
export const WRITE_FACETS = `// openlineage.writeFacets
UNWIND $rows AS row
MATCH (a:Asset {id: row.assetId})
MERGE (f:ReportedFacet {key: row.key})
ON CREATE SET f.assetId = row.assetId, f.source = row.source, f.name = row.name, f.stamp = ''
MERGE (f)-[:SAID_OF]->(a)
WITH f, row WHERE row.stamp > f.stamp
SET f.stamp = row.stamp, f.body = row.body, f.at = row.at, f.producer = row.producer`;

/** Each event once: of two who report the same at the same moment the constraint lets one in. And the entry of the log for all of them. */
export const KEEP_EVENTS = `// openlineage.keepEvents
${accountForAll('$entry')}
UNWIND $rows AS row
CREATE (e:ReportedEvent)
SET e = row`;
