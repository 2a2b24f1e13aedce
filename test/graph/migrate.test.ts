import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { visibleTo } from '../../src/auth/rights.cypher.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate, pendingMigrations } from '../../src/neo4j/migrations/migrate.js';
import { strippedBare, writtenDown } from '../support/graph-as-it-was.js';
import { MigrationDatabase } from '../../src/neo4j/migrations/migration-database.js';
import { type OwnGraph, ownBareGraph } from '../support/own-graph.js';
import { STORED_REVISIONS, wrongTimes } from '../support/revisions.js';

// Bookkeeping is one per database, and the shared test server has that of Weftline itself: so a graph of our own.
const folder = mkdtempSync(join(tmpdir(), 'weftline-migrate-'));
let server: OwnGraph;
let driver: Driver;
let directory: string;

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
  directory = mkdtempSync(join(folder, 'files-'));
  await driver.executeQuery('MATCH (n) DETACH DELETE n');
});

describe('migrating', () => {
  it("brings an empty database to the head of Weftline's own migrations, with every index online", async () => {
    const { pending } = await pendingMigrations(driver);
    expect(pending.length).toBeGreaterThan(0);
    const { applied, current } = await migrate(driver);
    expect(applied).toEqual(pending);
    expect(applied.at(-1)).toContain(`V${current}__`);
    expect(await pendingMigrations(driver)).toEqual({ pending: [] });
    expect(await migrate(driver)).toEqual({ applied: [], current });
    expect(await query("SHOW INDEXES YIELD name, state WHERE state <> 'ONLINE' RETURN name")).toEqual([]);
  });

  it('makes of a database without anything what it makes of one file by file', async () => {
    await strippedBare(driver);
    const bringingUp = vi.spyOn(MigrationDatabase.prototype, 'runCounting');
    await migrate(driver);
    expect(bringingUp).not.toHaveBeenCalled();
    const atOnce = await allThereIs();
    await strippedBare(driver);
    await query('CREATE (:NoneOfOurs)');
    await migrate(driver);
    expect(bringingUp).toHaveBeenCalled();
    bringingUp.mockRestore();
    await query('MATCH (n:NoneOfOurs) DELETE n');
    expect(await allThereIs()).toEqual(atOnce);
    expect(atOnce.nodes.length).toBeGreaterThan(20);
    expect(atOnce.schema.length).toBeGreaterThan(50);
  });

  it('of a database without anything runs what makes something there, and what then finds it', async () => {
    await strippedBare(driver);
    file(
      'V001__one.cypher',
      'MATCH (m:M) SET m.name = 1;\nMERGE (:M {name: 2});\n// Found.\nMATCH (m:M) SET m.found = true;',
    );
    file('V002__two.cypher', 'MATCH (m:M) SET m.found = m.found + 1;');
    await expect(run()).rejects.toThrow(/Statement 1 of V002__two\.cypher failed/);
    expect(await pendingMigrations(driver, { directory })).toEqual({ pending: ['V002__two.cypher'] });
    expect(await query('MATCH (m:M) RETURN m.name AS name, m.found AS found')).toEqual([{ name: 2n, found: true }]);
  });

  it('runs schema and data of one file in order, and keeps the books of neo4j-migrations', async () => {
    file(
      'V001__schema_and_data.cypher',
      'CREATE INDEX m_name IF NOT EXISTS FOR (m:M) ON (m.name);\nMERGE (:M {name: 1});',
    );
    file('V002__more.cypher', 'MERGE (:M {name: 2});');
    expect(await run()).toEqual({ applied: ['V001__schema_and_data.cypher', 'V002__more.cypher'], current: '002' });
    const chain = await query(
      `MATCH (p:__Neo4jMigration)-[step:MIGRATED_TO]->(m:__Neo4jMigration)
       RETURN p.version AS after, properties(m) AS migration, step.connectedAs AS by,
         step.at.epochMillis > 0 AS dated, step.in.milliseconds >= 0 AS timed ORDER BY m.version`,
    );
    const common = { type: 'CYPHER', repeatable: false };
    const first = { version: '001', description: 'schema and data', source: 'V001__schema_and_data.cypher' };
    const second = { version: '002', description: 'more', source: 'V002__more.cypher', checksum: '2751943996' };
    expect(chain).toMatchObject([
      { after: 'BASELINE', migration: { ...common, ...first }, by: 'neo4j', dated: true, timed: true },
      { after: '001', migration: { ...common, ...second }, by: 'neo4j', dated: true, timed: true },
    ]);
    expect(await query('MATCH (l:__Neo4jMigrationsLock) RETURN l')).toEqual([]);
  });

  it('tells how far a statement is that changes data in batches', async () => {
    file(
      'V001__many.cypher',
      'UNWIND range(1, 250) AS number CREATE (:M {number: number});\nMATCH (m:M)\nCALL (m) {\n  SET m.seen = true\n} IN TRANSACTIONS OF 100 ROWS;',
    );
    const told: string[] = [];
    await migrate(driver, { directory, tellEverySeconds: 0, onEvent: (message) => told.push(message) });
    const progress = told.filter((each) => /^V001__many\.cypher, statement 2 of 2: \d+ rows after \d+ s\.$/.test(each));
    expect(progress).toHaveLength(250);
    expect(progress.at(-1)).toContain(': 250 rows');
    expect(await query('MATCH (m:M {seen: true}) RETURN count(m) AS seen')).toEqual([{ seen: 250n }]);
  });

  it('applies only what came after', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    await run();
    file('V002__two.cypher', 'MERGE (:M {name: 2});');
    expect(await pendingMigrations(driver, { directory })).toEqual({ pending: ['V002__two.cypher'] });
    expect(await run()).toEqual({ applied: ['V002__two.cypher'], current: '002' });
  });
});

