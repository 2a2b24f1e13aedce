import { visibleTo } from '../../auth/rights.cypher.js';

/** Fields with all that lies in them and all that they lie in, in their order. */
export const FIELDS_WITH_KIN = `// catalog.fieldsWithKin
UNWIND $ids AS id
MATCH (f:Field&Node {id: id})-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}
RETURN id, a.id AS dataset, properties(f) AS field, COLLECT {
  MATCH (f)-[place:PART_OF]-(other:Field) WHERE place.until IS NULL AND other.removedAt IS NULL
  RETURN properties(other) ORDER BY other.ordinal
} AS others`;
