// A field that was renamed is found by the names it had, and one whose name another took after its end, by that.
CREATE INDEX field_renamed_in IF NOT EXISTS FOR (f:Field) ON (f.renamedIn);
// Nested fields know what they lie in: the fields on their path that the data set has. Of names with backticks, which
// no program wrote until now, it is told when the fields are written next.
MATCH (f:Field)
WHERE f.removedAt IS NULL AND f.name CONTAINS '.' AND NOT f.name CONTAINS '`' AND NOT EXISTS { (f)-[:PART_OF]->(:Field) }
CALL (f) {
  WITH f, left(f.key, size(f.key) - size(f.name)) AS place, split(f.name, '.') AS parts
  WHERE size(parts) <= 20 AND NOT '' IN parts
  UNWIND range(1, size(parts) - 1) AS length
  WITH f, length, reduce(key = place + parts[0], part IN parts[1..length] | key + '.' + part) AS key
  MATCH (whole:Field {key: key}) WHERE whole.removedAt IS NULL
  CREATE (f)-[:PART_OF]->(whole)
} IN TRANSACTIONS OF 1000 ROWS;