describe('V007', () => {
  const MIGRATION = 'V007__statements_of_lineage.cypher';

  it('makes a statement of each claim that was there, once however often it runs', async () => {
    await query(`CREATE (a:Asset:Node {id: 'a', kind: 'DATASET'}), (t:Asset:Node {id: 't', kind: 'TRANSFORMATION'}),
      (m:Asset:Node {id: 'm', kind: 'MODEL'}),
      (a)-[:FEEDS {id: '1', source: 'tool', runId: 'r', validFrom: datetime('2025-01-01'), recordedAt: datetime('2025-02-01')}]->(t),
      (t)-[:FEEDS {id: '2', source: 'tool', byId: 'u', validFrom: datetime('2025-01-02'), recordedAt: datetime('2025-02-02'),
        retractedAt: datetime('2025-03-01')}]->(m),
      (t)-[:FEEDS {id: '3', source: 'manual', validFrom: datetime('2025-01-03'), validUntil: datetime('2025-01-04'),
        recordedAt: datetime('2025-02-03')}]->(m)`);
    const text = readFileSync(join(import.meta.dirname, '../../migrations', MIGRATION), 'utf8');
    for (const number of ['001', '002']) file(`V${number}__again.cypher`, text);
    await run();
    expect(
      await query(`MATCH (r:LineageReport)-[s:STATES]->(f:ClaimedFlow), (stream:ClaimStream {id: f.streamId})
        RETURN s.id AS id, f.sourceId + f.targetId AS flow, stream.source AS source, stream.subjectId AS subject,
          r.runId AS run, r.byId AS by, r.scope AS scope, toString(s.validFrom) AS since, s.validUntil IS NULL AS open,
          s.retractedAt IS NULL AS stands, stream.key AS key, r.streamId = stream.id AS filed ORDER BY id`),
    ).toMatchObject([
      { id: '1', flow: 'at', source: 'tool', subject: 't', run: 'r', open: true, stands: true, key: 'FEEDS t tool' },
      { id: '2', flow: 'tm', source: 'tool', subject: 't', by: 'u', scope: 'FLOWS', open: true, stands: false },
      { id: '3', flow: 'tm', source: 'manual', subject: 't', since: '2025-01-03T00:00:00Z', open: false, filed: true },
    ]);
    expect(await query('MATCH (s:ClaimStream) RETURN count(s) AS streams')).toEqual([{ streams: 2n }]);
  });
});

