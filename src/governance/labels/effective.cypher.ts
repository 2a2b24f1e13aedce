import { visibleTo } from '../../auth/rights.cypher.js';
import { heldAt } from '../../catalog/model/revision.cypher.js';
import { nameThen } from '../../lineage/fields/field-lineage.cypher.js';
import { heldFlow } from '../../lineage/runs/provenance.cypher.js';
import { liveClaim } from '../../lineage/trace/trace.cypher.js';
import { sought } from '../../neo4j/sought.js';
import { MOST_HOPS } from './facts.js';

/**
 * A declaration counts when it was valid at `$validAt` and recorded by `$knownAt`. At present one whose beginning was the time it was
 * recorded counts by that it is there: the clock of the server that recorded it may be ahead.
 */
const liveDeclaration = (said: string): string =>
  `(${said}.validFrom <= $validAt OR (NOT $past AND ${said}.validFrom <= ${said}.recordedAt))
    AND coalesce(${said}.validUntil > $validAt, true)
    AND ${said}.recordedAt <= $knownAt AND coalesce(${said}.retractedAt > $knownAt, true)`;

const liveGrant = (grant: string): string =>
  `${grant}.approvedAt <= $validAt AND ${grant}.approvedAt <= $knownAt AND ${grant}.expiresAt > $validAt
    AND coalesce(${grant}.revokedAt > $asOf OR ${grant}.revokedAt > $knownAt, true)`;

/** Whether the transformation had other code than the grant is for by the time the run began: that makes it void, for good. */
const isVoidAt = (grant: string, run: string): string =>
  `EXISTS { MATCH (other:AssetRevision)-[:REVISION_OF]->(a) WHERE other.revision > ${grant}.assetRevision
      AND coalesce(other.codeRef, '') <> ${grant}.codeRef AND other.from <= ${run}.createdAt }`;

/** Nothing leads there: at present the degree of the node says so; of a past, relationships have to be read. */
const nothingLeads = (
  type: 'GENERATED' | 'USED_BY',
): string => `CASE WHEN NOT $past THEN NOT EXISTS { (x)<-[:${type}]-() }
    ELSE NOT EXISTS { MATCH (x)<-[flow:${type}]-() WHERE ${heldFlow('flow')} } END`;

/**
 * Of versions and runs `known`, bound with their depth to `x` and `depth`: only what carries labels or grants, and where the line
 * ends. The label `Labelled` of a node says that somebody declared something of it, `Declassifies` that a grant is for its code: so all
 * others cost no more than being reached, with the hop to their asset. Edges are read only where a grant lives.
 */
const CLOSURE = `CALL (roots) {
  CALL (roots) {
    UNWIND roots AS root
    MATCH p = (root)<-[:USED_BY|GENERATED*1..${MOST_HOPS}]-(x)
    WHERE all(flow IN relationships(p) WHERE ${heldFlow('flow')})
    WITH x, min(length(p)) AS depth
    RETURN x, depth
    UNION ALL
    UNWIND roots AS x
    RETURN x, 0 AS depth
  }
  WITH x, min(depth) AS depth
  MATCH (x)-[:VERSION_OF|RUN_OF]->(a:Asset)
  WITH x, depth, a,
    CASE WHEN x:Version THEN ${nothingLeads('GENERATED')} ELSE ${nothingLeads('USED_BY')} END AS ends
  RETURN collect(x) AS known, max(depth) AS deepest,
    collect(CASE WHEN a:Labelled OR x:Labelled OR ends OR a:Declassifies THEN {x: x, a: a, depth: depth, ends: ends} END) AS told
}`;

const OUTPUTS = `CASE WHEN ends AND x:Run THEN COLLECT {
    MATCH (x)-[flow:GENERATED]->(v)-[:VERSION_OF]->(of:Asset) WHERE ${heldFlow('flow')} AND v IN known
    RETURN {versionId: v.id, assetId: of.id}
  } END`;

/** Columns that a declaration can mean: by the name that they have, or had. */
const NAMED_COLUMNS = `CASE WHEN d.field IS NULL THEN [] ELSE COLLECT {
    CALL (d, of) {
      MATCH (f:Field {key: of.id + ':' + d.field}) RETURN f
      UNION
      MATCH (f:Field {renamedIn: of.id}) WHERE f.name = d.field OR d.field IN f.formerNames RETURN f
    }
    RETURN f.id
  } END`;

/**
 * What is known of columns, only where something is declared of one: how the runs and versions hang together with data sets, and what was
 * ever claimed of columns within these transformations, as it is known at the clocks. Of more than `$mostColumns` nothing is told.
 */
