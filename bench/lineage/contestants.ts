import neo4j, { type Driver, type Session } from 'neo4j-driver';
import { urnKey } from '../../src/catalog/model/urn.js';
import type { Child } from './child.js';
import { BEFORE_THE_ENDS } from './claim-rows.js';
import { FLOOR, FLOOR_COMPLETE, FLOOR_COUNT, FLOOR_LOOKUP, FLOOR_OF_TEXT } from './floor.cypher.js';
import type { Factory } from './graph-cache.js';
import { type GraphqlClient, openClient } from './http.js';
import type { LoadedRoot } from './load.js';
import { startNeo4jGraphql } from './neo4j-graphql.js';
import { memberToken, startWeftline } from './weftline.js';

/** How much an answer held: all must have found the same. */
interface Held {
  nodes: number;
  edges: number;
}

type Ask = (root: LoadedRoot, first: number) => Promise<Held>;
type Count = (root: LoadedRoot) => Promise<number>;

/** Who is compared, each asked over one connection that stays open. */
export interface Contestants {
  weftline: Child;
  /** Hand-written Cypher over Bolt: what nobody can be faster than. */
  floor: Ask;
  /** The same with what it leaves out, and how many there are. */
  floorComplete: Ask;
  /** Nodes, depth and edges, as the floor answers them. */
  plain: Ask;
  /** With what it leaves out, and how many there are. */
  complete: Ask;
  /** The plain question about a time in the past. */
  asOf: Ask;
  neo4jGraphql: Ask;
  count: Count;
  floorCount: Count;
  lookup: (root: LoadedRoot) => Promise<unknown>;
  floorLookup: (root: LoadedRoot) => Promise<unknown>;
  /** What the server tells of itself at /metrics. */
  heapBytes: () => Promise<number>;
  stop: () => Promise<void>;
}

const question = (also: string): string => `
query Bench($of: [AssetRef!]!, $depth: Int!, $first: Int!, $asOf: DateTime) {
  lineage(of: $of, direction: DOWNSTREAM, depth: $depth, first: $first, asOf: $asOf) {
    nodes { key depth asset { urn name } }
    edges { source target }
    ${also}
  }
}`;
const PLAIN = question('');
const COMPLETE = question('totalCount completeness { complete hiddenNodes cutByDepth cutByPage }');
const COUNT = `query Count($of: [AssetRef!]!, $depth: Int!) {
  lineage(of: $of, direction: DOWNSTREAM, depth: $depth, first: 1) { totalCount }
}`;
const LOOKUP = 'query Lookup($ref: AssetRef!) { asset(ref: $ref) { id urn name kind } }';

const neo4jGraphqlQuestion = (depth: number): string => `
query Bench($of: ID!, $first: Int!, $now: DateTime!) {
  lineage: lineage${depth}(of: $of, first: $first, now: $now) {
    nodes { id urn name depth }
    edges { source target }
  }
}`;

/** Starts all of them on the factory. */
export async function startContestants(factory: Factory, serverFlags: readonly string[]): Promise<Contestants> {
  const weftline = await startWeftline(factory, serverFlags);
  const depths = [...new Set(factory.roots.map(({ depth }) => depth))];
  const other = await startNeo4jGraphql(
    factory.database,
    Object.fromEntries(depths.map((depth) => [depth, FLOOR_OF_TEXT(depth)])),
  );
  const ours = openClient(`${weftline.address}/graphql`, await memberToken(factory));
  const theirs = openClient(other.address, null);
  // Plain numbers are what is quickest to decode.
  const { uri, username, password } = factory.database;
  const driver = neo4j.driver(uri, neo4j.auth.basic(username, password), { disableLosslessIntegers: true });
  const session = driver.session({ database: 'neo4j', defaultAccessMode: neo4j.session.READ });
  return {
    weftline,
    ...overBolt(session),
    ...askWeftline(ours),
    neo4jGraphql: async ({ id, depth }, first) => {
      const variables = { of: id, first, now: new Date().toISOString() };
      return heldBy(await theirs.ask(neo4jGraphqlQuestion(depth), variables));
    },
    heapBytes: () => readHeap(weftline.address),
    stop: () => stopAll(driver, [ours, theirs], [weftline, other]),
  };
}

function overBolt(session: Session): Pick<Contestants, 'floor' | 'floorComplete' | 'floorCount' | 'floorLookup'> {
  const ask = async (cypher: string, parameters: Record<string, unknown>): Promise<unknown> => {
    const { records } = await session.run(cypher, parameters);
    return records[0]?.toObject();
  };
  const parameters = ({ id }: LoadedRoot, first: number): Record<string, unknown> => {
    return { of: id, first: neo4j.int(first), now: neo4j.types.DateTime.fromStandardDate(new Date()) };
  };
  return {
    floor: async (root, first) => heldBy(await ask(FLOOR(root.depth), parameters(root, first))),
    floorComplete: async (root, first) => heldBy(await ask(FLOOR_COMPLETE(root.depth), parameters(root, first))),
    floorCount: async (root) => {
      const { total } = (await ask(FLOOR_COUNT(root.depth), parameters(root, 1))) as { total: number };
      return total;
    },
    floorLookup: ({ urn }) => ask(FLOOR_LOOKUP, { key: urnKey(urn) }),
  };
}

function askWeftline(client: GraphqlClient): Pick<Contestants, 'plain' | 'complete' | 'asOf' | 'count' | 'lookup'> {
  const ask =
    (query: string, asOf: string | null): Ask =>
    async ({ id, depth }, first) =>
      heldBy(await client.ask(query, { of: [id], depth, first, asOf }));
  return {
    plain: ask(PLAIN, null),
    complete: ask(COMPLETE, null),
    asOf: ask(PLAIN, new Date(BEFORE_THE_ENDS).toISOString()),
    count: async ({ id, depth }) => {
      const answer = (await client.ask(COUNT, { of: [id], depth })) as { lineage: { totalCount: number } };
      return answer.lineage.totalCount;
    },
    lookup: ({ urn }) => client.ask(LOOKUP, { ref: urn }),
  };
}

function heldBy(answer: unknown): Held {
  const { lineage } = answer as { lineage: { nodes: unknown[]; edges: unknown[] } };
  return { nodes: lineage.nodes.length, edges: lineage.edges.length };
}

async function readHeap(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(text)?.[1]);
}

async function stopAll(driver: Driver, clients: readonly GraphqlClient[], servers: readonly Child[]): Promise<void> {
  clients.forEach((client) => client.close());
  await driver.close();
  for (const server of servers) await server.stop();
}