describe('V012', () => {
  const MIGRATION = 'V012__owners_of_namespaces.cypher';

  it('says since when namespaces are there and who brought what into them, once however often it runs', async () => {
    await query(`CREATE (n:Namespace:Node {id: 'n', name: 'set', visibility: 'RESTRICTED'}), (:Namespace:Node {id: 'm', name: 'unset'}),
      (:Namespace:Node {id: 'o', name: 'unused'}),
      (a:Asset:Node {id: 'a', namespace: 'set', createdAt: datetime('2025-02-01')}),
      (:Asset:Node {id: 'b', namespace: 'set', createdAt: datetime('2025-01-01')}),
      (:Asset:Node {id: 'c', namespace: 'unset', createdAt: datetime('2025-03-01'), placedBy: 'x'}),
      (:AuditEntry {id: '1', action: 'dataset:register', actorId: 'u'})-[:CONCERNS]->(a),
      (:AuditEntry {id: '2', action: 'asset:rename', actorId: 'v'})-[:CONCERNS]->(a)`);
    const text = readFileSync(join(import.meta.dirname, '../../migrations', MIGRATION), 'utf8');
    for (const number of ['001', '002']) file(`V${number}__again.cypher`, text);
    await run();
    expect(
      await query(`MATCH (n:Namespace) OPTIONAL MATCH (r:NamespaceRevision)-[:REVISION_OF]->(n)
        RETURN n.id AS id, left(toString(n.createdAt), 10) AS since, n.revision AS revision, r.key AS key,
          r.visibility AS visibility, r.from = n.createdAt AS dated ORDER BY id`),
    ).toEqual([
      { id: 'm', since: '2025-03-01', revision: null, key: null, visibility: null, dated: null },
      { id: 'n', since: '2025-01-01', revision: 1n, key: 'n:1', visibility: 'RESTRICTED', dated: true },
      { id: 'o', since: expect.any(String) as string, revision: null, key: null, visibility: null, dated: null },
    ]);
    expect(await query('MATCH (a:Asset) RETURN a.id AS id, a.placedBy AS by ORDER BY id')).toEqual([
      { id: 'a', by: 'u' },
      { id: 'b', by: null },
      { id: 'c', by: 'x' },
    ]);
  });
});

describe('V013', () => {
  const MIGRATION = 'V013__owners_on_assets.cypher';
  /** Who saw what before: owners, or members of a team that owns, by the relationships. */
  const BEFORE = `MATCH (a:Asset), (u:User) WHERE EXISTS { MATCH (p:Principal)-[:OWNS]->(a) WHERE p = u OR (u)-[:MEMBER_OF]->(p) }
    RETURN u.id + a.id AS sight ORDER BY sight`;

  it('gives each asset its owners, so that everybody sees what they saw, once however often it runs', async () => {
    await query(`CREATE (x:Principal:User {id: 'x'}), (y:Principal:User {id: 'y'}), (t:Principal:Team {id: 't'}), (y)-[:MEMBER_OF]->(t),
      (a:Asset:Node {id: 'a'}), (:Asset:Node {id: 'b'}), (c:Asset:Node {id: 'c', ownerIds: ['x']}),
      (x)-[:OWNS {role: 'OWNER'}]->(a), (t)-[:OWNS {role: 'STEWARD'}]->(a), (y)-[:OWNS {role: 'OWNER'}]->(c)`);
    const before = await query(BEFORE);
    const text = readFileSync(join(import.meta.dirname, '../../migrations', MIGRATION), 'utf8');
    for (const number of ['001', '002']) file(`V${number}__again.cypher`, text);
    await run();
    expect(await query('MATCH (a:Asset) RETURN a.id AS id, a.ownerIds AS owners ORDER BY id')).toEqual([
      { id: 'a', owners: ['t', 'x'] },
      { id: 'b', owners: [] },
      { id: 'c', owners: ['y'] },
    ]);
    const viewer = "CASE u.id WHEN 'y' THEN ['y', 't'] ELSE [u.id] END AS ids";
    const predicate = visibleTo('a').replaceAll('$viewer.owns', 'ids');
    expect(
      await query(
        `WITH {seesAll: false, sees: ['DISCOVERABLE'], granted: {}} AS viewer, datetime() AS now MATCH (a:Asset), (u:User)
         WITH *, ${viewer} WHERE ${predicate.replaceAll('$', '')} RETURN u.id + a.id AS sight ORDER BY sight`,
      ),
    ).toEqual(before);
    expect(before).toHaveLength(3);
  });
});

