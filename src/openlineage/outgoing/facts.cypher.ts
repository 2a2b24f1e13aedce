import { visibleTo } from '../../auth/rights.cypher.js';
import { nameThen } from '../../lineage/fields/field-lineage.cypher.js';
import { heldFlow } from '../../lineage/runs/provenance.cypher.js';
import { revisionAt, shownAsset } from '../../lineage/trace/asset-snapshot.cypher.js';

/*
 * As of two clocks, `$asOf` and `$knownAt`; both null: now. What was recorded after `$knownAt` is not there by its id, which
 * `$viewer.ceiling` bounds.
 */

/** That a flow is claimed. */
const live = (claim: string): string =>
  `${claim}.validFrom <= coalesce($asOf, $now) AND (${claim}.validUntil IS NULL OR ${claim}.validUntil > coalesce($asOf, $now))
    AND CASE WHEN $knownAt IS NULL THEN ${claim}.retractedAt IS NULL
      ELSE ${claim}.recordedAt <= $knownAt AND coalesce(${claim}.retractedAt > $knownAt, true) END`;

/** That a run read or made a version. */
const held = (flow: string): string => `($asOf IS NULL OR ${heldFlow(flow)})`;

const come = (time: string): string => `($asOf IS NULL OR ${time} <= $asOf)`;
const isThere = (version: string): string => `${version}.id < $viewer.ceiling AND ${come(`${version}.madeAt`)}`;

/** The asset as it was. */
const whole = (asset: string): string =>
  `CASE WHEN $shownAt IS NULL THEN properties(${asset}) ELSE ${shownAsset(asset, true)} END`;
const stateOf = (asset: string): string =>
  `CASE WHEN $shownAt IS NULL OR ${asset}.updatedAt <= $shownAt THEN ${asset} ELSE coalesce(${revisionAt(asset)}, ${asset}) END`;
const nameOf = (asset: string): string => `namespace: (${stateOf(asset)}).namespace, name: (${stateOf(asset)}).name`;

const NAMED = `id: a.id, kind: a.kind, ${nameOf('a')}`;
const VERSION = `${NAMED}, version: v.version, madeAt: v.madeAt, digest: v.digest, rowCount: v.rowCount, bytes: v.bytes, visible: ${visibleTo('a')}`;

/** Runs with what they read and made, the training that was one of them, and the run that began each. */
export const RUN_FACTS = `// outgoing.runs
UNWIND $ids AS id
MATCH (r:Run&Node {id: id})-[:RUN_OF]->(t:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('t')}
RETURN properties(r) AS run, ${whole('t')} AS job,
  COLLECT { MATCH (v:Version)-[used:USED_BY]->(r), (v)-[:VERSION_OF]->(a:Asset) WHERE ${held('used')} AND ${isThere('v')}
    RETURN {${VERSION}, inferred: coalesce(used.inferred, false)} AS read ORDER BY v.id } AS read,
  COLLECT { MATCH (r)-[made:GENERATED]->(v:Version)-[:VERSION_OF]->(a:Asset) WHERE ${held('made')} AND ${isThere('v')}
    RETURN {${VERSION}, inferred: false} AS made ORDER BY v.id } AS made,
  COLLECT { MATCH (j:TrainingJob)-[:EXECUTES]->(r) RETURN properties(j) LIMIT 1 } AS jobs,
  COLLECT { MATCH (p:Run&Node {id: r.parentId})-[:RUN_OF]->(a:Asset) WHERE p.id < $viewer.ceiling AND ${visibleTo('a')}
    RETURN {runId: coalesce(p.externalId, p.id), ${nameOf('a')}} LIMIT 1 } AS parents`;

/** Releases with the deployment and the version that serves there. */
export const RELEASE_FACTS = `// outgoing.releases
UNWIND $ids AS id
MATCH (r:Release&Node {id: id})-[:RELEASE_OF]->(d:Asset) WHERE r.id < $viewer.ceiling AND ${visibleTo('d')}
MATCH (v:Version)-[:RELEASED_AS]->(r), (v)-[:VERSION_OF]->(a:Asset)
RETURN properties(r) AS release, ${whole('d')} AS deployment, {${VERSION}, inferred: false} AS version`;

