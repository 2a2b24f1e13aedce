import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBody } from '../../src/audit/record/log-entry.js';
import { Frontier, leafHash } from '../../src/audit/sealing/merkle.js';
import { recordAuditAlone } from '../../src/audit/record/record.js';
import { RetentionRepository } from '../../src/audit/erasure/retention.repository.js';
import { RetentionService } from '../../src/audit/erasure/retention.worker.js';
import { SealedLeaves } from '../../src/audit/sealing/sealed-leaves.js';
import { SealingRepository } from '../../src/audit/sealing/sealing.repository.js';
import { systemActor } from '../../src/auth/actor.js';
import { newId } from '../../src/ids.js';
import { Graph, openDriver, type WriteTransaction } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import type { Client } from '../support/client.js';
import { type OwnGraph, ownBareGraph } from '../support/own-graph.js';
import { startTestWeftline, TEST_MARKS, type TestWeftline } from '../support/weftline.js';

// What these tests do to the log, others must not meet: so a database of their own, and each test goes on from the last.
const ROOT = join(import.meta.dirname, '../..');
const WEFT = join(ROOT, 'dist/cli/weft.js');
const folder = mkdtempSync(join(tmpdir(), 'weftline-audit-log-'));
const checkpoints = join(folder, 'checkpoints');
const actor = systemActor('test');
const now = (): Date => new Date();
/** When the entries numbered from 300 on are said to be made. */
const LATER = new Date('2900-01-01T00:00:00Z');
const fact = (action: string) => ({ action, targetId: 't', targetName: 'target', at: now() });

let database: OwnGraph;
let driver: Driver;
let graph: Graph;
let log: SealingRepository;
let server: TestWeftline;
let admin: Client;

/** Migrates up to the version before the log was sealed, leaves an entry of that time, and goes on to the head. */
beforeAll(async () => {
  database = await ownBareGraph();
  driver = openDriver(database);
  graph = new Graph(driver, { database: 'neo4j', timeoutMs: 15_000 });
  graph.markWith((text) => TEST_MARKS.of(text));
  log = new SealingRepository(graph, TEST_MARKS, now);
  const before = join(folder, 'before');
  mkdirSync(before);
  for (const name of readdirSync(join(ROOT, 'migrations')).filter((each) => each < 'V005'))
    copyFileSync(join(ROOT, 'migrations', name), join(before, name));
  await migrate(driver, { directory: before });
  await driver.executeQuery(`CREATE (:AuditEntry:Node { id: '00000000-0000-7000-8000-000000000001', at: datetime(),
    actorId: 'u1', actorName: 'Old Hand', action: 'user:create', outcome: 'DONE', targetId: 'u2', targetName: 'newcomer',
    assetIds: [], requestId: 'r1', operation: '/graphql', after: '{"handle":"newcomer","role":"MEMBER"}', reason: 'why' })`);
  await migrate(driver);
});