describe('V014', () => {
  const MIGRATION = 'V014__aliases_of_ids.cypher';

  it('gives every asset an alias of its id beside those of its urns, once however often it runs', async () => {
    await query(`CREATE CONSTRAINT alias_key IF NOT EXISTS FOR (a:Alias) REQUIRE a.key IS UNIQUE`);
    await query(`CREATE (a:Asset:Node {id: 'a'}), (b:Asset:Node {id: 'b'}),
      (:Alias {key: 'hash', urn: 'urn:a'})-[:NAMES]->(a), (:Alias {key: 'id:b'})-[:NAMES]->(b)`);
    const text = readFileSync(join(import.meta.dirname, '../../migrations', MIGRATION), 'utf8');
    for (const number of ['001', '002']) file(`V${number}__again.cypher`, text);
    await run();
    expect(
      await query('MATCH (n:Alias)-[:NAMES]->(a:Asset) RETURN a.id AS id, n.key AS key, n.urn AS urn ORDER BY id, key'),
    ).toEqual([
      { id: 'a', key: 'hash', urn: 'urn:a' },
      { id: 'a', key: 'id:a', urn: null },
      { id: 'b', key: 'id:b', urn: null },
    ]);
  });
});

describe('V015', () => {
  const MIGRATION = 'V015__until_when_revisions_held.cypher';

  it('lets exactly the revision hold that was recorded last by a time, in any history, however often it runs', async () => {
    const begins = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 });
    const histories = fc.sample(begins, { seed: 15, numRuns: 100 });
    await driver.executeQuery(
      `UNWIND range(0, size($histories) - 1) AS n
       CREATE (a:Asset:Node {id: toString(n)})
       WITH a, $histories[n] AS begins
       UNWIND range(0, size(begins) - 1) AS at
       CREATE (:AssetRevision {key: a.id + ':' + toString(at + 1), revision: at + 1,
         from: datetime({epochMillis: toInteger(begins[at])})})-[:REVISION_OF]->(a)`,
      { histories },
    );
    const text = readFileSync(join(import.meta.dirname, '../../migrations', MIGRATION), 'utf8');
    for (const number of ['001', '002']) file(`V${number}__again.cypher`, text);
    await run();
    const rows = (await query(`MATCH (a:Asset)\n${STORED_REVISIONS}`)) as Record<string, string | bigint>[];
    for (const [asset, begun] of histories.entries()) {
      const stored = rows
        .filter((row) => row['asset'] === String(asset))
        .map(({ revision, from, since, until }) => ({
          ...{ revision: Number(revision), from: Number(from) },
          ...{ since: Number(since), until: Number(until) },
        }));
      expect(stored).toHaveLength(begun.length);
      expect(wrongTimes(stored)).toEqual([]);
    }
  });
});

describe('a folder that contradicts the database', () => {
  beforeEach(async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    file('V002__two.cypher', 'MERGE (:M {name: 2});');
    await run();
  });

  it('is refused by the name of the file that was changed', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 3});');
    await expect(run()).rejects.toThrow(/^V001__one\.cypher was changed after it was applied/);
    await expect(pendingMigrations(driver, { directory })).rejects.toThrow('V001__one.cypher');
  });

  it('is refused by the name of the file that is missing', async () => {
    rmSync(join(directory, 'V002__two.cypher'));
    await expect(run()).rejects.toThrow('V002__two.cypher applied, and the folder lacks it');
  });
});

