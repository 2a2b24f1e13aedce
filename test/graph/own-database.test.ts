import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startEmbeddedNeo4j, type EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate, type MigrateOptions, pendingMigrations } from '../../src/neo4j/migrations/migrate.js';
import { readMigrationFiles } from '../../src/neo4j/migrations/migration-file.js';
import { isOfSchema, parseSchemaCommand } from '../../src/neo4j/migrations/schema-command.js';
import { strippedBare } from '../support/graph-as-it-was.js';
import { forbidden, limitedDriver } from '../support/limited-driver.js';
import { startReadOnlyNeo4j } from '../support/read-only-neo4j.js';
import { startTestWeftline } from '../support/weftline.js';

/** In a database of one's own, others make indexes too, and may not let this user make any. */
const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const SEARCH = 'V017__words_of_search.cypher';
const PROPERTIES = '[a.nameTokens, a.tagTokens, a.fieldTokens, a.namespaceTokens, a.descriptionTokens, a.id]';
const OPTIONS = (analyzer: string, later: boolean): string =>
  `OPTIONS {indexConfig: {\`fulltext.analyzer\`: '${analyzer}', \`fulltext.eventually_consistent\`: ${later}}}`;
const WANTED = `CREATE FULLTEXT INDEX asset_search FOR (x:Asset) ON EACH ${PROPERTIES.replaceAll('a.', 'x.')} ${OPTIONS('whitespace', true)}`;
const BEFORE = `CREATE FULLTEXT INDEX asset_search FOR (x:Asset) ON EACH [x.name, x.nameWords, x.description, x.tags, x.namespace, x.fieldNames, x.fieldWords] ${OPTIONS('standard-folding', false)}`;

const folder = mkdtempSync(join(tmpdir(), 'weftline-own-database-'));
let server: EmbeddedNeo4j;
let driver: Driver;
let told: string[];
/** The migrations of search alone, as the first two: they are quickly run. */
let directory: string;

beforeAll(async () => {
  server = await startEmbeddedNeo4j({ home: join(folder, 'neo4j'), heapMegabytes: 384, keepPlans: true });
  driver = openDriver(server);
  directory = mkdtempSync(join(folder, 'files-'));
  cpSync(join(MIGRATIONS, 'V002__search.cypher'), join(directory, 'V001__search.cypher'));
  cpSync(join(MIGRATIONS, SEARCH), join(directory, 'V002__words_of_search.cypher'));
});

afterAll(async () => {
  await driver.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  told = [];
  await strippedBare(driver);
});

it('every statement of our migrations that is of the schema is understood', () => {
  const statements = readMigrationFiles(MIGRATIONS).flatMap((file) => file.statements);
  const ofSchema = statements.filter(isOfSchema);
  expect(ofSchema.length).toBeGreaterThan(50);
  expect(ofSchema.filter((statement) => parseSchemaCommand(statement) === null)).toEqual([]);
});

describe('a full-text index that was made by hand', () => {
  it('is taken for done when it is the very same, told of, and not made again', async () => {
    await query(WANTED);
    const made = await indexId();
    expect((await run()).applied).toHaveLength(2);
    expect(await indexId()).toEqual(made);
    expect(told).toContain('V002__words_of_search.cypher: there already, and taken for done by hand: asset_search.');
    expect(await pendingMigrations(driver, { directory })).toEqual({ pending: [] });
  });

  it('is made anew when it is that of the version before, and not told as done', async () => {
    await query(BEFORE);
    const made = await indexId();
    await run();
    expect(await indexId()).not.toEqual(made);
    expect(told.filter((each) => each.startsWith('V002'))).toEqual([]);
    expect(await isEventuallyConsistent()).toBe(true);
  });
});

