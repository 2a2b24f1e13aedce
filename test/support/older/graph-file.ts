import neo4j, { type Driver, type Duration } from 'neo4j-driver';

/** A whole graph as JSON: nodes by their place in the list, and what leads from one to another. */
export interface GraphFile {
  nodes: { labels: string[]; properties: Record<string, unknown> }[];
  relationships: { from: number; to: number; type: string; properties: Record<string, unknown> }[];
}

const NODES = 'MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties ORDER BY id';
const RELATIONSHIPS = `MATCH (a)-[r]->(b)
RETURN elementId(a) AS from, elementId(b) AS to, type(r) AS type, properties(r) AS properties, elementId(r) AS id ORDER BY id`;

/** All of a small graph, for scripts/record-older-graph.mjs. @public */
export async function readGraph(driver: Driver): Promise<GraphFile> {
  const places = new Map<string, number>();
  const nodes = (await driver.executeQuery(NODES)).records.map((record, place) => {
    places.set(record.get('id') as string, place);
    return { labels: record.get('labels') as string[], properties: encodeAll(record.get('properties') as Properties) };
  });
  const relationships = (await driver.executeQuery(RELATIONSHIPS)).records.map((record) => ({
    from: places.get(record.get('from') as string) ?? -1,
    to: places.get(record.get('to') as string) ?? -1,
    type: record.get('type') as string,
    properties: encodeAll(record.get('properties') as Properties),
  }));
  return { nodes, relationships };
}

/** Makes the graph in an empty database. */
export async function writeGraph(driver: Driver, { nodes, relationships }: GraphFile): Promise<void> {
  const listed = nodes.map(({ labels, properties }, place) => ({
    place: BigInt(place),
    labels,
    is: decodeAll(properties),
  }));
  await driver.executeQuery(
    'UNWIND $nodes AS node CREATE (n:$(node.labels)) SET n = node.is, n.`place in the file` = node.place',
    { nodes: listed },
  );
  await driver.executeQuery(
    `UNWIND $relationships AS each
     MATCH (a {\`place in the file\`: each.from}), (b {\`place in the file\`: each.to})
     CREATE (a)-[r:$(each.type)]->(b) SET r = each.is`,
    {
      relationships: relationships.map(({ from, to, type, properties }) => ({
        ...{ from: BigInt(from), to: BigInt(to), type },
        is: decodeAll(properties),
      })),
    },
  );
  await driver.executeQuery('MATCH (n) REMOVE n.`place in the file`');
}

type Properties = Record<string, unknown>;

const encodeAll = (properties: Properties): Properties => mapOf(properties, encode);
const decodeAll = (properties: Properties): Properties => mapOf(properties, decode);

function mapOf(properties: Properties, change: (value: unknown) => unknown): Properties {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, change(value)]));
}

/** What JSON has no type for, is an object of one member that names it; no property of a graph is an object. */
function encode(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return { float: value };
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Int8Array)
    return { bytes: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') };
  const object = value as object;
  if (neo4j.isDateTime(object)) return { time: object.toString() };
  if (!neo4j.isDuration(object)) throw new Error(`No word for ${JSON.stringify(object)}.`);
  const { months, days, seconds, nanoseconds } = object as unknown as Duration<bigint>;
  return { duration: [months, days, seconds, nanoseconds].map(Number) };
}

function decode(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  if ('float' in value) return value.float;
  if ('bytes' in value) return new Int8Array(Buffer.from(String(value.bytes), 'base64'));
  if ('time' in value) return timeOf(String(value.time));
  if (!('duration' in value)) throw new Error(`No value is written as ${JSON.stringify(value)}.`);
  return new neo4j.types.Duration(...((value.duration as number[]).map(BigInt) as [bigint, bigint, bigint, bigint]));
}

/** To the nanosecond: a Date would lose what is below a millisecond. All times of the graph are of UTC. */
function timeOf(text: string): unknown {
  const [, moment = '', fraction = ''] = /^([\d:T-]+)(?:\.(\d+))?Z/.exec(text) ?? [];
  const [year, month, day, hour, minute, second] = moment.split(/[:T-]/).map(BigInt) as Numbers;
  return new neo4j.types.DateTime(year, month, day, hour, minute, second ?? 0n, BigInt(fraction.padEnd(9, '0')), 0n);
}

type Numbers = [bigint, bigint, bigint, bigint, bigint, bigint | undefined];
