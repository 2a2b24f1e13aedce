/** What a version writes anew where one before it wrote: words of search, names in one spelling, names that differ in case alone. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/neo4j/migrations/migrate.js';
import { migrate as bringUpToDate } from '../../src/wiring/migrate.js';
import { strippedBare } from '../support/graph-as-it-was.js';
import { type OwnGraph, ownBareGraph } from '../support/own-graph.js';
import { ServerProcess } from '../support/server-process.js';
import { startTestWeftline } from '../support/weftline.js';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const folder = mkdtempSync(join(tmpdir(), 'weftline-brought-up-to-date-'));
let server: OwnGraph;
let driver: Driver;
let told: string[];

beforeAll(async () => {
  server = await ownBareGraph();
  driver = openDriver(server);
});

afterAll(async () => {
  await driver.close();
  await server.giveBack();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  told = [];
  await strippedBare(driver);
});

const onEvent = (message: string): void => void told.push(message);

async function query(statement: string, parameters: object = {}): Promise<Record<string, unknown>[]> {
  const { records } = await driver.executeQuery(statement, parameters);
  return records.map((record) => record.toObject());
}

it('a database without the words of the search is refused by the start, and has them once it is brought up to date', async () => {
  await migrate(driver);
  const weftline = await startTestWeftline({ database: server });
  const user = await weftline.user();
  const register = 'mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { name } } }';
  await user.data(register, { input: { namespace: weftline.namespace, name: 'Great_Penguins' } });
  await weftline.stop();
  const words = () => query('MATCH (a:Asset|AssetRevision) RETURN a.nameTokens AS words');
  const kept = await words();
  await query('MATCH (a:Asset|AssetRevision) REMOVE a.nameTokens');

  const { uri, username, password } = server;
  const neo4j = { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password };
  const refused = ServerProcess.spawn({ WEFTLINE_HOME: mkdtempSync(join(folder, 'home-')), ...neo4j });
  expect((await refused.exited).code).not.toBe(0);
  expect(refused.output).toContain('lacks the words by which assets are found. Run "npm run migrate"');

  await bringUpToDate(driver);
  expect(await words()).toEqual(kept);
  expect(JSON.stringify(kept)).toContain('penguins');
  // Made once for the rules of a version, and anew for those of another.
  await query("MATCH (a:Asset|AssetRevision) SET a.nameTokens = 'of other rules'");
  await bringUpToDate(driver);
  expect(await words()).not.toEqual(kept);
  await query('MATCH (s:SearchIndex) SET s.rules = 0');
  await bringUpToDate(driver);
  expect(await words()).toEqual(kept);
}, 120_000);

it('a database with names of before is refused by the start, and has them in one spelling once it is brought up to date', async () => {
  await migrate(driver);
  await bringUpToDate(driver);
  const weftline = await startTestWeftline({ database: server });
  const user = await weftline.user();
  const register = 'mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { id } } }';
  const ids = new Map<string, string>();
  const spaces = [weftline.namespace, `${weftline.namespace}-2`];
  for (const [namespace, name] of [
    [spaces[0], 'zürich'],
    [spaces[0], 'other'],
    [spaces[0], 'clean'],
    [spaces[1], 'moved'],
  ]) {
    const input = { namespace, name, tags: ['pii'], fields: [{ name: 'å' }, { name: 'b' }] };
    const made = await user.data<{ registerDataset: { dataset: { id: string } } }>(register, { input });
    ids.set(name ?? '', made.registerDataset.dataset.id);
  }
  const publish = `mutation ($input: PublishDatasetVersionInput!) {
    publishDatasetVersion(input: $input) { datasetVersion { id } } }`;
  for (const version of ['1', '2']) await user.data(publish, { input: { dataset: ids.get('clean'), version } });
  // As a version wrote them that took names as they came: "other" and the second namespace by the names of those beside them.
  const nfd = 'zürich'.normalize('NFD');
  const misspell = 'MATCH (a:Asset {id: $id})<-[:REVISION_OF]-(r:AssetRevision) SET a += $is, r += $is';
  await query(misspell, { id: ids.get('other'), is: { name: nfd, urn: 'urn:of:nfd', tags: ['PII', ' pii', 'Gold'] } });
  await query(misspell, { id: ids.get('moved'), is: { namespace: `${spaces[0]}\u200b` } });
  await query('MATCH (n:Namespace {name: $name}) SET n.name = $is', { name: spaces[1], is: `${spaces[0]}\u200b` });
  await query(
    `MATCH (f:Field)-[:FIELD_OF]->(a:Asset {id: $id}) WHERE f.name = 'b' SET f.name = $is, f.key = a.id + ':' + $is
     WITH a SET a.fieldNames = ['å', $is]`,
    { id: ids.get('other'), is: 'å'.normalize('NFD') },
  );
  await query("MATCH (v:Version {key: $id + ':2'}) SET v.version = ' 1', v.key = $id + ': 1'", {
    id: ids.get('clean'),
  });
  await query('MATCH (a:Asset|AssetRevision) REMOVE a.foldedKey, a.skeletonKey');
  await query('MATCH (s:SpellingRules) DELETE s');

  const { uri, username, password } = server;
  const neo4j = { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password };
  const refused = ServerProcess.spawn({ WEFTLINE_HOME: mkdtempSync(join(folder, 'home-')), ...neo4j });
  expect((await refused.exited).code).not.toBe(0);
  expect(refused.output).toContain('not yet in the one spelling by which they are found. Run "npm run migrate"');

  const reports: string[] = [];
  await bringUpToDate(driver, { onEvent: (message) => reports.push(message) });
  const collisions = reports.filter((each) => each.startsWith('In the one spelling of names, '));
  expect(collisions).toEqual([
    expect.stringContaining(`it is called "${spaces[0]}~2" now`),
    expect.stringContaining('the field "a\\u030a" of urn:of:nfd'),
    expect.stringContaining('it is called "zürich~2" now'),
    expect.stringContaining('it is called "1~2" now'),
  ]);
  expect(await query('MATCH (s:SpellingRules) RETURN s.collisions AS told')).toEqual([{ told: collisions }]);

  const page = `query ($ref: AssetRef!) { asset(ref: $ref) { urn name namespace tags revision nearTwins { id }
    ... on Dataset { fields { name } versions { nodes { version } } } } }`;
  const read = async (ref: string | undefined) =>
    (await user.data<{ asset: Record<string, unknown> }>(page, { ref })).asset;
  const urn = (namespace: string | undefined, name: string): string =>
    `urn:weft:dataset:${encodeURIComponent(namespace ?? '')}:${encodeURIComponent(name)}`;
  expect(await read(ids.get('other'))).toMatchObject({
    ...{ urn: urn(spaces[0], 'zürich~2'), name: 'zürich~2', tags: ['pii', 'gold'], revision: 2 },
    fields: [{ name: 'å' }, { name: 'å~2' }],
  });
  expect(await read(urn(spaces[0], 'zürich~2'))).toMatchObject({ name: 'zürich~2' });
  expect(await read(ids.get('moved'))).toMatchObject({ namespace: `${spaces[0]}~2`, revision: 2 });
  expect(await read(ids.get('clean'))).toMatchObject({
    revision: 1,
    versions: { nodes: [{ version: '1~2' }, { version: '1' }] },
  });
  // What had its name already has the keys of near twins now, and is as it was.
  expect(await read(ids.get('zürich'))).toMatchObject({ name: 'zürich', revision: 1, nearTwins: [] });
  expect(await query('MATCH (a:Asset) WHERE a.foldedKey IS NULL RETURN a.name AS name')).toEqual([]);
  const again: string[] = [];
  await bringUpToDate(driver, { onEvent: (message) => again.push(message) });
  expect(again.filter((each) => each.includes('spelling'))).toEqual([]);
  await weftline.stop();
}, 120_000);

it('people and teams whose names differ in case alone go on, are told of, and are told apart from new ones', async () => {
  const older = mkdtempSync(join(folder, 'case-'));
  for (const name of readdirSync(MIGRATIONS).filter((each) => each < 'V021'))
    cpSync(join(MIGRATIONS, name), join(older, name));
  await migrate(driver, { directory: older });
  await query(`UNWIND [['a1', 'ana'], ['a2', 'Ana'], ['a3', 'ANA'], ['b1', 'bo']] AS row
    CREATE (:Node:Principal:User {id: row[0], handle: row[1], name: 'Of ' + row[1], role: 'MEMBER', createdAt: datetime()})`);
  await query(`UNWIND [['t1', 'Straße'], ['t2', 'STRASSE'], ['t3', 'ana']] AS row
    CREATE (:Node:Principal:Team {id: row[0], name: row[1], createdAt: datetime()})`);
  await query(
    `MATCH (u:User {id: 'a1'}) CREATE (:PrincipalPast {until: datetime(), name: 'Before', role: 'MEMBER'})-[:PAST_OF]->(u)`,
  );
  await bringUpToDate(driver, { onEvent });
  const twins = told.filter((each) => each.includes('differ in case alone'));
  expect(twins.map((each) => /^\w+ "\w+" \((..)\) and "[\wß]+" \((..)\).*rename\w+/.exec(each)?.slice(1))).toEqual([
    ['t2', 't1'],
    ['a3', 'a1'],
    ['a2', 'a1'],
  ]);
  expect(await query('MATCH (p:PrincipalPast) RETURN p.handle AS handle')).toEqual([{ handle: 'ana' }]);

  const weftline = await startTestWeftline({ database: server });
  const admin = await weftline.user({ role: 'ADMIN' });
  const ask = async (mutation: string): Promise<unknown> => {
    const { errors } = await admin.ask(`mutation { ${mutation} }`);
    return errors?.[0]?.extensions['code'] ?? 'done';
  };
  const rename = (user: string, handle: string): string =>
    `renameUser(input: { user: "${user}", handle: "${handle}" }) { user { handle } }`;
  const list = '{ principals(nameContains: "ana") { nodes { id } } }';
  expect((await admin.data<{ principals: { nodes: unknown[] } }>(list)).principals.nodes).toHaveLength(4);
  expect(await ask(rename('b1', 'ana'))).toBe('CONFLICT');
  // The first goes, and the next of them has the name to itself: still nobody else may come in.
  expect(await ask(rename('a1', 'anna'))).toBe('done');
  expect(await ask(rename('b1', 'ana'))).toBe('CONFLICT');
  expect(await ask(rename('a3', 'anne'))).toBe('done');
  expect(await ask(rename('a2', 'anja'))).toBe('done');
  expect(await ask(rename('b1', 'ana'))).toBe('done');
  expect(await ask('renameTeam(input: { team: "t2", name: "Gasse" }) { team { id } }')).toBe('done');
  await weftline.stop();
  told = [];
  await bringUpToDate(driver, { onEvent });
  expect(told.filter((each) => each.includes('differ in case'))).toEqual([]);
}, 120_000);