const COLUMNS = `CALL (known, declarations) {
  WITH known WHERE any(each IN declarations WHERE each.said.field IS NOT NULL)
  UNWIND known AS v
  MATCH (v:DatasetVersion)-[:VERSION_OF]->(d:Asset)
  OPTIONAL MATCH (v)<-[flow:GENERATED]-(r:Run)-[:RUN_OF]->(t:Asset) WHERE ${heldFlow('flow')}
  RETURN collect(DISTINCT [v.id, d.id]) AS tables, collect(DISTINCT d) AS datasets,
    collect(DISTINCT CASE WHEN r IS NOT NULL THEN {id: r.id, code: t.id, begin: coalesce(r.startedAt, r.createdAt)} END) AS runs,
    collect(DISTINCT t) AS codes, collect(DISTINCT CASE WHEN t IS NOT NULL THEN [t.id, d] END) AS pairs
}
CALL (pairs) {
  CALL (pairs) {
    UNWIND pairs AS pair
    WITH pair[0] AS via, pair[1] AS d
    MATCH (d)<-[:FIELD_OF]-(target:Field)<-[claim:FEEDS_FIELD]-(source:Field)-[:FIELD_OF]->(of:Asset)
    WHERE claim.via = via AND claim.validFrom <= $asOf AND claim.recordedAt <= $knownAt AND coalesce(claim.retractedAt > $knownAt, true)
    RETURN {source: source.id, of: of.id, target: target.id, to: d.id, via: via, runId: claim.runId, since: claim.validFrom,
      until: claim.validUntil, live: coalesce(claim.validUntil > $validAt, true),
      kept: NOT (claim.masking OR claim.type = 'INDIRECT' OR claim.subtype = 'AGGREGATION')} AS stated LIMIT $mostColumns
  }
  RETURN collect(stated) AS stated
}
CALL (pairs) {
  CALL (pairs) {
    UNWIND pairs AS pair
    WITH DISTINCT pair[1] AS d
    MATCH (f:Field)-[:FIELD_OF]->(d)
    RETURN {id: f.id, of: d.id, name: ${nameThen('f')}, removedAt: f.removedAt} AS column LIMIT $mostColumns
  }
  RETURN collect(column) AS columns
}
CALL (datasets) {
  CALL (datasets) {
    UNWIND datasets AS d
    MATCH (d)<-[:FIELD_OF]-(part:Field)-[place:PART_OF]->(whole:Field)
    RETURN {part: part.id, whole: whole.id, live: place.until IS NULL} AS place LIMIT $mostColumns
  }
  RETURN collect(place) AS places
}
CALL (codes) {
  UNWIND codes AS t
  RETURN collect({id: t.id, was: COLLECT {
    MATCH (r:AssetRevision)-[:REVISION_OF]->(t) RETURN {from: r.from, code: coalesce(r.codeRef, '')} ORDER BY r.revision
  }}) AS codeOf
}`;

const ANSWER = `CALL (told) {
  UNWIND told AS each
  WITH each.x AS x, each.a AS a WHERE x:Run AND a:Declassifies
  MATCH (g:DeclassificationGrant)-[:LOWERS]->(a) WHERE ${liveGrant('g')} AND NOT ${isVoidAt('g', 'x')}
  RETURN collect({runId: x.id, facets: x.facets, grant: properties(g), codeRef: head(COLLECT {
    MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE ${heldAt('r', 'x.createdAt')} RETURN r.codeRef })}) AS grants
}
CALL (told, assets) {
  UNWIND [each IN told WHERE each.a:Labelled | each.a] + [each IN told WHERE each.x:Labelled | each.x]
    + [each IN assets WHERE each.a:Labelled | each.a] AS target
  WITH DISTINCT target
  MATCH (d:LabelDeclaration)-[:LABELS]->(target) WHERE ${liveDeclaration('d')}
  OPTIONAL MATCH (target)-[:VERSION_OF]->(own:Asset)
  WITH d, coalesce(own, target) AS of
  RETURN collect({said: properties(d), assetId: of.id, visible: ${visibleTo('of')}, columns: ${NAMED_COLUMNS}}) AS declarations
}
WITH *, size(grants) > 0 OR any(each IN declarations WHERE each.said.field IS NOT NULL) AS byWays
CALL (told, known, byWays) {
  UNWIND told AS each
  WITH known, byWays, each.x AS x, each.a AS a, each.depth AS depth, each.ends AS ends ORDER BY depth
  WITH known, x, a, depth, ends, x:Labelled AS own, a:Labelled AS ofAsset, byWays OR (ends AND x:Run) AS alone
  WHERE own OR ofAsset OR ends
  WITH known, CASE WHEN own OR ofAsset THEN a END AS a, CASE WHEN own THEN x END AS own, ends, CASE WHEN alone THEN x END AS alone,
    min(depth) AS depth, head(collect(x)) AS x
  RETURN collect({at: x.id, assetId: a.id, versionId: own.id, depth: depth, ends: ends, outputs: ${OUTPUTS}}) AS carriers
}
CALL (known, byWays) {
  UNWIND CASE WHEN byWays THEN known ELSE [] END AS t
  MATCH (t)<-[flow:USED_BY|GENERATED]-(s) WHERE ${heldFlow('flow')}
  RETURN collect([s.id, t.id]) AS edges
}
${COLUMNS}
RETURN index, [root IN roots | root.id] AS rootIds, carriers, declarations, grants, edges, deepest,
  [each IN assets | {at: each.a.id, assetId: each.a.id, depth: each.depth, ends: each.ends}] AS assets,
  {tables: tables, runs: runs, codes: codeOf, stated: stated, columns: columns, places: places} AS columns`;