afterAll(async () => {
  await server.stop();
  await driver.close();
  await database.giveBack();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(cypher: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
  return (await driver.executeQuery(cypher, parameters)).records.map((record) => record.toObject());
}

/** The root over the bodies as they are in the database, which must have every number from 0 on. */
async function rootOfBodies(): Promise<Buffer> {
  const bodies = await rows('MATCH (e:AuditEntry) WHERE e.seq >= 0 RETURN e.seq AS seq, e.body AS body ORDER BY e.seq');
  expect(bodies.map(({ seq }) => Number(seq))).toEqual(bodies.map((_, place) => place));
  const tree = new Frontier();
  for (const { body } of bodies) tree.append(leafHash(Buffer.from(body as string)));
  return tree.root();
}

function manyth(at: Date): Record<string, string> {
  const id = newId();
  const body = canonicalBody({
    ...{ v: 1, id, at: at.toISOString(), actor: null, actorName: 'x', action: 'many', outcome: 'DONE', target: 't' },
    ...{ targetName: 't', assets: [], requestId: 'r', operation: 'o', before: null, after: null, reason: null },
  });
  return { id, at: at.toISOString(), body, mark: TEST_MARKS.of(body) };
}

describe('The sequencer', () => {
  it('gives an entry of before a body, and its number', async () => {
    expect(await log.sealBatch(actor.origin, 10, { trusting: true })).toBe(1);
    const [row] = await rows('MATCH (e:AuditEntry {seq: 0}) RETURN properties(e) AS e, labels(e) AS labels');
    expect((row?.['labels'] as string[]).sort()).toEqual(['AuditEntry', 'Node']);
    const entry = row?.['e'] as Record<string, string>;
    expect(Object.keys(entry).sort()).toEqual(
      'action actorId assetIds at body detached id outcome requestId seq targetId'.split(' '),
    );
    expect(JSON.parse(entry['body'] ?? '')).toMatchObject({ v: 1, actor: 'u1', target: 'u2', operation: '/graphql' });
    expect(entry['body']).not.toMatch(/Old Hand|newcomer|why/);
    expect(Object.keys(JSON.parse(entry['detached'] ?? '') as object).sort()).toEqual([
      '/actorName',
      '/after/handle',
      '/reason',
      '/targetName',
    ]);
  });

  it('numbers without a gap while several seal and others write', async () => {
    const logs = [1, 2, 3].map(() => new SealingRepository(graph, TEST_MARKS, now));
    const writing = Promise.all(Array.from({ length: 60 }, (_, n) => recordAuditAlone(graph, actor, fact(`n:${n}`))));
    let done = false;
    const sealing = logs.map(async (each) => {
      while (!done || (await each.hasUnsealed(actor.origin))) await each.sealBatch(actor.origin, 7);
    });
    await writing;
    done = true;
    await Promise.all(sealing);
    const head = await log.head(actor.origin);
    expect(head.size).toBe(61);
    expect(head.root).toEqual(await rootOfBodies());
  });

  it('that is killed within a batch leaves everything as it was', async () => {
    await recordAuditAlone(graph, actor, fact('survives'));
    const before = await log.head(actor.origin);
    class Dying extends Graph {
      override write<T>(origin: typeof actor.origin, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
        return super.write(origin, async (tx) => {
          await work(tx);
          throw new Error('killed before the commit');
        });
      }
    }
    const dyingGraph = new Dying(driver, { database: 'neo4j', timeoutMs: 15_000 });
    dyingGraph.markWith((text) => TEST_MARKS.of(text));
    const dying = new SealingRepository(dyingGraph, TEST_MARKS, now);
    await expect(dying.sealBatch(actor.origin, 10)).rejects.toThrow('killed');
    expect(await log.head(actor.origin)).toEqual(before);
    expect(await log.hasUnsealed(actor.origin)).toBe(true);
    expect(await dying.sealBatch(actor.origin, 10).catch(() => log.sealBatch(actor.origin, 10))).toBe(1);
    expect((await log.head(actor.origin)).root).toEqual(await rootOfBodies());
  });

  it('fills tiles', { timeout: 300_000 }, async () => {
    const { size } = await log.head(actor.origin);
    const entries = Array.from({ length: 600 }, (_, n) => manyth(size + n < 300 ? new Date('2026-01-01') : LATER));
    await rows(
      `UNWIND $entries AS entry
       CREATE (e:AuditEntry:Node:UnsealedEntry {at: datetime(entry.at), action: 'many', outcome: 'DONE', targetId: 't',
         assetIds: [], requestId: 'r', detached: '{}', id: entry.id, body: entry.body, mark: entry.mark})`,
      { entries },
    );
    while ((await log.sealBatch(actor.origin, 250)) > 0);
    const tiles = await rows('MATCH (t:AuditTile) RETURN t.key AS key, size(t.hashes) AS size ORDER BY key');
    expect(tiles.map(({ key, size }) => `${String(key)} ${String(size)}`)).toEqual([
      '0:0 256',
      '0:1 256',
      '0:2 150',
      '1:0 2',
    ]);
    expect((await log.head(actor.origin)).root).toEqual(await rootOfBodies());
  });
});

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real command, in a process of its own. */
async function weft(args: string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [WEFT, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** Retention as it is when all before the entries numbered from 300 on is too old. */
const laterRetention = {
  prune: (): Promise<number> =>
    new RetentionService(graph, new RetentionRepository(), new SealedLeaves(log), {
      days: 3650,
      knownDamage: [],
      logger: pino({ level: 'silent' }),
      now: () => new Date(LATER.getTime() + 3649 * 86_400_000),
    }).prune(),
};

const newestCheckpoint = (): string | undefined =>
  readdirSync(checkpoints)
    .filter((name) => name.startsWith('checkpoint-'))
    .sort()
    .at(-1);

let exports = 0;

/** Exports from the server, as an administrator does, and checks what came, as an auditor does. */
async function exportAndVerify(): Promise<Outcome & { text: string }> {
  const out = join(folder, `export-${++exports}.jsonl`);
  const fetched = await weft(['audit', 'export', '--url', server.address, '--out', out], {
    WEFTLINE_TOKEN: admin.token ?? '',
  });
  expect(fetched).toMatchObject({ code: 0, stderr: '' });
  const { auditCheckpoint } = await admin
    .data<{ auditCheckpoint: { verifierKey: string } }>('{ auditCheckpoint { verifierKey } }')
    .catch(() => ({ auditCheckpoint: { verifierKey: key } }));
  key = auditCheckpoint.verifierKey;
  const verdict = await weft(['audit', 'verify', '--export', out, '--key', key, '--checkpoint', checkpoints]);
  return { ...verdict, text: readFileSync(out, 'utf8') };
}

let key = '';

describe('The whole way: server, export, verifier', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    server = await startTestWeftline({
      database,
      checkpoints,
      environment: { WEFTLINE_AUDIT_RETENTION_DAYS: '3650', WEFTLINE_AUDIT_CHECKPOINT_SECONDS: '1' },
    });
    admin = await server.user({ role: 'ADMIN' });
  });

  it('finds a log that nobody touched intact', async () => {
    await expect.poll(() => newestCheckpoint()).toBeDefined();
    const { code, stdout, text } = await exportAndVerify();
    expect(stdout).toContain('is intact.');
    expect(code).toBe(0);
    expect(text).toContain('"action":"audit:export"');
  });

  it('finds an entry whose body was edited, or that was deleted, in the database', async () => {
    const [row] = await rows('MATCH (e:AuditEntry {seq: 5}) RETURN properties(e) AS e');
    const entry = row?.['e'] as { body: string; id: string };
    const edited = entry.body.replace('"outcome":"DONE"', '"outcome":"DENIED"');
    await rows('MATCH (e:AuditEntry {seq: 5}) SET e.body = $edited', { edited });
    const changed = await exportAndVerify();
    expect(changed.code).toBe(1);
    expect(changed.stdout).toMatch(/[Ee]ntry 5\b/);
    await rows('MATCH (e:AuditEntry {seq: 5}) SET e.body = "no JSON at all"');
    expect((await exportAndVerify()).code).toBe(1);
    await rows('MATCH (e:AuditEntry {seq: 5}) DETACH DELETE e');
    const removed = await exportAndVerify();
    expect(removed.code).toBe(1);
    expect(removed.stdout).toMatch(/[Ee]ntry 5\b/);
    await rows('CREATE (e:AuditEntry:Node) SET e = $entry', { entry });
    expect((await exportAndVerify()).code).toBe(0);
  });

  it('signs nothing over a tree that contradicts an earlier checkpoint, says so, and goes on', async () => {
    const [row] = await rows("MATCH (t:AuditTile {key: '1:0'}) RETURN t.hashes AS hashes");
    const hashes = row?.['hashes'] as string[];
    const forged = hashes.toSpliced(0, 1, leafHash(Buffer.from('forged')).toString('base64'));
    await rows("MATCH (t:AuditTile {key: '1:0'}) SET t.hashes = $forged", { forged });
    const team = `mutation { createTeam(input: { name: "while forged ${server.namespace}" }) { team { id } } }`;
    expect((await admin.ask(team)).errors).toBeUndefined();
    await server.weftline.auditLog.sequencer.sealAll();
    const error = await admin.error('{ auditCheckpoint { size } }');
    expect(error.extensions.code).toBe('UNAVAILABLE');
    expect(error.message).toContain('The audit log contradicts a checkpoint');
    const ready = await fetch(`${server.address}/readyz`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('contradicts') as string]);
    expect((await exportAndVerify()).code).toBe(1);
    await rows("MATCH (t:AuditTile {key: '1:0'}) SET t.hashes = $hashes", { hashes });
    expect((await admin.ask('{ auditCheckpoint { size } }')).errors).toBeUndefined();
    expect((await fetch(`${server.address}/readyz`)).status).toBe(200);
  });

  it('takes a person out of the log without a change to the tree', async () => {
    const handle = `leaver-${server.namespace.slice(5)}`;
    const made = await admin.data<{ createUser: { user: { id: string } } }>(
      `mutation { createUser(input: { name: "Leandrine Verhoeven", handle: "${handle}" }) { user { id } } }`,
    );
    const user = made.createUser.user.id;
    const { createApiToken } = await admin.data<{ createApiToken: { secret: string } }>(
      `mutation { createApiToken(input: { user: "${user}", name: "of Leandrine", scopes: [READ, WRITE] }) { secret } }`,
    );
    const leaver = { authorization: `Bearer ${createApiToken.secret}`, 'content-type': 'application/json' };
    const ask = (query: string): Promise<Response> =>
      fetch(`${server.address}/graphql`, { method: 'POST', headers: leaver, body: JSON.stringify({ query }) });
    const register = `mutation { registerDataset(input: { namespace: "${server.namespace}", name: "of the leaver" }) { dataset { id } } }`;
    expect((await ask(register)).status).toBe(200);
    await rows(
      'MATCH (u:User {id: $user}) SET u.issuer = "https://idp", u.subject = "s-1", u.email = "leandrine@example.org"',
      {
        user,
      },
    );
    const named = { ...fact('note'), reason: 'Leandrine Verhoeven asked by leandrine@example.org' };
    await recordAuditAlone(graph, { ...actor, name: 'Somebody' }, named);
    const erase = (input: string): Promise<string> =>
      admin.error(`mutation { erasePerson(input: { ${input} }) { entries } }`).then(({ message }) => message);
    expect(await erase(`user: "${admin.userId}"`)).toContain('You cannot erase yourself');
    expect(await erase('user: "nobody"')).toContain('There is no user nobody');
    expect(await erase(`user: "${user}", reason: "leandrine verhoeven wants it"`)).toContain(
      'The reason names the person',
    );

    const { erasePerson } = await admin.data<{ erasePerson: { user: object; entries: number } }>(
      `mutation { erasePerson(input: { user: "${user}", reason: "a request" }) { user { id name handle } entries } }`,
    );
    expect(erasePerson.user).toEqual({ id: user, name: 'Erased person', handle: `erased-${user}` });
    expect(erasePerson.entries).toBe(4);
    expect((await ask(register)).status).toBe(401);
    const [left] = await rows('MATCH (u:User {id: $user}) RETURN keys(u) AS keys, u.nameKey AS key', { user });
    const kept = ['createdAt', 'disabledAt', 'handle', 'id', 'name', 'nameKey', 'role'];
    expect((left?.['keys'] as string[]).sort()).toEqual(kept);
    expect(left?.['key']).toBe(`erased-${user}`);
    const everything = JSON.stringify(
      await rows('MATCH (n) WHERE n:AuditEntry OR n:User OR n:ApiToken RETURN properties(n) AS p'),
      (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    );
    // Long words: three letters stand in a salt or a signature by chance.
    expect(everything).not.toMatch(new RegExp(`Leandrine|Verhoeven|${handle}|leandrine@`, 'i'));
    const about = await admin.data<{ audit: { nodes: object[] } }>(
      `{ audit(filter: { actor: "${user}" }) { nodes { action actorName targetName } } }`,
    );
    expect(about.audit.nodes).toMatchObject([{ action: 'dataset:register', actorName: 'erased' }]);
    const { code, stdout } = await exportAndVerify();
    expect(stdout).toMatch(/values erased +[1-9]/);
    expect(code).toBe(0);
  });

  it('lets go of what is older than is kept, and proves the rest', async () => {
    // How old an entry is says its sealed text: what lists find it by takes nothing away.
    await rows('MATCH (e:AuditEntry) WHERE e.seq < 300 SET e.at = datetime("2001-01-01T00:00:00Z")');
    expect(await server.weftline.auditLog.retention.prune()).toBe(0);
    expect(await laterRetention.prune()).toBe(300);
    expect(await laterRetention.prune()).toBe(0);
    expect(await rows('MATCH (e:AuditEntry) WHERE e.seq < 300 RETURN e')).toEqual([]);
    const { audit } = await admin.data<{ audit: { nodes: { after: object }[] } }>(
      '{ audit(filter: { actions: ["audit:prune"] }) { nodes { after } } }',
    );
    expect(audit.nodes).toMatchObject([{ after: { first: 0, last: 299 } }]);
    const { code, stdout } = await exportAndVerify();
    expect(stdout).toMatch(/bodies past retention +300/);
    expect(code).toBe(0);
  });

  it('does not take a gap in the log for retention', async () => {
    await rows('MATCH (e:AuditEntry {seq: 301}) DETACH DELETE e');
    await expect(laterRetention.prune()).rejects.toThrow('Entry 301 of the audit log is missing');
    const { code, stdout } = await exportAndVerify();
    expect(stdout).toMatch(/[Ee]ntry 301\b/);
    expect(code).toBe(1);
  });

  it('says at the start that the tail was cut, and stays up to be asked', async () => {
    const cut = join(folder, 'cut');
    mkdirSync(cut);
    const newest = newestCheckpoint() ?? '';
    copyFileSync(join(checkpoints, newest), join(cut, newest));
    const before = await log.head(actor.origin);
    await rows('MATCH (h:AuditHead) SET h.size = 0, h.frontier = [], h.root = null');
    const again = await startTestWeftline({ database, checkpoints: cut });
    expect(await again.weftline.auditLog.checkpoints.whyNotReady()).toContain('contradicts a checkpoint');
    await again.stop();
    expect(before.size).toBeGreaterThan(0);
  });
});

describe('npx weft audit export', { timeout: 300_000 }, () => {
  it('says what is wrong with how it is called', async () => {
    const out = join(folder, 'none.jsonl');
    expect(await weft(['audit', 'export', '--url', 'nowhere', '--out', out], { WEFTLINE_TOKEN: 't' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--url must be the address of a server') as string,
    });
    const url = ['--url', server.address];
    expect(await weft(['audit', 'export', ...url, '--out', out], { WEFTLINE_TOKEN: '' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no token') as string,
    });
    writeFileSync(join(folder, 'there'), 'x');
    expect(
      await weft(['audit', 'export', ...url, '--out', join(folder, 'there')], { WEFTLINE_TOKEN: 't' }),
    ).toMatchObject({ code: 2, stderr: expect.stringContaining('is not overwritten') as string });
    writeFileSync(join(folder, 'token'), 'wrong');
    const refused = await weft(['audit', 'export', ...url, '--out', out, '--token-file', join(folder, 'token')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The server refused (401)');
    expect(readdirSync(folder)).not.toContain('none.jsonl');
  });
});
