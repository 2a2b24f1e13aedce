import { visibleTo } from '../../auth/rights.cypher.js';
import { heldAt } from '../model/revision.cypher.js';

/** Fields with all that lies in them and all that they lie in, in their order. */
export const FIELDS_WITH_KIN = `// catalog.fieldsWithKin
UNWIND $ids AS id
MATCH (f:Field&Node {id: id})-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}
RETURN id, a.id AS dataset, properties(f) AS field, COLLECT {
  MATCH (f)-[place:PART_OF]-(other:Field) WHERE place.until IS NULL AND other.removedAt IS NULL
  RETURN properties(other) ORDER BY other.ordinal
} AS others`;

/** When versions of data sets were published. */
export const TIMES_OF_VERSIONS = `// catalog.timesOfVersions
UNWIND $ids AS id
MATCH (v:DatasetVersion&Node {id: id})-[:VERSION_OF]->(a:Asset) WHERE v.id < $viewer.ceiling AND ${visibleTo('a')}
RETURN id, a.id AS dataset, v.createdAt AS at`;

/** The fields that data sets had at times, each `{dataset, at}` by its `key`; none of one that was not registered by then. */
export const FIELDS_AT = `// catalog.fieldsAt
UNWIND $wanted AS wanted
MATCH (r:AssetRevision)-[:REVISION_OF]->(a:Asset {id: wanted.dataset})
WHERE ${visibleTo('a')} AND ${heldAt('r', 'wanted.at')} AND r.from <= wanted.at
RETURN wanted.key AS key, a.id AS dataset, r.fields AS fields`;