describe('a migration that fails', () => {
  it('names the statement, keeps what was applied, and goes on once it is mended', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    file('V002__two.cypher', 'MERGE (:M {name: 2});\nMERGE (:M {name: 1 / 0});');
    file('V003__three.cypher', 'MERGE (:M {name: 3});');
    await expect(run()).rejects.toThrow(/Statement 2 of V002__two\.cypher failed: .*by zero/);
    const pending = ['V002__two.cypher', 'V003__three.cypher'];
    expect(await pendingMigrations(driver, { directory })).toEqual({ pending });

    file('V002__two.cypher', 'MERGE (:M {name: 2});\nMERGE (:M {name: 2.5});');
    expect(await run()).toEqual({ applied: pending, current: '003' });
    expect(await query('MATCH (m:M) RETURN collect(m.name) AS names')).toEqual([{ names: [1n, 2n, 2.5, 3n] }]);
  });

  it('leaves the rest alone when it is interrupted, and frees the lock', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    await expect(migrate(driver, { directory, signal: AbortSignal.abort(new Error('Enough.')) })).rejects.toThrow(
      'Enough.',
    );
    expect(await run()).toEqual({ applied: ['V001__one.cypher'], current: '001' });
  });
});

describe('two migrators', () => {
  it('take turns: one applies, the other waits and finds nothing to do', async () => {
    file('V001__slow.cypher', 'UNWIND range(1, 30000) AS i MERGE (:Slow {i: i % 300});');
    const events: string[] = [];
    const onEvent = (message: string): void => void events.push(message);
    const outcomes = await Promise.all([
      migrate(driver, { directory, onEvent }),
      migrate(driver, { directory, onEvent }),
    ]);
    expect(outcomes.map(({ applied }) => applied.length).sort()).toEqual([0, 1]);
    expect(events.filter((event) => event.startsWith('Waiting'))).toHaveLength(1);
    expect(await query('MATCH (m:__Neo4jMigration) RETURN count(m) AS migrations')).toEqual([{ migrations: 2n }]);
  });

  it('do not wait for one that died: its lock ends when it was silent for half a minute', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    await lockWith("aliveAt: datetime() - duration('PT31S')");
    expect(await run()).toEqual({ applied: ['V001__one.cypher'], current: '001' });
  });

  it('never break the lock of neo4j-migrations, and say how a person does', async () => {
    file('V001__one.cypher', 'MERGE (:M {name: 1});');
    await lockWith('at: datetime()');
    const waiting = migrate(driver, { directory, waitSeconds: 1 });
    await expect(waiting).rejects.toThrow("MATCH (l:__Neo4jMigrationsLock {name: 'John Doe'}) DELETE l");
    expect(await query('MATCH (m:M) RETURN m')).toEqual([]);
  });

  async function lockWith(property: string): Promise<void> {
    await query(`CREATE (:__Neo4jMigrationsLock {id: 'another', name: 'John Doe', ${property}})`);
  }
});

function file(name: string, text: string): void {
  writeFileSync(join(directory, name), text);
}

function run(): Promise<{ applied: string[]; current: string }> {
  return migrate(driver, { directory });
}

/** All but the times at which it came to be. */
async function allThereIs(): Promise<{ nodes: string[]; relationships: string[]; schema: string[] }> {
  const { nodes, relationships } = await writtenDown(driver);
  const names = new Map(nodes.map(({ id, labels, properties }) => [id, JSON.stringify([labels, properties], digits)]));
  const schema = await query(
    "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties, options, owningConstraint WHERE type <> 'LOOKUP'",
  );
  const constraints = await query('SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties');
  return {
    nodes: [...names.values()].sort(),
    relationships: relationships.map(({ from, to, type }) => [names.get(from), type, names.get(to)].join(' ')).sort(),
    schema: [...schema, ...constraints].map((each) => JSON.stringify(each, digits)).sort(),
  };
}

const digits = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

async function query(statement: string): Promise<unknown[]> {
  const { records } = await driver.executeQuery(statement);
  return records.map((record) => record.toObject());
}
