import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';

export const LIVE_RELEASE = `// lineage.liveRelease
MATCH (r:Release {liveOf: $deploymentId})
RETURN properties(r) AS release`;

export const END_RELEASE = `// lineage.endRelease
MATCH (r:Release {liveOf: $deploymentId})
SET r.until = $at
REMOVE r.liveOf
RETURN properties(r) AS release`;

/** One release of the deployment by its id. */
export const RELEASE_ON = `// lineage.releaseOn
MATCH (r:Release&Node {id: $id})-[:RELEASE_OF]->(:Asset {id: $deploymentId})
RETURN properties(r) AS release`;

/** The newest release of the deployment before another one, of a model version other than the given; null: no such bound. */
export const EARLIER_RELEASE = `// lineage.earlierRelease
MATCH (r:Release)-[:RELEASE_OF]->(:Asset {id: $deploymentId})
WHERE ($before IS NULL OR r.id < $before) AND ($not IS NULL OR r.modelVersionId <> $not)
RETURN properties(r) AS release ORDER BY r.id DESC LIMIT 1`;

/** The newest release of a model version on the deployment. */
export const RELEASE_OF_VERSION = `// lineage.releaseOfVersion
MATCH (:ModelVersion&Node {id: $versionId})-[:RELEASED_AS]->(r:Release)-[:RELEASE_OF]->(:Asset {id: $deploymentId})
RETURN properties(r) AS release ORDER BY r.id DESC LIMIT 1`;

export const FIND_RELEASE_REQUEST = `// lineage.findReleaseRequest
MATCH (q:ReleaseRequest {key: $key})-[:ANSWERED_BY]->(r:Release)
RETURN q.hash AS hash, properties(r) AS release`;

/** The constraint on the key refuses a second request of the same key. */
export const KEEP_RELEASE_REQUEST = `// lineage.keepReleaseRequest
MATCH (r:Release&Node {id: $releaseId})
CREATE (q:ReleaseRequest {key: $key, hash: $hash, at: $now})-[:ANSWERED_BY]->(r)
RETURN r.id AS id`;

/** The constraint on liveOf refuses a second live release of one deployment. */
export const CREATE_RELEASE = `// lineage.createRelease
MATCH (v:ModelVersion&Node {id: $release.modelVersionId}), (d:Deployment&Asset {id: $release.deploymentId})
CREATE (v)-[:RELEASED_AS]->(r:Node:Release)-[:RELEASE_OF]->(d)
SET r = $release, r.liveOf = d.id
RETURN r.id AS id`;

export const RELEASE_SEEN = `MATCH (r:Release&Node {id: id})-[:RELEASE_OF]->(d:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('d')}`;
export const RELEASES_BY_ID = `// lineage.releasesById
UNWIND $ids AS id
${RELEASE_SEEN}
RETURN properties(r) AS release`;

export const CURRENT_OF = `// lineage.currentReleaseOf
UNWIND $ids AS id
MATCH (r:Release {liveOf: id})
RETURN id, properties(r) AS release`;

/** What served at the time of an auditor session. */
export const CURRENT_AS_OF = `// lineage.currentReleaseAsOf
UNWIND $ids AS id
MATCH (r:Release)-[:RELEASE_OF]->(:Asset {id: id}) WHERE r.from <= $viewer.asOf AND (r.until IS NULL OR r.until > $viewer.asOf)
RETURN id, properties(r) AS release`;

export const RELEASES_OF = paged(
  'r',
  'DESC',
  (window, tail) => `// lineage.releasesOf
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Release)-[:RELEASE_OF]->(:Asset {id: id}) WHERE ${window}
  WITH r ${tail}
  RETURN collect(properties(r)) AS releases
}
RETURN id, releases`,
);

export const COUNT_RELEASES = `// lineage.countReleases
UNWIND $ids AS id
RETURN id, COUNT { MATCH (r:Release)-[:RELEASE_OF]->(:Asset {id: id}) WHERE r.id < $viewer.ceiling } AS total`;

export const SERVED_BY = `// lineage.servedBy
UNWIND $ids AS id
MATCH (:ModelVersion&Node {id: id})-[:RELEASED_AS]->(r:Release)-[:RELEASE_OF]->(d:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('d')}
WITH id, r ORDER BY r.id DESC
RETURN id, collect(properties(r)) AS releases`;
