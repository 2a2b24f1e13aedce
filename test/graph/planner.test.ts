import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everydayStatements } from '../../src/everyday.statements.js';
import { Planner } from '../../src/neo4j/planner.js';
import { openSharedDriver } from '../support/weftline.js';

let driver: Driver;
beforeAll(() => {
  driver = openSharedDriver();
});
afterAll(() => driver.close());

/** One that lacks a limit, one that lacks words to look for, two that find nothing, two that write. */
const KINDS = [
  'catalog.listAssets',
  'catalog.searchBest',
  'catalog.fieldsOf',
  'lineage.provenance',
  'audit.record',
  'catalog.changeAsset',
];

it.each(KINDS)('plans %s, though its parameters are not known', async (name) => {
  const statement = everydayStatements().find((each) => each.startsWith(`// ${name}\n`));
  expect(await new Planner(driver, 'neo4j').plan(statement ?? '')).toBeGreaterThan(0);
});

it('runs nothing that writes', async () => {
  const planner = new Planner(driver, 'neo4j');
  await planner.plan('// test.write\nCREATE (n:NeverThere {at: $at}) RETURN n');
  const { records } = await driver.executeQuery('MATCH (n:NeverThere) RETURN count(n) AS found');
  expect(records[0]?.get('found')).toBe(0n);
});

it('tells of a statement that the database does not understand', async () => {
  const planner = new Planner(driver, 'neo4j');
  await expect(planner.plan('// test.wrong\nMATCH (n:Asset RETURN n')).rejects.toThrow(/Invalid input/);
});
