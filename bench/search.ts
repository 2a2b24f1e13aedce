import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { luceneOf, searchQuery } from '../src/catalog/text/search-query.js';
import { callerOf } from './http-caller.js';
import { type Factory, openFactory } from './lineage/graph-cache.js';
import { memberToken, startWeftline } from './lineage/weftline.js';
import { type Bounds, type Measured, measure } from './load.js';
import { printTable, saveResults } from './results.js';

const BOUNDS: Bounds = { callers: 1, requests: 200, seconds: 6 };
const WARM_UP: Bounds = { callers: 2, requests: 400, seconds: 10 };
/** What issue 8 asks of the first page. */
const WANTED_P50_MS = 30;

/** As the generator of the factory names things: a word of few assets, of one in twelve, and one that stands in more than half of them. */
const QUERIES: Readonly<Record<string, string>> = {
  'a name': 'orders_clean_zz',
  'one word': 'embeddings',
  'three words': 'orders masked churn',
  'a beginning': 'emb',
  'a word in six of ten': 'asked',
  'two such words': 'asked many',
};
const PAGE = 'edges { score node { urn name kind } highlights { field text matches { start end } } }';
const SELECTED: Readonly<Record<string, string>> = {
  'first page': PAGE,
  'with count and facets': `${PAGE} totalCount facets { name buckets { value count } }`,
};

interface Result extends Measured {
  query: string;
  what: string;
}

/** The full-text query alone, over Bolt: as many nodes as the page has, in the order of their scores. */
async function measureFloor(factory: Factory): Promise<Result[]> {
  const driver = factory.openDriver();
  const session = driver.session({ database: 'neo4j' });
  const statement = `CALL db.index.fulltext.queryNodes('asset_search', $p.lucene, {limit: $p.limit}) YIELD node, score
RETURN node.urn AS urn, node.name AS name, node.kind AS kind, score`;
  try {
    const results: Result[] = [];
    for (const [query, typed] of Object.entries(QUERIES)) {
      const p = { lucene: luceneOf(searchQuery(typed)), limit: 21n };
      const ask = (): Promise<unknown> => session.executeRead((tx) => tx.run(statement, { p }));
      results.push({ query, what: 'full-text query over Bolt', ...(await measure(ask, BOUNDS)) });
    }
    return results;
  } finally {
    await session.close();
    await driver.close();
  }
}

async function measureSize(assets: number): Promise<Result[]> {
  const factory = await openFactory({ assets, seed: 1, fresh: false });
  try {
    const token = await memberToken(factory);
    const server = await startWeftline(factory);
    try {
      const ask = callerOf(server.address, token);
      const results: Result[] = [];
      for (const [what, selected] of Object.entries(SELECTED)) {
        for (const [query, typed] of Object.entries(QUERIES)) {
          const operation = {
            query: `query ($q: String!) { search(query: $q, first: 20) { ${selected} } }`,
            variables: { q: typed },
          };
          const answered = async (): Promise<void> => {
            const answer = await ask(operation);
            if (answer.includes('"errors"')) throw new Error(`"${typed}": ${answer.slice(0, 300)}`);
          };
          await measure(answered, WARM_UP);
          results.push({ query, what, ...(await measure(answered, BOUNDS)) });
        }
      }
      return [...results, ...(await measureFloor(factory))];
    } finally {
      await server.stop();
    }
  } finally {
    await factory.stop();
  }
}

/** How long the first page of a search takes a member, in factories of several sizes, beside the bare query of the index. */
export async function benchSearch(args: readonly string[]): Promise<string> {
  const { values } = parseArgs({ args: [...args], options: { assets: { type: 'string', default: '10000,1000000' } } });
  const measured: Record<string, Result[]> = {};
  for (const size of values.assets.split(',').map(Number)) {
    if (!Number.isSafeInteger(size) || size < 10_000)
      throw new Error(`--assets is "${values.assets}"; give whole numbers from 10000 on.`);
    const results = await measureSize(size);
    measured[size] = results;
    const whats = [...new Set(results.map(({ what }) => what))];
    const p50 = (query: string, what: string): string =>
      String(results.find((each) => each.query === query && each.what === what)?.p50Ms ?? '');
    process.stdout.write(`${size} assets, p50 in ms:\n`);
    printTable([
      ['', ...whats.map((what) => what.slice(0, 11))],
      ...Object.keys(QUERIES).map((query) => [query, ...whats.map((what) => p50(query, what))]),
    ]);
  }
  process.stdout.write(`Wanted: a first page in ${WANTED_P50_MS} ms at most.\n`);
  return saveResults('search', { measured });
}