/** Assets with the fields they have. */
export const ASSET_FACTS = `// outgoing.assets
UNWIND $ids AS id
MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}
RETURN ${whole('a')} AS asset,
  COLLECT { MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL RETURN properties(f) AS field ORDER BY f.ordinal } AS fields`;

/** One version by its id. */
export const VERSION_FACT = `// outgoing.version
MATCH (v:Version&Node {id: $id})-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling AND ${visibleTo('a')}
RETURN {${VERSION}, inferred: false} AS version`;

/** Versions of an asset, those made first before the others, behind an id. */
export const VERSIONS_PAGE = `// outgoing.versionsPage
MATCH (v:Version)-[:VERSION_OF]->(a:Asset {id: $assetId}) WHERE v.id > $behind AND ${isThere('v')} AND ${visibleTo('a')}
WITH v, a ORDER BY v.id LIMIT $chunk
RETURN v.id AS id, {${VERSION}, inferred: false} AS version`;

export const RUNS_PAGE = `// outgoing.runsPage
MATCH (r:Run)-[:RUN_OF]->(:Asset {id: $assetId}) WHERE r.id > $behind AND r.id < $viewer.ceiling AND ${come('coalesce(r.startedAt, r.createdAt)')}
RETURN r.id AS id ORDER BY id LIMIT $chunk`;

export const RELEASES_PAGE = `// outgoing.releasesPage
MATCH (r:Release)-[:RELEASE_OF]->(:Asset {id: $assetId}) WHERE r.id > $behind AND r.id < $viewer.ceiling AND ${come('r.from')}
RETURN r.id AS id ORDER BY id LIMIT $chunk`;

/** Results of quality of a data set, the oldest first, each with the name of its version. */
export const QUALITY_PAGE = `// outgoing.qualityPage
MATCH (a:Asset {id: $assetId}) WHERE ${visibleTo('a')}
MATCH (q:QualityResult {assetId: $assetId}) WHERE q.key > $behind AND q.id < $viewer.ceiling AND ${come('q.measuredAt')}
WITH q ORDER BY q.key LIMIT $chunk
RETURN properties(q) AS result, COLLECT { MATCH (v:Version&Node {id: q.versionId}) WHERE ${isThere('v')} RETURN v.version } AS versions`;

/** What flows into an asset and out of it, and since when. */
export const FLOWS_OF = `// outgoing.flowsOf
MATCH (t:Asset {id: $assetId}) WHERE ${visibleTo('t')}
CALL (t) {
  MATCH (a:Asset)-[claim:FEEDS]->(t) WHERE ${live('claim')} AND ${visibleTo('a')}
  RETURN a, 'IN' AS way, min(claim.validFrom) AS since
  UNION ALL
  MATCH (t)-[claim:FEEDS]->(a:Asset) WHERE ${live('claim')} AND ${visibleTo('a')}
  RETURN a, 'OUT' AS way, min(claim.validFrom) AS since
}
RETURN way, since, {${NAMED}} AS asset ORDER BY way, a.id`;

/** What flows by the asset from columns into those of one data set, in an order of which a part can be asked for. */
export const COLUMNS_OF = `// outgoing.columnsOf
MATCH (b:Asset {id: $dataset}) WHERE ${visibleTo('b')}
MATCH (y:Field)-[:FIELD_OF]->(b)
MATCH (x:Field)-[claim:FEEDS_FIELD]->(y) WHERE claim.via = $assetId AND ${live('claim')}
MATCH (x)-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}
WITH DISTINCT a, x, y, claim.type AS type, claim.subtype AS subtype, claim.description AS description, claim.masking AS masking
WITH * ORDER BY y.id, x.id, type, subtype, description SKIP $skipped LIMIT $chunk
RETURN a.id AS sourceId, (${stateOf('a')}).namespace AS namespace, (${stateOf('a')}).name AS name, ${nameThen('x')} AS sourceField, ${nameThen('y')} AS field, type, subtype, description, masking`;
