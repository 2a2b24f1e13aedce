import { randomBytes } from 'node:crypto';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COUNT_NAMESPACES, FIND_NAMESPACE, LIST_NAMESPACES } from '../../src/catalog/namespaces/namespace.cypher.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** How much a namespace costs to be looked for depends on what the viewer has, and on nothing that is hidden from them. */
let server: TestWeftline;
let driver: Driver;
let stranger: Client;
const word = randomBytes(6).toString('hex');
const [few, many, missing] = [`hidden-10-${word}`, `hidden-1000-${word}`, `missing-${word}`];

/** Assets hidden from everyone but their owner, as the product writes what a question about namespaces reads. */
const HIDE = `UNWIND range(1, $count) AS number
MATCH (p:Principal {id: $owner})
MERGE (n:Namespace {name: $namespace}) ON CREATE SET n:Node, n.id = $namespace, n.createdAt = datetime()
CREATE (a:Node:Asset {id: $namespace + ' ' + number, namespace: $namespace, visibility: 'RESTRICTED', placedBy: $owner, createdAt: datetime()})
CREATE (p)-[:OWNS {role: 'OWNER', since: datetime()}]->(a)`;

beforeAll(async () => {
  server = await startTestWeftline();
  driver = openSharedDriver();
  const owner = await server.user();
  stranger = await server.user();
  await new Seed(stranger, server.namespace).dataset('own');
  for (const [namespace, count] of [
    [few, 10],
    [many, 1_000],
  ] as const)
    await driver.executeQuery(HIDE.replace('$count', String(count)), { namespace, owner: owner.userId });
});
afterAll(async () => {
  const hidden = 'MATCH (a:Asset) WHERE a.namespace IN $names DETACH DELETE a';
  await driver.executeQuery(hidden, { names: [few, many] });
  await driver.executeQuery('MATCH (n:Namespace) WHERE n.name IN $names DETACH DELETE n', { names: [few, many] });
  await driver.close();
  await server.stop();
});

interface Profile {
  dbHits: number;
  children: Profile[];
}
const sum = (plan: Profile): number => plan.dbHits + plan.children.reduce((total, child) => total + sum(child), 0);

async function hits(statement: string, more: Record<string, unknown>): Promise<number> {
  const viewer = { ids: [stranger.userId], readsAll: false, discovers: true, asOf: null, ceiling: '~' };
  const parameters = { viewer, now: new Date().toISOString(), ...more };
  // Once before: what is planned now is not part of it.
  await driver.executeQuery(statement, parameters);
  const { records, summary } = await driver.executeQuery(`PROFILE ${statement}`, parameters);
  const told = records.filter((record) => record.has('namespace'));
  expect(told).toEqual([]);
  return summary.profile === false ? Number.NaN : sum(summary.profile);
}

describe('A namespace that is hidden from who asks', () => {
  it('costs as much with 10 hidden assets as with 1,000, and as a missing one but for reading its one node', async () => {
    const find = FIND_NAMESPACE(false);
    const [ten, thousand, none] = [
      await hits(find, { name: few }),
      await hits(find, { name: many }),
      await hits(find, { name: missing }),
    ];
    expect(thousand).toBe(ten);
    expect(none).toBeGreaterThan(0);
    expect(ten - none).toBeLessThanOrEqual(10);
  });

  it('adds as much to a list and a count, however many hidden assets there are in it', async () => {
    const window = { low: '', high: '~', limit: 2n };
    const only = (statement: string, name: string): string =>
      statement.replace('MATCH (n:Namespace) WHERE', `MATCH (n:Namespace {name: '${name}'}) WHERE`);
    for (const statement of [LIST_NAMESPACES(false).forward, COUNT_NAMESPACES])
      expect(await hits(only(statement, many), window)).toBe(await hits(only(statement, few), window));
  });
});
