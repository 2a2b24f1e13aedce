import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';

// By the id of the asset, since a way to it is looked for among all that hangs on the version, which must not tell how much that is.
export const VERSION_SEEN = `MATCH (v:Version&Node {id: id}) WHERE v.id < $viewer.ceiling
MATCH (a:Asset {id: v.assetId}) WHERE ${visibleTo('a')}`;
export const VERSIONS_BY_ID = `// catalog.versionsById
UNWIND $ids AS id
${VERSION_SEEN}
RETURN properties(v) AS version`;

export const CREATE_VERSION = (label: 'DatasetVersion' | 'ModelVersion'): string => `// catalog.create${label}
MATCH (a:Asset {id: $version.assetId})
CREATE (v:Node:Version:${label})-[:VERSION_OF]->(a)
SET v = $version
RETURN v.id AS id`;

export const VERSIONS_OF = paged(
  'v',
  'DESC',
  (window, tail) => `// catalog.versionsOf
UNWIND $ids AS id
CALL (id) {
  MATCH (v:Version)-[:VERSION_OF]->(:Asset {id: id}) WHERE ${window}
  WITH v ${tail}
  RETURN collect(properties(v)) AS versions
}
RETURN id, versions`,
);

export const COUNT_VERSIONS = `// catalog.countVersions
UNWIND $ids AS id
RETURN id, COUNT { MATCH (v:Version)-[:VERSION_OF]->(:Asset {id: id}) WHERE v.id < $viewer.ceiling } AS total`;

/** What a launch or a run needs to know of the versions it names: missing or hidden ones give no row. */
export const VERSIONS_WITH_ASSETS = `// catalog.versionsWithAssets
UNWIND $ids AS id
MATCH (v:Version&Node {id: id})-[:VERSION_OF]->(a:Asset) WHERE ${visibleTo('a')}
RETURN properties(v) AS version, properties(a) AS asset, EXISTS { (:Run)-[:GENERATED]->(v) } AS generated`;
