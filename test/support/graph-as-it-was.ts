import type { Driver, Node, Relationship } from 'neo4j-driver';

/** All that is in a small graph, to be written again. */
export interface GraphAsItWas {
  nodes: { id: string; labels: string[]; properties: Record<string, unknown> }[];
  relationships: { from: string; to: string; type: string; properties: Record<string, unknown> }[];
}

export async function writtenDown(driver: Driver): Promise<GraphAsItWas> {
  const nodes = await driver.executeQuery('MATCH (n) RETURN n');
  const relationships = await driver.executeQuery('MATCH ()-[r]->() RETURN r');
  return {
    nodes: nodes.records
      .map((record) => record.get('n') as Node)
      .map(({ elementId, labels, properties }) => ({ id: elementId, labels, properties })),
    relationships: relationships.records
      .map((record) => record.get('r') as Relationship)
      .map(({ startNodeElementId, endNodeElementId, type, properties }) => ({
        ...{ from: startNodeElementId, to: endNodeElementId, type, properties },
      })),
  };
}

/** Takes away all that is in the graph, and writes what was there before it. Indexes, constraints and plans stay. */
export async function emptiedTo(driver: Driver, { nodes, relationships }: GraphAsItWas): Promise<void> {
  const session = driver.session();
  try {
    await session.run('MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS');
    await session.executeWrite((transaction) =>
      transaction.run(
        `UNWIND $nodes AS node CREATE (n:$(node.labels)) SET n = node.properties
         WITH collect({id: node.id, n: n}) AS made
         UNWIND $relationships AS each
         WITH each, [m IN made WHERE m.id = each.from | m.n][0] AS from, [m IN made WHERE m.id = each.to | m.n][0] AS to
         CREATE (from)-[r:$(each.type)]->(to) SET r = each.properties`,
        { nodes, relationships },
      ),
    );
  } finally {
    await session.close();
  }
}

/** Takes away all that is in the graph, constraints and indexes too, but for those by which Neo4j finds labels and types. */
export async function strippedBare(driver: Driver): Promise<void> {
  await driver.executeQuery('MATCH (n) DETACH DELETE n');
  for (const name of await namesOf(driver, 'SHOW CONSTRAINTS YIELD name'))
    await driver.executeQuery(`DROP CONSTRAINT \`${name}\``);
  for (const name of await namesOf(driver, "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'"))
    await driver.executeQuery(`DROP INDEX \`${name}\``);
}

async function namesOf(driver: Driver, statement: string): Promise<string[]> {
  return (await driver.executeQuery(statement)).records.map((record) => String(record.get('name')));
}
