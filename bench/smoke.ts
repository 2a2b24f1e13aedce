import { urnKey } from '../src/catalog/urn.js';
import { TRACE } from '../src/lineage/lineage.cypher.js';
import { Graph } from '../src/neo4j/graph.js';
import { type DemoServer, startDemoServer } from './demo-server.js';
import { type Bounds, type Measured, measure } from './load.js';
import { MEASURED, readOperation } from './operations.js';
import { printTable, saveResults } from './results.js';

const BOUNDS: Bounds = { callers: 8, requests: 2_000, seconds: 4 };
const LINEAGE = '17-lineage-upstream';

/** What the sample selects, and what its statement is made for. */
const WANTS = { page: true, edges: true, claims: true, assets: true, completeness: true, more: false, total: false };
const SHAPE = {
  ...{ direction: 'UPSTREAM' as const, bound: 20 },
  ...{ several: false, past: false, until: false, ignore: false },
};

interface Result extends Measured {
  name: string;
}

/** The least this server takes for any request: nothing is asked of the database but who calls. */
const measureFloor = (server: DemoServer): Promise<Measured> =>
  measure(() => server.ask({ query: '{ __typename }', variables: {} }), BOUNDS);

/** The statement of the lineage sample alone, over Bolt: what of its time is the database's and the driver's. */
async function measureStatement(server: DemoServer): Promise<Measured> {
  const driver = server.openDriver();
  try {
    const graph = new Graph(driver, { database: 'neo4j', timeoutMs: 15_000 });
    const [ref = ''] = readOperation(LINEAGE).variables['of'] as string[];
    const now = new Date();
    const parameters = {
      questions: [{ key: '', refs: [{ ref, key: urnKey(ref) }] }],
      viewer: { ids: [], readsAll: true, discovers: true },
      ...{ asOf: now, knownAt: now, shownAt: null, now, depth: 20, first: 200, limit: 201 },
      ...{ kinds: null, filtered: false, ignore: null, until: null, after: null, wants: WANTS },
    };
    const origin = { requestId: 'bench', operation: 'bench' };
    return await measure(() => graph.read(origin, TRACE(SHAPE), parameters), BOUNDS);
  } finally {
    await driver.close();
  }
}

async function measureAll(server: DemoServer): Promise<Result[]> {
  const results: Result[] = [{ name: 'floor: { __typename }', ...(await measureFloor(server)) }];
  for (const name of MEASURED) {
    const operation = readOperation(name);
    results.push({ name, ...(await measure(() => server.ask(operation), BOUNDS)) });
  }
  results.push({ name: `${LINEAGE}: its statement over Bolt`, ...(await measureStatement(server)) });
  return results;
}

/** A line for each, with its rate as a share of the floor's in the same run: that compares between machines. */
function print(results: readonly Result[]): void {
  const floor = results[0]?.perSecond ?? 0;
  const rows = results.map(({ name, perSecond, p50Ms, p99Ms }) => [
    ...[name, String(perSecond), String(p50Ms), String(p99Ms), (perSecond / floor).toFixed(3)],
  ]);
  printTable([['', 'requests/s', 'p50 ms', 'p99 ms', 'of floor'], ...rows]);
}

/** The built server with the graph of the demo, asked the most usual operations over HTTP by several callers at once. */
export async function benchSmoke(): Promise<string> {
  const server = await startDemoServer();
  try {
    const results = await measureAll(server);
    print(results);
    return saveResults('smoke', { bounds: BOUNDS, results });
  } finally {
    await server.stop();
  }
}
