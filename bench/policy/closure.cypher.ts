import { MOST_HOPS } from '../../src/governance/labels/facts.js';

/** What anybody would write to know of what some versions were made: how much it is, and how far it goes. */
export const FLOOR = `// bench.closure
UNWIND $ids AS id
MATCH (root:Version&Node {id: id})
WITH collect(root) AS roots
UNWIND roots AS root
MATCH p = (root)<-[:USED_BY|GENERATED*1..${MOST_HOPS}]-(x)
WHERE all(flow IN relationships(p) WHERE flow.since <= datetime($asOf) AND flow.recordedAt <= datetime($knownAt))
WITH x, min(length(p)) AS depth
RETURN count(x) AS reached, max(depth) AS deepest`;

export const PROMOTE = `// bench.promote
MATCH (p:User {id: $id}) SET p.role = 'ADMIN'
RETURN p.id AS id`;

/** Versions of data sets that are there, each of a data set of its own as far as they go. */
export const ADD_VERSIONS = `// bench.addVersions
MATCH (a:Asset:Dataset) WITH a LIMIT 20000
WITH collect(a) AS assets
UNWIND $rows AS r
OPTIONAL MATCH (own:Asset {id: r.asset})
WITH r, coalesce(own, assets[toInteger(r.number) % size(assets)]) AS a
CREATE (v:Node:Version:DatasetVersion {id: r.id, assetId: a.id, version: r.version, key: a.id + ':' + r.version, kind: 'DATASET', digest: r.digest,
  metrics: '{}', parameters: '{}', createdAt: datetime($at)})-[:VERSION_OF]->(a)
RETURN count(v) AS made`;

/** Runs of transformations that are there; each reads versions and makes one. */
export const ADD_RUNS = `// bench.addRuns
MATCH (t:Asset:Transformation) WITH t LIMIT 20000
WITH collect(t) AS transformations
UNWIND $rows AS r
WITH r, transformations[toInteger(r.number) % size(transformations)] AS t
MATCH (made:Node {id: r.output})
CREATE (run:Node:Run {id: r.id, transformationId: t.id, state: 'SUCCEEDED', facets: '{}', createdAt: datetime($at), startedAt: datetime($at), endedAt: datetime($at)})-[:RUN_OF]->(t)
CREATE (run)-[:GENERATED {since: datetime($at), recordedAt: datetime($at)}]->(made)
WITH run, r
UNWIND r.inputs AS input
MATCH (read:Node {id: input})
CREATE (read)-[:USED_BY {since: datetime($at), recordedAt: datetime($at)}]->(run)
RETURN count(DISTINCT run) AS made`;