describe('what has the name of the full-text index and is none of ours', () => {
  it.each([
    ['a RANGE index', 'CREATE INDEX asset_search FOR (o:Order) ON (o.number)', 'an index RANGE of Order on number'],
    [
      'a constraint',
      'CREATE CONSTRAINT asset_search FOR (o:Order) REQUIRE o.number IS UNIQUE',
      'a constraint UNIQUENESS of Order on number',
    ],
    [
      'a full-text index of other labels',
      WANTED.replace(':Asset', ':Asset|Order'),
      'an index FULLTEXT of Asset, Order on',
    ],
    [
      'a full-text index of other properties',
      WANTED.replace('x.nameTokens,', 'x.title, x.nameTokens,'),
      'namespaceTokens, tagTokens, title (whitespace, eventually consistent)',
    ],
    [
      'a full-text index that takes words apart otherwise',
      WANTED.replace('whitespace', 'german'),
      '(german, eventually consistent)',
    ],
    ['our index under another name', WANTED.replace('asset_search', '`their ``search`'), 'called their `search'],
  ])('%s is refused by name and left alone, and goes by the statements that are told', async (_, theirs, words) => {
    await query(theirs);
    const before = await schema();
    const refusal = await refusalOf(run());
    expect(refusal).toContain(words);
    expect(refusal).toContain('asset_search');
    expect(refusal).toContain('Nothing of this file was run.');
    expect((await schema()).filter(({ name }) => !String(name).includes('igration'))).toEqual(before);
    expect(await query('MATCH (m:Asset) RETURN m')).toEqual([]);

    for (const statement of statementsIn(refusal)) await query(statement);
    expect((await run()).applied).toHaveLength(2);
    expect(await isEventuallyConsistent()).toBe(true);
  });

  it('is told where it came between two versions, too', async () => {
    await run();
    await query('DROP INDEX asset_search');
    await query('CREATE INDEX asset_search FOR (o:Order) ON (o.number)');
    await query("MATCH (:__Neo4jMigration {version: '001'})-[step]->(last) DETACH DELETE last");
    expect(await refusalOf(run())).toMatch(
      /^V002__words_of_search\.cypher needs the name asset_search for the index FULLTEXT of Asset on .*, and the database has an index RANGE of Order on number/,
    );
  });
});

describe('a user who may not change the schema', () => {
  const limited = (): Driver =>
    limitedDriver(driver, (statement) => (isOfSchema(statement) ? forbidden(statement) : null));

  it('is told what the owner of the database may run, and migrates once that is done', async () => {
    for (const files of [directory, MIGRATIONS]) {
      const refusal = await refusalOf(migrate(limited(), { directory: files, onEvent }));
      expect(refusal).toContain('the user neo4j lacks a right on the database neo4j');
      expect(refusal).toContain('GRANT SHOW INDEX, SHOW CONSTRAINT, INDEX MANAGEMENT');
      expect(refusal).not.toContain('\n    at ');
      for (const statement of statementsIn(refusal)) await query(statement);
      expect((await migrate(limited(), { directory: files, onEvent })).applied).toHaveLength(
        readMigrationFiles(files).length,
      );
      expect(await pendingMigrations(driver, { directory: files })).toEqual({ pending: [] });
      await query('MATCH (n) DETACH DELETE n');
    }
  });
});

describe('an index that was dropped, and not made again', () => {
  const refusesToMake = (): Driver =>
    limitedDriver(driver, (statement) =>
      isOfSchema(statement) && statement.includes('CREATE FULLTEXT') ? forbidden(statement) : null,
    );

  it('is made by the next start, and search says so meanwhile while all else answers', async () => {
    await migrate(driver);
    await query('DROP INDEX asset_search');
    await query(BEFORE);
    await query("MATCH (:__Neo4jMigration {version: '016'})-[:MIGRATED_TO*]->(later) DETACH DELETE later");
    expect(await refusalOf(migrate(refusesToMake()))).toContain(`Statement 2 of ${SEARCH} was refused`);
    expect(await schema('asset_search')).toEqual([]);

    const weftline = await startTestWeftline({ database: server });
    const user = await weftline.user();
    const namespace = weftline.namespace;
    const register = 'mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { name } } }';
    await user.data(register, { input: { namespace, name: 'penguins' } });
    const find = () => user.ask('{ search(query: "penguins") { edges { node { name } } } }');
    expect((await find()).errors).toMatchObject([
      {
        message: expect.stringContaining('lacks the full-text index by which search finds') as string,
        extensions: { code: 'UNAVAILABLE' },
      },
    ]);
    expect((await user.ask('{ assets { nodes { name } } }')).errors).toBeUndefined();

    expect((await migrate(driver)).applied).toEqual([
      SEARCH,
      'V018__starts_of_runs.cypher',
      'V019__names_that_look_alike.cypher',
      'V020__fields_in_each_other.cypher',
      'V021__names_without_case.cypher',
      'V022__what_producers_report.cypher',
      'V023__quality_of_data.cypher',
      'V024__rejected_events.cypher',
      'V025__assets_without_an_owner.cypher',
      'V026__events_for_others.cypher',
      'V027__changes_of_data_sets.cypher',
      'V028__two_names_of_one_table.cypher',
      'V029__labels.cypher',
      'V030__policies.cypher',
      'V031__violations.cypher',
      'V032__approved_and_done.cypher',
      'V033__break_glass.cypher',
    ]);
    expect(await find()).toMatchObject({ data: { search: { edges: [{ node: { name: 'penguins' } }] } } });

    await query('DROP INDEX asset_search');
    await migrate(driver, { onEvent });
    expect(told).toContain('asset_search is gone from the database, and made again.');
    expect(await find()).toMatchObject({ data: { search: { edges: [{ node: { name: 'penguins' } }] } } });
    await weftline.stop();
  });
});

