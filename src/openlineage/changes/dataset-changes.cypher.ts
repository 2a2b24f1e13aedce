/**
 * What became of data sets. A run says the same of one several times: it is one change, as of the last event that says it. The event of
 * a start tells what is going to be, any other what is (`done`).
 */
export const WRITE_CHANGES = `// openlineage.writeChanges
UNWIND $rows AS row
MATCH (a:Asset {id: row.assetId})
MERGE (c:DatasetChange {key: row.key})
ON CREATE SET c += row.content, c.recordedAt = $now, c.done = false, c.place = ''
SET c.done = c.done OR row.done
MERGE (c)-[:CHANGE_OF]->(a)
WITH c, row WHERE row.place > c.place
SET c.place = row.place, c.at = row.at, c.producer = row.producer`;