/** What carries labels or grants up the line of each group of versions, in one statement. */
export const LABELS_OF_VERSIONS = `// governance.labelsOfVersions
UNWIND range(0, size($groups) - 1) AS index
CALL (index) {
  UNWIND $groups[index] AS id
  MATCH (root:Version&Node) ${sought('root:Node', 'id', 'id')}
  RETURN collect(DISTINCT root) AS roots
}
WITH index, roots, [] AS assets
${CLOSURE}
${ANSWER}`;

/**
 * The same of an asset: of all its versions, of what a deployment serves then, and where there is neither, of what feeds it by claims, with
 * all versions of that. A walk along claims goes on only from what has no versions.
 */
export const LABELS_OF_ASSET = `// governance.labelsOfAsset
UNWIND range(0, size($ids) - 1) AS index
MATCH (own:Asset {id: $ids[index]}) WHERE ${visibleTo('own')}
WITH index, own, CASE WHEN own:Deployment
  THEN COLLECT { MATCH (v:Version)-[:RELEASED_AS]->(r:Release)-[:RELEASE_OF]->(own)
    WHERE r.from <= $asOf AND coalesce(r.until > $asOf, true) AND r.createdAt <= $knownAt RETURN DISTINCT v }
  ELSE COLLECT { MATCH (v:Version)-[:VERSION_OF]->(own) WHERE v.createdAt <= $asOf AND v.createdAt <= $knownAt RETURN v } END AS versions
CALL (own, versions) {
  WITH own, versions WHERE size(versions) = 0
  MATCH p = (own)<-[:FEEDS*1..${MOST_HOPS}]-(a)
  WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')}
    AND (endNode(claim) = own OR NOT EXISTS { WITH endNode(claim) AS passed MATCH (passed)<-[:VERSION_OF]-() RETURN 1 }))
  WITH a, min(length(p)) AS depth
  RETURN collect({a: a, depth: depth}) AS fed
}
WITH index, versions, [{a: own, depth: 0}] + fed AS fed
CALL (versions, fed) {
  UNWIND fed AS each
  WITH versions, each.a AS a, each.depth AS depth
  WITH a, depth, COLLECT { MATCH (v:Version)-[:VERSION_OF]->(a) WHERE v.createdAt <= $asOf AND v.createdAt <= $knownAt AND size(versions) = 0 RETURN v } AS found,
    size(versions) = 0 AND NOT EXISTS { MATCH (a)<-[claim:FEEDS]-() WHERE ${liveClaim('claim')} } AS last
  RETURN collect({a: a, depth: depth, ends: last AND size(found) = 0}) AS assets, collect(found) AS founds
}
WITH index, assets, reduce(all = versions, found IN founds | all + found) AS roots
CALL (roots) {
  UNWIND roots AS root
  RETURN collect(DISTINCT root) AS distinctRoots
}
WITH index, distinctRoots AS roots, assets
${CLOSURE}
${ANSWER}`;

/** One shortest way, against nothing but what holds at the clocks: from where a label enters to what was asked about. */
export const WITNESS = `// governance.labelWitness
MATCH (at:Node {id: $from}), (root:Node) WHERE root.id IN $to
MATCH p = shortestPath((at)-[:USED_BY|GENERATED|FEEDS|VERSION_OF|RELEASED_AS|RELEASE_OF*0..${MOST_HOPS}]->(root))
WHERE all(flow IN relationships(p) WHERE CASE type(flow)
  WHEN 'USED_BY' THEN ${heldFlow('flow')} WHEN 'GENERATED' THEN ${heldFlow('flow')}
  WHEN 'FEEDS' THEN $byAssets AND ${liveClaim('flow')} ELSE $rolledUp END)
RETURN [x IN nodes(p) | x.id] AS path ORDER BY length(p) LIMIT 1`;

/** What the steps of ways are, or the grants that lowered a label there, and whether the viewer may see them. */
export const STEPS = `// governance.labelSteps
UNWIND $ids AS id
MATCH (x:Node {id: id})
OPTIONAL MATCH (x)-[:VERSION_OF|RUN_OF|RELEASE_OF|LOWERS]->(of:Asset)
WITH id, x, coalesce(of, x) AS a
RETURN id, CASE WHEN x:Version THEN 'VERSION' WHEN x:Run THEN 'RUN' WHEN x:Release THEN 'RELEASE' ELSE 'ASSET' END AS kind,
  a.urn AS urn, x.version AS version, ${visibleTo('a')} AS visible`;
