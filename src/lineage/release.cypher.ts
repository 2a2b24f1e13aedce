import { visibleTo } from '../auth/rights.cypher.js';
import { paged } from '../graphql/page.js';

export const LIVE_RELEASE = `// lineage.liveRelease
MATCH (r:Release {liveOf: $deploymentId})
RETURN properties(r) AS release`;

export const END_RELEASE = `// lineage.endRelease
MATCH (r:Release {liveOf: $deploymentId})
SET r.until = $now
REMOVE r.liveOf
RETURN r.id AS id`;

/** The constraint on liveOf refuses a second live release of one deployment. */
export const CREATE_RELEASE = `// lineage.createRelease
MATCH (v:ModelVersion&Node {id: $release.modelVersionId}), (d:Deployment&Asset {id: $release.deploymentId})
CREATE (v)-[:RELEASED_AS]->(r:Node:Release)-[:RELEASE_OF]->(d)
SET r = $release, r.liveOf = d.id
RETURN r.id AS id`;

export const RELEASES_BY_ID = `// lineage.releasesById
UNWIND $ids AS id
MATCH (r:Release&Node {id: id})-[:RELEASE_OF]->(d:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('d')}
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
