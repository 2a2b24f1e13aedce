import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';

const SEEN = `MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}`;

const SHOWN = 'c {.id, .place, .assetId, .change, .at, .runId, .source, .producer, .fromKey}';

/** Pages of what became of data sets, the newest first. */
export const CHANGES_OF_DATASETS = paged(
  'c',
  'DESC',
  (window, tail) => `// openlineage.changesOfDatasets
UNWIND $ids AS id
${SEEN}
CALL (id) {
  MATCH (c:DatasetChange {assetId: id}) WHERE ${window}
  WITH c ${tail}
  RETURN collect(${SHOWN}) AS changes
}
RETURN id, changes`,
  'place',
);

/** Of all places: an index of two properties is used by who asks for both. */
const ALL = "c.place > ''";

export const COUNT_CHANGES_OF_DATASETS = `// openlineage.countChangesOfDatasets
UNWIND $ids AS id
${SEEN}
RETURN id, COUNT { MATCH (c:DatasetChange {assetId: id}) WHERE ${ALL} AND c.id < $viewer.ceiling } AS total`;

/** What was only going to be, or was tried by a run that failed, did not happen. */
const HAPPENED = `c.id < $viewer.ceiling AND c.done
    AND NOT EXISTS { MATCH (r:Run&Node {id: c.runId}) USING INDEX r:Node(id) WHERE r.state IN ['FAILED', 'CANCELLED'] }`;

/** Since when data sets are dropped: the last change was that, and no version was made after it. */
export const DROPPED_DATASETS = `// openlineage.droppedDatasets
UNWIND $ids AS id
${SEEN}
CALL (id) {
  MATCH (c:DatasetChange {assetId: id}) USING INDEX c:DatasetChange(assetId, place) WHERE ${ALL} AND ${HAPPENED}
  WITH c ORDER BY c.place DESC LIMIT 1
  WHERE c.change = 'DROP'
    AND NOT EXISTS { MATCH (v:Version) USING INDEX v:Version(assetId, madeAt) WHERE v.assetId = id AND v.madeAt > c.at AND v.id < $viewer.ceiling }
  RETURN c.at AS at
}
RETURN id, at`;

/** What the runs that made versions said they did to the data set. */
export const CHANGES_BY_VERSIONS = `// openlineage.changesByVersions
UNWIND $ids AS id
MATCH (r:Run)-[:GENERATED]->(v:Version&Node {id: id})-[:VERSION_OF]->(a:Asset)
  WHERE v.id < $viewer.ceiling AND r.id < $viewer.ceiling AND ${visibleTo('a')}
MATCH (c:DatasetChange {runId: r.id}) WHERE c.assetId = a.id AND c.id < $viewer.ceiling
WITH id, c ORDER BY c.place
RETURN id, collect(${SHOWN}) AS changes`;

/** The data sets that go, or went, by the names. */
export const DATASETS_CALLED = `// openlineage.datasetsCalled
UNWIND $keys AS key
MATCH (alias:Alias {key: key})-[:NAMES]->(a:Asset) WHERE a.kind = 'DATASET' AND ${visibleTo('a')}
RETURN key, a.id AS id`;

/** The data sets that were made of others by giving these another name. */
export const DATASETS_RENAMED = `// openlineage.datasetsRenamed
UNWIND $ids AS id
${SEEN}
MATCH (alias:Alias)-[:NAMES]->(a)
MATCH (c:DatasetChange {fromKey: alias.key}) USING INDEX c:DatasetChange(fromKey) WHERE ${HAPPENED}
MATCH (b:Asset {id: c.assetId}) WHERE b <> a AND ${visibleTo('b')}
WITH id, b, max(c.place) AS place ORDER BY place DESC
RETURN id, collect(b.id)[..$limit] AS renamed`;
