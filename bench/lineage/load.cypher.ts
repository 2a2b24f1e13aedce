/**
 * What the load writes, as the product would have left it (the words of a search are put to it by the migrations): asset.cypher.ts, run.cypher.ts, version.cypher.ts. Rows are
 * lists, and nodes are found by the number the store gave them, because both are much faster; the indexes come after.
 */
const time = (value: string): string => `datetime({epochMillis: toInteger(${value})})`;

export const LOAD_PRINCIPALS = `// bench.loadPrincipals
UNWIND $rows AS r
CREATE (p:Node:Principal {id: r[0], name: r[1], createdAt: ${time('r[3]')}})
FOREACH (_ IN CASE WHEN r[2] THEN [1] ELSE [] END | SET p:Team)
FOREACH (_ IN CASE WHEN r[2] THEN [] ELSE [1] END | SET p:User, p.handle = r[1], p.role = 'MEMBER')
RETURN collect(id(p)) AS numbers`;

const REVISION = `CREATE (kept:AssetRevision)-[:REVISION_OF]->(a)
SET kept = properties(a), kept.key = a.id + ':' + toString(a.revision), kept.from = a.updatedAt, kept.fields = '[]',
    kept.since = CASE a.revision WHEN 1 THEN datetime('0001-01-01T00:00:00Z') ELSE a.updatedAt END,
    kept.until = datetime('9999-12-31T23:59:59.999Z')`;

export const LOAD_ASSETS = (label: string): string => `// bench.loadAssets
UNWIND $rows AS r
MATCH (owner) WHERE id(owner) = r[8]
WITH r, owner, ${time('r[7]')} AS at
CREATE (a:Node:Asset:${label} {
  id: r[0], urn: r[1], name: r[3], namespace: r[4], description: r[5], tags: r[6], kind: $kind,
  visibility: r[9], ownVisibility: r[9], properties: '{}', environment: $environment, fieldNames: [],
  createdAt: at, updatedAt: at, revision: 1, ownerIds: [owner.id]
})
CREATE (:Alias {key: r[2], urn: r[1]})-[:NAMES]->(a)
CREATE (:Alias {key: 'id:' + r[0]})-[:NAMES]->(a)
CREATE (owner)-[:OWNS {role: 'OWNER', since: at}]->(a)
${REVISION}
RETURN collect(id(a)) AS numbers`;

export const LOAD_STEWARDS = `// bench.loadStewards
UNWIND $rows AS r
MATCH (a) WHERE id(a) = r[0]
MATCH (p) WHERE id(p) = r[1]
CREATE (p)-[:OWNS {role: 'STEWARD', since: ${time('r[2]')}}]->(a)
SET a.ownerIds = a.ownerIds + p.id
RETURN count(*) AS made`;

export const LOAD_CHANGES = `// bench.loadChanges
UNWIND $rows AS r
MATCH (a) WHERE id(a) = r[0]
FOREACH (_ IN CASE WHEN r[5] THEN [1] ELSE [] END | CREATE (:Alias {key: r[3], urn: r[2]})-[:NAMES]->(a))
SET a.name = r[1], a.urn = r[2], a.tags = r[4], a.revision = 2, a.updatedAt = ${time('r[6]')}
WITH a
MATCH (a)<-[:REVISION_OF]-(before:AssetRevision)
SET before.until = a.updatedAt
${REVISION}
RETURN count(*) AS made`;

export const LOAD_VERSIONS = (label: string): string => `// bench.loadVersions
UNWIND $rows AS r
MATCH (a) WHERE id(a) = r[0]
CREATE (v:Node:Version:${label} {
  id: r[1], assetId: r[2], version: r[3], key: r[2] + ':' + r[3], kind: $kind, metrics: '{}', parameters: '{}',
  createdAt: ${time('r[4]')}
})-[:VERSION_OF]->(a)
RETURN collect(id(v)) AS numbers`;

export const LOAD_RUNS = `// bench.loadRuns
UNWIND $rows AS r
MATCH (t) WHERE id(t) = r[0]
WITH r, t, ${time('r[3]')} AS at
CREATE (run:Node:Run {
  id: r[1], transformationId: r[2], state: 'SUCCEEDED', facets: '{}', createdAt: at, startedAt: at,
  endedAt: at + duration('PT20M')
})-[:RUN_OF]->(t)
RETURN collect(id(run)) AS numbers`;

/** Each a pair of version and run. */
export const LOAD_INPUTS = `// bench.loadInputs
UNWIND $rows AS r
MATCH (v) WHERE id(v) = r[0]
MATCH (run) WHERE id(run) = r[1]
CREATE (v)-[:USED_BY]->(run)
RETURN count(*) AS made`;

export const LOAD_OUTPUTS = `// bench.loadOutputs
UNWIND $rows AS r
MATCH (v) WHERE id(v) = r[0]
MATCH (run) WHERE id(run) = r[1]
CREATE (run)-[:GENERATED]->(v)
RETURN count(*) AS made`;

const maybeTime = (value: string): string => `CASE WHEN ${value} IS NULL THEN null ELSE ${time(value)} END`;

export const LOAD_CLAIMS = `// bench.loadClaims
UNWIND $rows AS r
MATCH (s) WHERE id(s) = r[0]
MATCH (t) WHERE id(t) = r[1]
CREATE (s)-[:FEEDS {
  id: r[2], source: r[3], runId: r[4], validFrom: ${time('r[5]')}, validUntil: ${maybeTime('r[6]')},
  recordedAt: ${time('r[7]')}, retractedAt: ${maybeTime('r[8]')}
}]->(t)
RETURN count(*) AS made`;
