import type { openDriver } from '../../src/neo4j/graph.js';

type Driver = ReturnType<typeof openDriver>;
type Properties = Record<string, unknown>;

interface Made {
  /** By their labels, ":A:B". */
  nodes: Map<string, { number: bigint; properties: Properties }[]>;
  /** By their type. */
  relationships: Map<string, { start: bigint; end: bigint; properties: Properties }[]>;
}

/** The highest numbers that the store has given, before something was written. */
interface Mark {
  node: bigint;
  relationship: bigint;
}

/** Names of properties that no two nodes may share. */
const UNIQUE = new Set(['id', 'key', 'urn', 'reportKey', 'name']);
/** The sealing would take copies of entries for forged ones. */
const SEALED = new Set(['AuditEntry', 'UnsealedEntry', 'AuditHead', 'AuditTile']);

/** Where the store is now. */
export async function markOf(driver: Driver): Promise<Mark> {
  const [node] = await ask(driver, 'MATCH (n) RETURN max(id(n)) AS highest', {});
  const [relationship] = await ask(driver, 'MATCH ()-[r]->() RETURN max(id(r)) AS highest', {});
  return { node: numberOf(node?.['highest']), relationship: numberOf(relationship?.['highest']) };
}

/** All nodes and relationships that were made since, with their properties. */
export async function madeSince(driver: Driver, { node, relationship }: Mark): Promise<Made> {
  const nodes: Made['nodes'] = new Map();
  for (const row of await ask(
    driver,
    'MATCH (n) WHERE id(n) > $after RETURN id(n) AS number, labels(n) AS labels, properties(n) AS properties',
    { after: node },
  )) {
    const labels = (row['labels'] as string[]).filter((label) => !SEALED.has(label)).sort();
    const key = labels.map((label) => `:${label}`).join('');
    const all = nodes.get(key) ?? [];
    nodes.set(key, all);
    all.push({ number: numberOf(row['number']), properties: row['properties'] as Properties });
  }
  const relationships: Made['relationships'] = new Map();
  for (const row of await ask(
    driver,
    `MATCH (a)-[r]->(b) WHERE id(r) > $after
     RETURN type(r) AS type, id(a) AS start, id(b) AS end, properties(r) AS properties`,
    { after: relationship },
  )) {
    const all = relationships.get(row['type'] as string) ?? [];
    relationships.set(row['type'] as string, all);
    const { start, end } = row as { start: bigint; end: bigint };
    all.push({ start, end, properties: row['properties'] as Properties });
  }
  return { nodes, relationships };
}

export const sizeOf = ({ nodes, relationships }: Made): { nodes: number; relationships: number } => ({
  nodes: [...nodes.values()].reduce((sum, all) => sum + all.length, 0),
  relationships: [...relationships.values()].reduce((sum, all) => sum + all.length, 0),
});

/**
 * Writes the same once more by hand, in one transaction: a statement for the nodes of each kind and one for the relationships of each
 * type, whose ends are found by their numbers in the store, the fastest way there is. Nothing is read, decided or locked before.
 */
export async function writeAgain(driver: Driver, { nodes, relationships }: Made, copy: string): Promise<void> {
  const session = driver.session({ database: 'neo4j' });
  const tx = session.beginTransaction();
  try {
    const numbers = new Map<bigint, bigint>();
    for (const [labels, all] of nodes) {
      const rows = all.map(({ properties }) => copied(properties, copy));
      const made = await tx.run(`UNWIND $rows AS row CREATE (n${labels}) SET n = row RETURN id(n) AS number`, { rows });
      made.records.forEach((record, at) => numbers.set(all[at]?.number ?? 0n, record.get('number') as bigint));
    }
    for (const [type, all] of relationships) {
      const rows = all.map(({ start, end, properties }) => ({
        ...{ start: numbers.get(start) ?? start, end: numbers.get(end) ?? end },
        properties: copied(properties, copy),
      }));
      await tx.run(
        `UNWIND $rows AS row MATCH (a) WHERE id(a) = row.start MATCH (b) WHERE id(b) = row.end
         CREATE (a)-[r:${type}]->(b) SET r = row.properties`,
        { rows },
      );
    }
    await tx.commit();
  } finally {
    await session.close();
  }
}

function copied(properties: Properties, copy: string): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      name,
      UNIQUE.has(name) && typeof value === 'string' ? `${value} ${copy}` : value,
    ]),
  );
}

async function ask(driver: Driver, cypher: string, parameters: Properties): Promise<Properties[]> {
  const { records } = await driver.executeQuery(cypher, parameters, { database: 'neo4j' });
  return records.map((record) => record.toObject());
}

const numberOf = (value: unknown): bigint => (typeof value === 'bigint' ? value : -1n);