it('a database that is read-only is left as it is, and told how it can be written', async () => {
  const older = mkdtempSync(join(folder, 'older-'));
  for (const name of readdirSync(MIGRATIONS).filter((each) => each < 'V017'))
    cpSync(join(MIGRATIONS, name), join(older, name));
  await migrate(driver, { directory: older });
  await driver.close();
  await server.stop();
  server = await startReadOnlyNeo4j(join(folder, 'neo4j'));
  driver = openDriver(server);
  const refusal = await refusalOf(run({ directory: MIGRATIONS }));
  expect(refusal).toContain('the database neo4j is read-only');
  expect(refusal).toContain('server.databases.default_to_read_only');
  expect(statementsIn(refusal)).toEqual([
    'DROP CONSTRAINT `team_name` IF EXISTS',
    'DROP INDEX `asset_search` IF EXISTS',
    expect.stringMatching(/^CREATE FULLTEXT INDEX asset_search /),
    'CREATE INDEX asset_updated IF NOT EXISTS FOR (a:Asset) ON (a.updatedAt)',
    'CREATE CONSTRAINT run_start_key IF NOT EXISTS FOR (r:Run) REQUIRE r.startKey IS UNIQUE',
    'CREATE INDEX asset_folded_key IF NOT EXISTS FOR (a:Asset) ON (a.foldedKey)',
    'CREATE INDEX asset_skeleton_key IF NOT EXISTS FOR (a:Asset) ON (a.skeletonKey)',
    'CREATE INDEX field_renamed_in IF NOT EXISTS FOR (f:Field) ON (f.renamedIn)',
    'CREATE CONSTRAINT user_name_key IF NOT EXISTS FOR (u:User) REQUIRE u.nameKey IS UNIQUE',
    'CREATE CONSTRAINT team_name_key IF NOT EXISTS FOR (t:Team) REQUIRE t.nameKey IS UNIQUE',
    'CREATE CONSTRAINT service_account_name_key IF NOT EXISTS FOR (s:ServiceAccount) REQUIRE s.nameKey IS UNIQUE',
    'CREATE INDEX principal_twin IF NOT EXISTS FOR (p:Principal) ON (p.twinOf)',
    'CREATE INDEX team_called IF NOT EXISTS FOR (t:Team) ON (t.name)',
    'CREATE CONSTRAINT reported_event_key IF NOT EXISTS FOR (e:ReportedEvent) REQUIRE e.key IS UNIQUE',
    'CREATE CONSTRAINT reported_facet_key IF NOT EXISTS FOR (f:ReportedFacet) REQUIRE f.key IS UNIQUE',
    'CREATE INDEX reported_facet_asset IF NOT EXISTS FOR (f:ReportedFacet) ON (f.assetId)',
    'CREATE CONSTRAINT run_report_key IF NOT EXISTS FOR (r:Run) REQUIRE r.reportKey IS UNIQUE',
    'CREATE INDEX run_parent_key IF NOT EXISTS FOR (r:Run) ON (r.parentKey)',
    'CREATE INDEX version_made IF NOT EXISTS FOR (v:Version) ON (v.assetId, v.madeAt)',
    'CREATE CONSTRAINT quality_result_key IF NOT EXISTS FOR (q:QualityResult) REQUIRE q.key IS UNIQUE',
    'CREATE CONSTRAINT quality_result_id IF NOT EXISTS FOR (q:QualityResult) REQUIRE q.id IS UNIQUE',
    'CREATE INDEX quality_of_version IF NOT EXISTS FOR (q:QualityResult) ON (q.versionId, q.key)',
    'CREATE INDEX quality_of_dataset IF NOT EXISTS FOR (q:QualityResult) ON (q.assetId, q.key)',
    'CREATE CONSTRAINT rejected_event_id IF NOT EXISTS FOR (r:RejectedEvent) REQUIRE r.id IS UNIQUE',
    'CREATE INDEX rejected_event_sender IF NOT EXISTS FOR (r:RejectedEvent) ON (r.senderId, r.id)',
    'CREATE INDEX asset_unowned_kind IF NOT EXISTS FOR (a:Asset) ON (a.kind, a.unownedId)',
    'CREATE INDEX asset_unowned_namespace IF NOT EXISTS FOR (a:Asset) ON (a.namespace, a.kind, a.unownedId)',
    'CREATE CONSTRAINT outgoing_event_id IF NOT EXISTS FOR (o:OutgoingEvent) REQUIRE o.id IS UNIQUE',
    'CREATE INDEX outgoing_event_due IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.destination, o.dueAt)',
    'CREATE INDEX outgoing_event_stream IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.openStream, o.id)',
    'CREATE INDEX outgoing_event_dead IF NOT EXISTS FOR (o:OutgoingEvent) ON (o.destination, o.deadAt)',
    'CREATE CONSTRAINT release_report_key IF NOT EXISTS FOR (r:Release) REQUIRE r.reportKey IS UNIQUE',
    'CREATE CONSTRAINT dataset_change_key IF NOT EXISTS FOR (c:DatasetChange) REQUIRE c.key IS UNIQUE',
    'CREATE INDEX dataset_change_asset IF NOT EXISTS FOR (c:DatasetChange) ON (c.assetId, c.place)',
    'CREATE INDEX dataset_change_run IF NOT EXISTS FOR (c:DatasetChange) ON (c.runId)',
    'CREATE INDEX dataset_change_from IF NOT EXISTS FOR (c:DatasetChange) ON (c.fromKey)',
    'CREATE CONSTRAINT alias_proposal_id IF NOT EXISTS FOR (p:AliasProposal) REQUIRE p.id IS UNIQUE',
    'CREATE INDEX alias_proposal_pair IF NOT EXISTS FOR (p:AliasProposal) ON (p.pair)',
    'CREATE CONSTRAINT joined_asset_id IF NOT EXISTS FOR (b:JoinedAsset) REQUIRE b.id IS UNIQUE',
    'CREATE INDEX joined_asset_namespace IF NOT EXISTS FOR (b:JoinedAsset) ON (b.namespace)',
    'CREATE CONSTRAINT label_declaration_id IF NOT EXISTS FOR (d:LabelDeclaration) REQUIRE d.id IS UNIQUE',
    'CREATE CONSTRAINT declassification_grant_id IF NOT EXISTS FOR (g:DeclassificationGrant) REQUIRE g.id IS UNIQUE',
    'CREATE CONSTRAINT policy_set_id IF NOT EXISTS FOR (s:PolicySet) REQUIRE s.id IS UNIQUE',
    'CREATE CONSTRAINT policy_set_digest IF NOT EXISTS FOR (s:PolicySet) REQUIRE s.digest IS UNIQUE',
    'CREATE CONSTRAINT policy_decision_id IF NOT EXISTS FOR (d:PolicyDecision) REQUIRE d.id IS UNIQUE',
    'CREATE INDEX policy_decision_allowed IF NOT EXISTS FOR (d:PolicyDecision) ON (d.allowedId, d.id)',
    'CREATE CONSTRAINT policy_approval_id IF NOT EXISTS FOR (a:PolicyApproval) REQUIRE a.id IS UNIQUE',
    'CREATE INDEX policy_approval_subject IF NOT EXISTS FOR (a:PolicyApproval) ON (a.subject, a.id)',
    'CREATE CONSTRAINT policy_state_key IF NOT EXISTS FOR (s:PolicyState) REQUIRE s.key IS UNIQUE',
    'CREATE CONSTRAINT policy_gate_number IF NOT EXISTS FOR (g:PolicyGate) REQUIRE g.number IS UNIQUE',
    'CREATE CONSTRAINT violation_id IF NOT EXISTS FOR (v:Violation) REQUIRE v.id IS UNIQUE',
    'CREATE CONSTRAINT violation_open IF NOT EXISTS FOR (v:Violation) REQUIRE (v.openOn, v.policy) IS UNIQUE',
    'CREATE INDEX violation_deployment IF NOT EXISTS FOR (v:Violation) ON (v.deploymentId, v.id)',
    'CREATE CONSTRAINT policy_check_id IF NOT EXISTS FOR (c:PolicyCheck) REQUIRE c.id IS UNIQUE',
    'CREATE INDEX policy_check_due IF NOT EXISTS FOR (c:PolicyCheck) ON (c.dueAt, c.id)',
    'CREATE INDEX policy_check_deployment IF NOT EXISTS FOR (c:PolicyCheck) ON (c.deploymentId)',
    'CREATE CONSTRAINT policy_watch_key IF NOT EXISTS FOR (w:PolicyWatch) REQUIRE w.key IS UNIQUE',
    'CREATE INDEX policy_approval_due IF NOT EXISTS FOR (a:PolicyApproval) ON (a.dueAt)',
    'CREATE CONSTRAINT break_glass_id IF NOT EXISTS FOR (b:BreakGlass) REQUIRE b.id IS UNIQUE',
    'CREATE INDEX break_glass_active IF NOT EXISTS FOR (b:BreakGlass) ON (b.assetId, b.activeUntil)',
    'CREATE INDEX break_glass_overdue IF NOT EXISTS FOR (b:BreakGlass) ON (b.openedById, b.overdueFrom)',
    'CREATE INDEX break_glass_expires IF NOT EXISTS FOR (b:BreakGlass) ON (b.expiresAt)',
  ]);
  // Where nothing is to be done, nothing is written.
  expect(await run({ directory: older })).toEqual({ applied: [], current: '016' });
});

