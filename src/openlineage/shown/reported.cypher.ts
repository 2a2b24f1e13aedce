import { visibleTo } from '../../auth/rights.cypher.js';

/** A facet that was taken back has no body. */
const KEPT = 'f.assetId = id AND f.body IS NOT NULL';
const SHOWN = 'f {.name, .source, .producer, .at, .body}';

/** What sources said of assets in the facets of these names, what was said last first. */
export const SAID_OF_ASSETS = `// openlineage.saidOfAssets
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
CALL (id) {
  MATCH (f:ReportedFacet) WHERE ${KEPT} AND f.name IN $names
  WITH f ORDER BY f.stamp DESC, f.key LIMIT $limit
  RETURN collect(${SHOWN}) AS facets
}
RETURN id, facets`;

const WANTED = `${KEPT} AND ($name IS NULL OR f.name = $name)`;

/** By name, and of one name by source: no source has a space in its id. */
const pageIn = (order: 'ASC' | 'DESC'): string => `// openlineage.facetsOfAssets
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
CALL (id) {
  MATCH (f:ReportedFacet) WHERE ${WANTED}
  WITH f, f.name + ' ' + f.source AS place
  WHERE ($low IS NULL OR place > $low) AND ($high IS NULL OR place < $high)
  WITH f, place ORDER BY place ${order} LIMIT $limit
  RETURN collect(f {.name, .source, .producer, .at, .body, place: place}) AS facets
}
RETURN id, facets`;

export const FACETS_OF_ASSETS = { forward: pageIn('ASC'), backward: pageIn('DESC') };

export const COUNT_FACETS_OF_ASSETS = `// openlineage.countFacetsOfAssets
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN id, COUNT { MATCH (f:ReportedFacet) WHERE ${WANTED} } AS total`;

/** Who told of runs, and when which of their facets was said. */
export const SOURCES_OF_RUNS = `// openlineage.sourcesOfRuns
UNWIND $ids AS id
MATCH (r:Run {id: id})-[:RUN_OF]->(t:Asset) WHERE r.reportKey IS NOT NULL AND r.id < $viewer.ceiling AND ${visibleTo('t')}
RETURN id, r.reportedBy AS source, r.reported AS reported, r.createdAt AS createdAt`;

/** The runs that producers name so. */
export const RUNS_CALLED = `// openlineage.runsCalled
UNWIND $keys AS key
MATCH (r:Run {reportKey: key})-[:RUN_OF]->(t:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('t')}
RETURN key, r.id AS id`;
