/** Fields by name or by id, also those that were removed. A name that is no field of its data set gives no row. */
export const FIELDS_NAMED = `// lineage.fieldsNamed
UNWIND $wanted AS wanted
CALL (wanted) {
  MATCH (f:Field {key: wanted.dataset + ':' + wanted.name}) RETURN f
  UNION
  MATCH (f:Field&Node {id: wanted.name})-[:FIELD_OF]->(:Asset {id: wanted.dataset}) RETURN f
}
RETURN wanted.dataset AS dataset, wanted.name AS name, properties(f) AS field`;

/** The fields of data sets that had other names before, or whose name another has taken since they were removed. */
export const FIELDS_RENAMED = `// lineage.fieldsRenamed
UNWIND $ids AS dataset
MATCH (f:Field {renamedIn: dataset})
RETURN dataset, properties(f) AS field`;

/** The fields that a data set has, in their order. */
export const FIELD_NAMES = `// lineage.fieldNames
MATCH (f:Field)-[:FIELD_OF]->(:Asset {id: $dataset}) WHERE f.removedAt IS NULL
WITH f ORDER BY f.ordinal
RETURN collect(f.name) AS names`;

/** All that a stream ever stated between two fields, whatever it said is done to them. */
export const STATED_BETWEEN = `// lineage.statedBetweenFields
UNWIND $pairs AS pair
MATCH (s:ClaimStream {key: pair.stream})
MATCH (f:ClaimedFlow {sourceId: pair.source, targetId: pair.target}) WHERE f.streamId = s.id
RETURN f.sourceId AS source, f.targetId AS target, f.via AS via, f.type AS type, f.subtype AS subtype,
       f.description AS description, f.masking AS masking`;
