import { urnKey } from '../src/catalog/model/urn.js';
import { TRACE } from '../src/lineage/trace/lineage.cypher.js';
import { Graph } from '../src/neo4j/graph.js';
import { type DemoServer, startDemoServer } from './demo-server.js';
import { type Bounds, type Measured, measure } from './load.js';
import { MEASURED, readOperation } from './operations.js';
import { printTable, saveResults } from './results.js';

const BOUNDS: Bounds = { callers: 8, requests: 2_000, seconds: 4 };
const LINEAGE = '17-lineage-upstream';
const PAGE = '04-asset-page';
/** Java and Node compile what runs often: what is measured before that is the start. */
const WARM_UP_SECONDS = 30;
const PAGES_COUNTED = 100;
/** What issue 6 asks for. */
const WANTED = { floorPerSecond: 3_000, pageStatements: 3, pageOfOneP50Ms: 3 };

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

/** Everything that is measured, by turns, unmeasured. */
async function warmUp(server: DemoServer): Promise<void> {
  const operations = [{ query: '{ __typename }', variables: {} }, ...MEASURED.map(readOperation)];
  let turn = 0;
  const ask = () => server.ask(operations[turn++ % operations.length] ?? { query: '{ __typename }', variables: {} });
  await measure(ask, { callers: 8, requests: Infinity, seconds: WARM_UP_SECONDS });
}

/** The page of an asset as one caller meets it, with nobody beside them. */
async function measurePage(server: DemoServer) {
  const operation = readOperation(PAGE);
  const before = await server.countStatements();
  for (let asked = 0; asked < PAGES_COUNTED; asked++) await server.ask(operation);
  const after = await server.countStatements();
  // What the server does by itself meanwhile, it does not as often as that.
  const often = [...after].map(([name, count]) => Math.floor((count - (before.get(name) ?? 0)) / PAGES_COUNTED));
  const statements = often.reduce((sum, times) => sum + times, 0);
  const alone = await measure(() => server.ask(operation), { ...BOUNDS, callers: 1 });
  return { statements, ...alone };
}

/** A line for each, with its rate as a share of the floor's in the same run: that compares between machines. */
function print(results: readonly Result[], page: Awaited<ReturnType<typeof measurePage>>): void {
  const floor = results[0]?.perSecond ?? 0;
  const rows = results.map(({ name, perSecond, p50Ms, p99Ms }) => [
    ...[name, String(perSecond), String(p50Ms), String(p99Ms), (perSecond / floor).toFixed(3)],
  ]);
  const alone = [`${PAGE}: one caller`, ...[page.perSecond, page.p50Ms, page.p99Ms].map(String), ''];
  printTable([['', 'requests/s', 'p50 ms', 'p99 ms', 'of floor'], ...rows, alone]);
  process.stdout.write(
    `Floor: ${floor} a second, wanted ${WANTED.floorPerSecond}. The page of an asset: ${page.statements} statements, wanted ${WANTED.pageStatements} at most; ` +
      `one caller ${page.p50Ms} ms, wanted ${WANTED.pageOfOneP50Ms} at most.\n`,
  );
}

/** The built server with the graph of the demo, asked the most usual operations over HTTP by several callers at once. */
export async function benchSmoke(): Promise<string> {
  // The warm-up makes the plans; made ahead, others would be made beside what is measured.
  const server = await startDemoServer({ WEFTLINE_PLAN_AHEAD: 'false' });
  try {
    await warmUp(server);
    const page = await measurePage(server);
    const results = await measureAll(server);
    print(results, page);
    return saveResults('smoke', { bounds: BOUNDS, warmUpSeconds: WARM_UP_SECONDS, results, page });
  } finally {
    await server.stop();
  }
}
