import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/**
 * Keeps results that are not kept yet, in the order of their keys, so that two who report the same wait for one another and neither for
 * ever. What they are of is looked up without a lock: an asset may just have been deleted, and its results with it.
 */
export const RECORD_QUALITY = `// catalog.recordQuality
UNWIND $results AS result
MATCH (of:Node) ${sought('of:Node', 'id', 'result.of')}
MERGE (q:QualityResult {key: result.key})
  ON CREATE SET q:Node, q += result.content
WITH q, of, result WHERE q.id = result.content.id
CREATE (q)-[:QUALITY_OF]->(of)
RETURN count(q) AS added`;

/** Which fields a data set has, or had. */
export const KNOWN_FIELDS = `// catalog.knownFields
UNWIND $names AS name
MATCH (f:Field) ${sought('f:Field', 'key', "$assetId + ':' + name")}
RETURN name`;

/** Whether the viewer may know of the run: a row where they may. */
export const SEE_RUN = `// catalog.seeRun
MATCH (r:Run&Node)-[:RUN_OF]->(t:Asset) ${sought('r:Node', 'id', '$runId')} AND r.id < $viewer.ceiling AND ${visibleTo('t')}
RETURN r.id AS id`;

export const QUALITY_SEEN = `MATCH (q:QualityResult {id: id})
MATCH (a:Asset {id: q.assetId}) WHERE q.id < $viewer.ceiling AND ${visibleTo('a')}`;
export const QUALITY_BY_ID = `// catalog.qualityById
UNWIND $ids AS id
${QUALITY_SEEN}
RETURN properties(q) AS result`;

const WANTED = `($kind IS NULL OR q.kind = $kind) AND ($success IS NULL OR q.success = $success)
    AND ($assertion IS NULL OR q.assertion = $assertion) AND ($field IS NULL OR q.field = $field)`;

/** What the results are of, as far as the viewer may know of it. */
const SUBJECTS = {
  versionId: `MATCH (v:Version&Node {id: id})-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling AND ${visibleTo('a')}`,
  assetId: `MATCH (a:Asset {id: id}) WHERE ${visibleTo('a')}`,
} as const;

const resultsOf = (of: keyof typeof SUBJECTS, name: string) =>
  paged(
    'q',
    'DESC',
    (window, tail) => `// catalog.${name}
UNWIND $ids AS id
${SUBJECTS[of]}
CALL (id) {
  MATCH (q:QualityResult {${of}: id}) WHERE ${window}
    AND ${WANTED}
  WITH q ${tail}
  RETURN collect(properties(q)) AS results
}
RETURN id, results`,
    'key',
  );

/** Of all keys: an index of two properties is used by who asks for both. */
const ALL = "q.key > ''";

const countOf = (of: keyof typeof SUBJECTS, name: string): string => `// catalog.${name}
UNWIND $ids AS id
${SUBJECTS[of]}
RETURN id, COUNT { MATCH (q:QualityResult {${of}: id}) WHERE ${ALL} AND q.id < $viewer.ceiling
    AND ${WANTED} } AS total`;

export const QUALITY_OF_VERSION = resultsOf('versionId', 'qualityOfVersion');
export const COUNT_QUALITY_OF_VERSION = countOf('versionId', 'countQualityOfVersion');
export const QUALITY_OF_DATASET = resultsOf('assetId', 'qualityOfDataset');
export const COUNT_QUALITY_OF_DATASET = countOf('assetId', 'countQualityOfDataset');

/** Of each test the newest outcome; of several of one time the worst, so that the order in which they came decides nothing. */
export const QUALITY_STATUS = `// catalog.qualityStatus
UNWIND $ids AS id
${SUBJECTS.versionId}
CALL (id) {
  MATCH (q:QualityResult {versionId: id}) WHERE ${ALL} AND q.kind = 'ASSERTION' AND q.id < $viewer.ceiling
    AND ($asOf IS NULL OR q.measuredAt <= $asOf) AND ($knownAt IS NULL OR q.recordedAt <= $knownAt)
  WITH q.check AS check, q.measuredAt AS at, max(q.outcome) AS outcome ORDER BY at DESC
  WITH check, collect(outcome)[0] AS newest, max(at) AS at
  RETURN count(CASE WHEN newest = 0 THEN 1 END) AS passed, count(CASE WHEN newest = 1 THEN 1 END) AS warned,
         count(CASE WHEN newest = 2 THEN 1 END) AS failed, max(at) AS checkedAt
}
RETURN id, passed, warned, failed, checkedAt`;
