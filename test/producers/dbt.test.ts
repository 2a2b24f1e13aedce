/** dbt with DuckDB builds a small shop and reports it by dbt-ol; `weft import dbt` of what it wrote says the same. */
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { DbtShop } from '../support/dbt-project.js';
import { columnsInto, reportingTo, tellAsset, type ToldAsset, upstreamOf } from '../support/producers.js';
import { reportedGraph } from '../support/reported-graph.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { type Outcome, WeftCommand } from '../support/weft-command.js';

let server: TestWeftline;
let driver: Driver;
let shop: DbtShop;
let source: Client;
let weft: WeftCommand;

beforeAll(async () => {
  shop = await DbtShop.make();
  server = await startTestWeftline();
  driver = openSharedDriver();
  source = await server.user();
  weft = await WeftCommand.build();
  const { output } = await shop.run(['build'], reportingTo(server, source));
  expect(output).toMatch(/PASS=\d+ WARN=1 ERROR=0/);
  expect(output).not.toMatch(/Traceback|Failed to emit/);
});
afterAll(async () => {
  weft.remove();
  await driver.close();
  await server.stop();
  shop.remove();
});

const table = (name: string): Promise<ToldAsset | null> =>
  tellAsset(source, 'dataset', shop.tables, `${shop.name}.main.${name}`);
const job = (name: string): Promise<ToldAsset | null> => tellAsset(source, 'transformation', 'dbt', inShop(name));
/** A name of the shop of the fixtures, in the one that this test made of it. */
const inShop = (name: string): string => name.replaceAll('shop', shop.name);
/** The other way round. */
const ofFixture = (names: readonly string[]): string[] => names.map((name) => name.replaceAll(shop.name, 'shop'));

describe('dbt-ol', () => {
  it('makes models and what they are made of', async () => {
    expect(ofFixture(upstreamOf(await table('customer_orders')))).toEqual([
      'DATASET shop.main.raw_customers',
      'DATASET shop.main.raw_orders',
      'DATASET shop.main.stg_customers',
      'DATASET shop.main.stg_orders',
      'DATASET sums',
      'TRANSFORMATION shop.main.shop.customer_orders.build.run',
      'TRANSFORMATION shop.main.shop.stg_customers.build.run',
      'TRANSFORMATION shop.main.shop.stg_orders.build.run',
    ]);
  });

  it('makes the columns that dbt knows, and the ways between them', async () => {
    const { fields } = (await table('stg_customers')) ?? {};
    expect(fields?.map(({ name }) => name)).toEqual(expect.arrayContaining(['customer_id', 'name', 'country']));
    const names = await columnsInto(source, shop.tables, `${shop.name}.main.customer_orders`, 'name');
    expect(ofFixture(names).map((each) => each.trim().split(' ').slice(0, 3).join(' '))).toEqual(
      expect.arrayContaining([
        'shop.main.raw_customers.name > shop.main.stg_customers.name',
        'shop.main.stg_customers.name > shop.main.customer_orders.name',
      ]),
    );
  });

  it('makes a version of each table with the run that made it, which is part of the call of dbt', async () => {
    const { runs: whole } = (await job('dbt-run-shop')) ?? {};
    const { runs } = (await job('shop.main.shop.customer_orders.build.run')) ?? {};
    const { versions } = (await table('customer_orders')) ?? {};
    const [run] = runs?.nodes ?? [];
    expect(run).toMatchObject({ state: 'SUCCEEDED', parent: { externalId: whole?.nodes[0]?.externalId } });
    expect(versions?.nodes).toEqual([expect.objectContaining({ generatedBy: { externalId: run?.externalId } })]);
    expect(run?.inputs.length).toBe(2);
  });

  it('keeps what tests of dbt came to, with how grave it is', async () => {
    expect(qualityOf(await table('stg_orders'))).toEqual([
      'accepted_values status false WARN',
      'assert_amount_positive  true ERROR',
      'relationships customer_id true ERROR',
    ]);
    expect(qualityOf(await table('customer_orders'))).toEqual(['unique customer_id true ERROR']);
  });
});

const qualityOf = (asset: ToldAsset | null): string[] =>
  (asset?.qualityHistory?.nodes ?? [])
    .map(({ assertion, field, success, severity }) => [assertion, field ?? '', success, severity].join(' '))
    .sort();

describe('npx weft import dbt, after dbt-ol of the same call', () => {
  const settings = (): Record<string, string> => ({
    WEFTLINE_URL: server.address,
    WEFTLINE_TOKEN: source.token ?? '',
  });
  const importShop = (...more: string[]): Promise<Outcome> =>
    weft.run(['import', 'dbt', join(shop.folder, 'target'), '--profiles-dir', shop.folder, ...more], settings());
  /** What dbt-ol leaves out: what makes seeds, and who reads models. */
  const BEYOND = ['exposure.shop.sales_board', 'seed.shop.raw_customers', 'seed.shop.raw_orders'];

  it('finds the assets that dbt-ol made, and adds those that it leaves out', async () => {
    const before = await assetsIn('dbt', shop.tables);
    const outcome = await importShop();
    expect(outcome, outcome.stderr).toMatchObject({ code: 0, stderr: '' });
    const added = (await assetsIn('dbt', shop.tables)).filter((each) => !before.includes(each));
    expect(added).toEqual(BEYOND.map((name) => `TRANSFORMATION ${name}`));
  });

  it('makes the same assets where dbt-ol told of none', async () => {
    const [jobs, tables] = [`${server.namespace}:jobs`, `${server.namespace}:tables`];
    await importShop('--job-namespace', jobs, '--dataset-namespace', tables);
    // dbt-ol takes the name of a part of a query for a table.
    const reported = (await assetsIn('dbt', shop.tables)).filter((each) => each !== 'DATASET sums');
    expect(await assetsIn(jobs, tables)).toEqual(reported);
    const imported = await tellAsset(source, 'dataset', tables, `${shop.name}.main.stg_orders`);
    expect(qualityOf(imported)).toEqual(expect.arrayContaining(qualityOf(await table('stg_orders'))));
  });

  it('changes nothing the second time', async () => {
    const names = ['--job-namespace', `${server.namespace}:jobs`, '--dataset-namespace', `${server.namespace}:tables`];
    const before = await reportedGraph(driver, server.namespace);
    expect((await importShop(...names)).code).toBe(0);
    expect(await reportedGraph(driver, server.namespace)).toEqual(before);
  });
});

const ASSETS = `query ($namespaces: [String!]) {
  assets(filter: { namespaces: $namespaces }, first: 200) { nodes { kind namespace name } }
}`;

/** Those of this test, as "KIND name", as the fixtures name them. */
async function assetsIn(...namespaces: string[]): Promise<string[]> {
  const { assets } = await source.data<{ assets: { nodes: { kind: string; namespace: string; name: string }[] } }>(
    ASSETS,
    { namespaces },
  );
  const ours = assets.nodes.filter(({ namespace, name }) => namespace !== 'dbt' || name.includes(shop.name));
  return ofFixture(ours.map(({ kind, name }) => `${kind} ${name}`)).sort();
}