const onEvent = (message: string): void => void told.push(message);

const run = (options: MigrateOptions = {}): Promise<{ applied: string[]; current: string }> =>
  migrate(driver, { directory, onEvent, ...options });

/** The words of a refusal that is one for a person. */
async function refusalOf(migration: Promise<unknown>): Promise<string> {
  const error = await migration.then(
    () => new Error('It was not refused.'),
    (refused: unknown) => refused,
  );
  expect(error, String((error as { code?: string }).code)).toMatchObject({ name: 'MigrationError' });
  return (error as Error).message;
}

/** As a person copies them. */
const statementsIn = (refusal: string): string[] =>
  refusal
    .slice(refusal.indexOf('\n') + 1)
    .split(/;(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

async function query(statement: string, parameters: object = {}): Promise<Record<string, unknown>[]> {
  const { records } = await driver.executeQuery(statement, parameters);
  return records.map((record) => record.toObject());
}

const schema = (name?: string): Promise<Record<string, unknown>[]> =>
  query(`SHOW INDEXES YIELD name, type, labelsOrTypes, properties, options WHERE type <> 'LOOKUP' ${name ? `AND name = '${name}'` : ''}
    RETURN * ORDER BY name`);

const indexId = (): Promise<Record<string, unknown>[]> =>
  query("SHOW INDEXES YIELD id, name WHERE name = 'asset_search'");

async function isEventuallyConsistent(): Promise<unknown> {
  const [row] = await schema('asset_search');
  const { indexConfig } = (row?.['options'] ?? { indexConfig: {} }) as { indexConfig: Record<string, unknown> };
  return indexConfig['fulltext.eventually_consistent'];
}
