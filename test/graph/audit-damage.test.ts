import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExportRepository } from '../../src/audit/verification/export.repository.js';
import { ExportService } from '../../src/audit/verification/export.service.js';
import { readExport } from '../../src/audit/verification/log-export.js';
import { verifyExport } from '../../src/audit/verification/log-verify.js';
import { readVerifier, verifierOf } from '../../src/audit/checkpoints/checkpoint.js';
import type { AuditEntry } from '../../src/audit/entries/audit.js';
import { AuditRepository } from '../../src/audit/entries/audit.repository.js';
import { leafHash } from '../../src/audit/sealing/merkle.js';
import { SealedLeaves } from '../../src/audit/sealing/sealed-leaves.js';
import { recordAudit } from '../../src/audit/record/record.js';
import { SealingRepository } from '../../src/audit/sealing/sealing.repository.js';
import { systemActor } from '../../src/auth/actor.js';
import { newId } from '../../src/ids.js';
import { type Graph, openDriver } from '../../src/neo4j/graph.js';
import type { Client } from '../support/client.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { startTestWeftline, TEST_MARKS, TEST_SIGNER, type TestWeftline } from '../support/weftline.js';

// Who can only write to the database, by Cypher, against the log. A graph of its own: what is damaged is red for all.
const folder = mkdtempSync(join(tmpdir(), 'weftline-audit-damage-'));
const checkpoints = join(folder, 'checkpoints');
const actor = systemActor('test');
const ENTRIES = 300;

interface Shown {
  id: string;
  seq: number | null;
  integrity: { state: string; differs: string[] };
  [field: string]: unknown;
}

const FIELDS =
  'id seq at actorId actorName action outcome targetId targetName requestId before after reason hidden integrity { state differs }';

let database: OwnGraph;
let driver: Driver;
let server: TestWeftline;
let admin: Client;
let graph: Graph;
/** Entries of the log. */
let size: number;

beforeAll(async () => {
  database = await ownGraph();
  driver = openDriver(database);
  server = await startTestWeftline({ database, checkpoints, environment: { WEFTLINE_AUDIT_CHECKPOINT_SECONDS: '1' } });
  graph = server.graph;
  admin = await server.user({ role: 'ADMIN' });
  await write(ENTRIES / 2);
  await keepCheckpoint();
  await write(ENTRIES / 2);
  await keepCheckpoint();
  await write(20);
  size = (await keepCheckpoint()).size;
}, 300_000);

afterAll(async () => {
  await server.stop();
  await driver.close();
  await database.giveBack();
  rmSync(folder, { recursive: true, force: true });
});

async function cypher(text: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
  return (await driver.executeQuery(text, parameters)).records.map((record) => record.toObject());
}

async function write(count: number): Promise<void> {
  await graph.write(actor.origin, async (tx) => {
    for (let n = 0; n < count; n += 1) {
      const fact = { action: `did:${n}`, targetId: `t-${n}`, targetName: `target ${n}`, reason: `because ${n}` };
      await recordAudit(tx, actor, { ...fact, after: { n }, at: new Date() });
    }
  });
  await server.sealed();
}

const keepCheckpoint = () => server.weftline.auditLog.checkpoints.forExport(actor.origin);
const check = () => server.weftline.auditLog.walk.check();

async function entryAt(seq: number): Promise<Shown> {
  const [row] = await cypher('MATCH (e:AuditEntry {seq: $seq}) RETURN e.id AS id', { seq: BigInt(seq) });
  const shown = await show(String(row?.['id']));
  if (!shown) throw new Error(`There is no entry ${seq}.`);
  return shown;
}

async function show(id: string): Promise<Shown | null> {
  const query = `query ($id: ID!) { node(id: $id) { ... on AuditEntry { ${FIELDS} } } }`;
  return (await admin.data<{ node: Shown | null }>(query, { id })).node;
}

/** As a server reads it that has read nothing before. */
async function readAnew(seq: number): Promise<AuditEntry> {
  const [row] = await cypher('MATCH (e:AuditEntry {seq: $seq}) RETURN e.id AS id', { seq: BigInt(seq) });
  const [id, now] = [String(row?.['id']), (): Date => new Date()];
  const leaves = new SealedLeaves(new SealingRepository(graph, TEST_MARKS, now));
  const entry = (await new AuditRepository(graph, { leaves, marks: TEST_MARKS }, now).byIds(actor, [id])).get(id);
  if (!entry) throw new Error(`There is no entry ${seq}.`);
  return entry;
}

/** A text that could stand at 57 instead of the one there, and its leaf. */
async function forgeryOf57(): Promise<{ forged: string; leaf: string }> {
  const [row] = await cypher('MATCH (e:AuditEntry {seq: 57}) RETURN e.body AS body');
  const forged = String(row?.['body']).replace('"after":{"n":', '"after":{"n":1');
  return { forged, leaf: leafHash(Buffer.from(forged)).toString('base64') };
}

async function page(): Promise<Shown[]> {
  const query = `{ audit(first: 200) { nodes { ${FIELDS} } } }`;
  return (await admin.data<{ audit: { nodes: Shown[] } }>(query)).audit.nodes;
}

async function ready(): Promise<{ status: number; text: string }> {
  const response = await fetch(`${server.address}/readyz`);
  return { status: response.status, text: await response.text() };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.address}/metrics`)).text();
  return Number(new RegExp(`^weftline_audit_${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** What `weft audit verify` says of an export that adds nothing to the log. */
async function verdict(): Promise<string[]> {
  const log = new SealingRepository(graph, TEST_MARKS, () => new Date());
  const head = await log.head(actor.origin);
  const note = server.weftline.auditLog.checkpoints;
  const permitted = { __typename: 'DryRun' as const, reasons: [], wouldAskApproval: false, warnings: [] };
  const still = { account: () => Promise.resolve(), foresee: () => Promise.resolve(permitted) };
  const auditLog = {
    sequencer: { sealAll: () => Promise.resolve() },
    checkpoints: { origin: note.origin, forExport: async () => ({ ...(await keepCheckpoint()), size: head.size }) },
  } as unknown as TestWeftline['weftline']['auditLog'];
  const exporting = new ExportService(new ExportRepository(graph), log, auditLog, still, () => new Date());
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for await (const line of exporting.lines(actor)) yield Buffer.from(line);
  }
  const evidence = { verifiers: [readVerifier(verifierOf(TEST_SIGNER))], checkpoints: [] };
  return (await verifyExport(readExport(bytes()), evidence)).problems;
}

interface Damage {
  /** What somebody does by Cypher. */
  does: string;
  cypher: string;
  /** Undoes it; what the first statement kept is in (k:Kept). */
  mend: string;
  /** Number of the first wrong entry; 'end': the first behind the log; 'at most': only checkpoints say between which it is. */
  first: number | 'end' | 'at most 57';
  /** What is told at the entry of that number. */
  state?: string;
  differs?: string[];
  /** What an export shows too. */
  verified?: boolean;
}

const E = 'MATCH (e:AuditEntry {seq: 57})';
const column = (name: string, value: string): Damage => ({
  does: `edits the column ${name}`,
  cypher: `${E} CREATE (:Kept {value: e.${name}}) SET e.${name} = ${value}`,
  mend: `${E} MATCH (k:Kept) SET e.${name} = k.value DELETE k`,
  ...{ first: 57, state: 'ALTERED', differs: [name] },
});
const TILE = `MATCH (t:AuditTile {key: '0:0'})`;
const HEAD = `MATCH (h:AuditHead {key: 'log'})`;
const keepHead = `${HEAD} CREATE (k:Kept) SET k = properties(h)`;
const mendHead = `${HEAD} MATCH (k:Kept) SET h = properties(k) DELETE k`;

const DAMAGES: Damage[] = [
  column('actorId', "'somebody else'"),
  column('action', "'did:nothing'"),
  column('outcome', "'DENIED'"),
  column('at', "datetime('2020-01-01T00:00:00Z')"),
  column('targetId', "'another'"),
  column('requestId', '42'),
  column('assetIds', "['x']"),
  {
    does: 'edits a body',
    cypher: `${E} CREATE (:Kept {value: e.body}) SET e.body = replace(e.body, '"outcome":"DONE"', '"outcome":"DENIED"')`,
    mend: `${E} MATCH (k:Kept) SET e.body = k.value DELETE k`,
    ...{ first: 57, state: 'EDITED', verified: true },
  },
  {
    does: 'takes a body out',
    cypher: `${E} CREATE (:Kept {value: e.body}) REMOVE e.body`,
    mend: `${E} MATCH (k:Kept) SET e.body = k.value DELETE k`,
    ...{ first: 57, state: 'UNREADABLE', verified: true },
  },
  {
    does: 'replaces what is kept of a person',
    cypher: `${E} CREATE (:Kept {value: e.detached}) SET e.detached = replace(e.detached, 'weftline', 'Mallory')`,
    mend: `${E} MATCH (k:Kept) SET e.detached = k.value DELETE k`,
    ...{ first: 57, state: 'ALTERED', differs: ['detached /actorName'], verified: true },
  },
  {
    does: 'changes the order of two entries by their ids',
    cypher: `${E} MATCH (o:AuditEntry {seq: 60}) CREATE (:Kept {one: e.id, other: o.id})
      WITH e, o, e.id AS one, o.id AS other SET o.id = 'aside' SET e.id = other SET o.id = one`,
    mend: `${E} MATCH (o:AuditEntry {seq: 60}) MATCH (k:Kept) SET o.id = 'aside' SET e.id = k.one SET o.id = k.other DELETE k`,
    ...{ first: 57, state: 'ALTERED', differs: ['id'] },
  },
  {
    does: 'swaps the numbers of two entries',
    cypher: `${E} MATCH (o:AuditEntry {seq: 60}) SET o.seq = 100000 SET e.seq = 60 SET o.seq = 57`,
    mend: `${E} MATCH (o:AuditEntry {seq: 60}) SET o.seq = 100000 SET e.seq = 60 SET o.seq = 57`,
    ...{ first: 57, state: 'EDITED', verified: true },
  },
  {
    does: 'edits a body and the leaf with it',
    cypher: `${E} ${TILE} CREATE (:Kept {body: e.body, hashes: t.hashes}) SET e.body = $forged,
      t.hashes = t.hashes[..57] + [$leaf] + t.hashes[58..]`,
    mend: `${E} ${TILE} MATCH (k:Kept) SET e.body = k.body, t.hashes = k.hashes DELETE k`,
    ...{ first: 'at most 57', state: 'UNPROVEN' },
  },
  {
    does: 'edits a leaf in its tile',
    cypher: `${TILE} CREATE (:Kept {hashes: t.hashes}) SET t.hashes = t.hashes[..57] + [t.hashes[0]] + t.hashes[58..]`,
    mend: `${TILE} MATCH (k:Kept) SET t.hashes = k.hashes DELETE k`,
    ...{ first: 57, state: 'EDITED', verified: true },
  },
  {
    does: 'edits a tile above the leaves',
    cypher: `MATCH (t:AuditTile {key: '1:0'}) CREATE (:Kept {hashes: t.hashes}) SET t.hashes = ['${'A'.repeat(43)}=']`,
    mend: `MATCH (t:AuditTile {key: '1:0'}) MATCH (k:Kept) SET t.hashes = k.hashes DELETE k`,
    ...{ first: 0, state: 'UNPROVEN' },
  },
  {
    does: 'takes a tile away',
    cypher: `MATCH (t:AuditTile {key: '0:1'}) CREATE (:Kept {hashes: t.hashes}) DELETE t`,
    mend: `MATCH (k:Kept) CREATE (t:AuditTile {key: '0:1', hashes: k.hashes}) DELETE k`,
    first: 256,
  },
  {
    does: 'edits the root of the head',
    cypher: `${keepHead} SET h.root = '${'A'.repeat(43)}='`,
    ...{ mend: mendHead, first: 'end' },
  },
  {
    does: 'edits the frontier of the head',
    cypher: `${keepHead} SET h.frontier = h.frontier[1..]`,
    ...{ mend: mendHead, first: 'end' },
  },
  {
    does: 'says that the log is longer',
    cypher: `${keepHead} SET h.size = $size + 10`,
    ...{ mend: mendHead, first: 'end' },
  },
  {
    does: 'says that the log is shorter',
    cypher: `${keepHead} SET h.size = 200`,
    ...{ mend: mendHead, first: 200 },
  },
  {
    does: 'removes an entry',
    cypher: `${E} CREATE (k:Kept) SET k = properties(e) DETACH DELETE e`,
    mend: `MATCH (k:Kept) CREATE (e:AuditEntry:Node) SET e = properties(k) DELETE k`,
    ...{ first: 57, verified: true },
  },
  {
    does: 'removes the first entries and calls it retention',
    cypher: `MATCH (e:AuditEntry) WHERE e.seq < 5 CREATE (k:Kept) SET k = properties(e) DETACH DELETE e
      WITH count(*) AS gone ${HEAD} SET h.prunedTo = 5`,
    mend: `MATCH (k:Kept) CREATE (e:AuditEntry:Node) SET e = properties(k) DELETE k
      WITH count(*) AS back ${HEAD} SET h.prunedTo = 0`,
    first: 0,
  },
  {
    does: 'adds an entry behind the log',
    cypher: `${E} WITH e {.*, id: $id, seq: $size} AS forged CREATE (a:AuditEntry:Node) SET a = forged`,
    mend: `MATCH (a:AuditEntry {seq: $size}) DELETE a`,
    ...{ first: 'end', state: 'EDITED' },
  },
  {
    does: 'adds an entry without a number',
    cypher: `${E} WITH e {.*, id: $id, seq: null} AS forged CREATE (a:AuditEntry:Node) SET a = forged`,
    mend: `MATCH (a:AuditEntry {id: $id}) DELETE a`,
    first: 'end',
  },
  {
    does: 'cuts the end off, with the head',
    cypher: `${keepHead} WITH h MATCH (e:AuditEntry) WHERE e.seq >= 290 CREATE (k:Kept) SET k = properties(e), k.entry = true
      DETACH DELETE e WITH DISTINCT h SET h.size = 290`,
    mend: `MATCH (k:Kept {entry: true}) REMOVE k.entry CREATE (e:AuditEntry:Node) SET e = properties(k) DELETE k
      WITH count(*) AS back ${mendHead}`,
    first: 290,
  },
];

const plain = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? Number(each) : each));

describe('Damage by Cypher', { timeout: 300_000 }, () => {
  it('is not found where there is none', async () => {
    expect(await check()).toBeNull();
    expect(await verdict()).toEqual([]);
    expect((await ready()).status).toBe(200);
    expect(await metric('first_wrong_entry')).toBe(-1);
    expect(await metric('check_entries')).toBe(await metric('log_size'));
    expect((await page()).map(({ integrity }) => integrity)).toEqual(
      Array.from({ length: 200 }, () => ({ state: 'INTACT', differs: [] })),
    );
  });

  it.each(DAMAGES)('by who $does is told, and goes when it is mended', async (damage) => {
    const parameters = { id: newId(), size: BigInt(size), ...(await forgeryOf57()) };
    const before = await entryAt(57);
    await cypher(damage.cypher, parameters);
    try {
      const first = (await check())?.entry ?? -1;
      if (damage.first === 'at most 57') expect([first >= 0, first <= 57]).toEqual([true, true]);
      else expect(first).toBe(damage.first === 'end' ? size : damage.first);
      const { status, text } = await ready();
      expect([status, text]).toEqual([503, expect.stringContaining('audit log') as string]);
      expect(await metric('first_wrong_entry')).toBe(first);
      expect((await page()).length).toBeGreaterThan(100);
      if (damage.state !== undefined) {
        const told = await readAnew(damage.first === 'end' ? size : 57);
        expect(told.integrity.state).toBe(damage.state);
        expect(told.integrity.differs).toEqual(damage.differs ?? (told.integrity.state === 'UNPROVEN' ? [] : ['body']));
        // What is shown is what was sealed, or nothing.
        if (damage.state === 'ALTERED') expect(told).toMatchObject({ action: before['action'], outcome: 'DONE' });
        if (damage.state === 'EDITED') expect(told).toMatchObject({ action: 'audit:unreadable', targetId: null });
      }
      if (damage.verified === true) expect((await verdict()).join('\n')).toMatch(/\b57\b/);
    } finally {
      await cypher(damage.mend, parameters);
    }
    expect(await check()).toBeNull();
    await expect.poll(async () => (await ready()).status, { timeout: 60_000 }).toBe(200);
    expect(await entryAt(57)).toEqual(before);
  });

  it('of any column or text is told at the entry, or nothing of it is shown', async () => {
    const properties = 'id at actorId action outcome targetId requestId assetIds seq body detached mark'.split(' ');
    const value = fc.oneof(
      fc.constantFrom(null, '', 'DENIED', 'did:1', admin.userId, '{}', '{"/actorName":{"salt":"x","value":"M"}}'),
      fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true }), fc.array(fc.string(), { maxLength: 2 })),
      fc.bigInt(-3n, 400n),
      fc.json().map((text) => text),
    );
    const edit = fc.record({ seq: fc.integer({ min: 2, max: 310 }), property: fc.constantFrom(...properties), value });
    await fc.assert(
      fc.asyncProperty(edit, async ({ seq, property, value: forged }) => {
        const [row] = await cypher(
          'MATCH (e:AuditEntry {seq: $seq}) RETURN elementId(e) AS node, properties(e) AS was',
          {
            seq: BigInt(seq),
          },
        );
        const [node, was] = [row?.['node'], row?.['was'] as Record<string, unknown>];
        const before = (await page()).concat(await entryAt(seq)).find((each) => each.seq === seq);
        const done = await driver
          .executeQuery(`MATCH (e) WHERE elementId(e) = $node SET e[$property] = $forged`, { node, property, forged })
          .then(() => true)
          // The database itself refuses a number or an id twice.
          .catch(() => false);
        try {
          // An id of more characters is none that could be asked for.
          const isAskable = property === 'id' && typeof forged === 'string' && forged.length <= 255;
          const after = await show(isAskable ? forged : String(was['id']));
          if (!done || after === null || plain(forged) === plain(was[property])) return;
          const { integrity, ...shown } = after;
          if (integrity.state !== 'INTACT') return;
          // What is kept of a person may go. A mark means nothing once an entry is sealed.
          if (property === 'detached' && plain(forged) === '"{}"') return;
          expect(property).toBe('mark');
          expect(shown).toEqual({ ...before, integrity: undefined });
        } finally {
          await cypher('MATCH (e) WHERE elementId(e) = $node SET e = $was', { node, was });
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(await check()).toBeNull();
  });
});

describe('Erasure and retention', { timeout: 300_000 }, () => {
  it('are no damage', async () => {
    await cypher("MATCH (e:AuditEntry) WHERE e.seq IN [20, 21] SET e.detached = '{}'");
    expect(await check()).toBeNull();
    expect(await entryAt(20)).toMatchObject({ actorName: 'erased', integrity: { state: 'INTACT' } });
  });
});

describe('An entry nested deeper than can be answered', { timeout: 300_000 }, () => {
  it('is told without it, and spoils neither the page nor the check', async () => {
    const fact = { action: 'did:deep', targetId: 'deep', targetName: 'deep', after: { deep: 1 }, at: new Date() };
    const { sequencer } = server.weftline.auditLog;
    await sequencer.stop();
    await graph.write(actor.origin, (tx) => recordAudit(tx, actor, fact));
    const [row] = await cypher('MATCH (e:UnsealedEntry) RETURN e.body AS body');
    const deep = `{"deep":${'['.repeat(2_200)}1${']'.repeat(2_200)}}`;
    const body = String(row?.['body']).replace('{"deep":1}', deep);
    await cypher('MATCH (e:UnsealedEntry) SET e.body = $body, e.mark = $mark', { body, mark: TEST_MARKS.of(body) });
    await sequencer.sealAll();
    sequencer.start();
    const [deepest] = await page();
    expect(deepest).toMatchObject({ action: 'did:deep', after: null, targetName: 'deep' });
    expect(deepest?.integrity).toEqual({ state: 'UNREADABLE', differs: ['after'] });
    expect(await check()).toBeNull();
  });
});

describe('An entry that waits to be sealed', { timeout: 300_000 }, () => {
  const forged = (more: string): string =>
    `MATCH (o:AuditEntry {seq: 57}) WITH o {.*, id: $id, seq: null} AS like
     CREATE (e:AuditEntry:Node:UnsealedEntry) SET e = like${more}`;
  const FORGERIES: Record<string, string> = {
    'without a mark': forged(', e.body = $body'),
    'with a mark of something else': forged(', e.body = $body, e.mark = $mark'),
    'with the text of another': forged(', e.mark = $mark'),
    'without a text': forged(', e.body = null'),
    'with a text that is a number': forged(', e.body = 7, e.mark = 8'),
    'with a text that is none of an entry': forged(`, e.body = '{"v":1}', e.mark = $markOfNone`),
    'that is sealed already': 'MATCH (e:AuditEntry {seq: 57}) SET e:UnsealedEntry',
    'that is labelled as none': 'CREATE (e:UnsealedEntry {id: $id, body: $body, mark: $mark})',
  };

  it.each(Object.keys(FORGERIES))('%s is refused and reported', async (kind) => {
    const { sequencer } = server.weftline.auditLog;
    await sequencer.stop();
    const log = new SealingRepository(graph, TEST_MARKS, () => new Date());
    const before = await log.head(actor.origin);
    const refusedBefore = await metric('refused_entries');
    const entry57 = await entryAt(57);
    const id = newId();
    const [row] = await cypher('MATCH (e:AuditEntry {seq: 57}) RETURN e.body AS body');
    const original = String(row?.['body']);
    const body = original.replace(/"id":"[^"]*"/, `"id":"${id}"`);
    const [mark, markOfNone] = [TEST_MARKS.of(original), TEST_MARKS.of('{"v":1}')];
    await cypher(FORGERIES[kind] ?? '', { id, body, mark, markOfNone });
    const waiting = await show(id);
    if (waiting !== null) expect(waiting.integrity.state).toMatch(/^(EDITED|UNREADABLE|ALTERED)$/);
    if (waiting?.integrity.state === 'ALTERED') expect(waiting.integrity.differs).toContain('id');
    await sequencer.sealAll();
    await sequencer.sealAll();
    // What the log gained is that it was refused.
    expect((await log.head(actor.origin)).size).toBe(before.size + 1);
    const [report] = await page();
    expect(report).toMatchObject({ action: 'audit:refuse', outcome: 'DENIED', integrity: { state: 'INTACT' } });
    expect(JSON.stringify(report?.['after'])).toContain(kind === 'that is sealed already' ? entry57.id : id);
    if (kind !== 'that is sealed already') expect(await show(id)).toBeNull();
    if (kind !== 'that is labelled as none' && kind !== 'that is sealed already')
      expect(await metric('refused_entries')).toBe(refusedBefore + 1);
    expect(await entryAt(57)).toEqual(entry57);
    expect(await check()).toBeNull();
    sequencer.start();
  });

  it('written by a server is shown as waiting, and sealed', async () => {
    const { sequencer } = server.weftline.auditLog;
    await sequencer.stop();
    await graph.write(actor.origin, (tx) =>
      recordAudit(tx, actor, { action: 'did:wait', targetId: 'w', targetName: 'w', at: new Date() }),
    );
    expect((await page())[0]).toMatchObject({ action: 'did:wait', seq: null, integrity: { state: 'WAITING' } });
    await sequencer.sealAll();
    expect((await page())[0]).toMatchObject({ action: 'did:wait', integrity: { state: 'INTACT' } });
    sequencer.start();
  });

  it('without a mark is sealed once, when a version that marks starts first, and that is an entry', async () => {
    const { sequencer } = server.weftline.auditLog;
    await sequencer.stop();
    await cypher("MATCH (h:AuditHead {key: 'log'}) REMOVE h.trustEndedAt");
    const id = newId();
    const [row] = await cypher('MATCH (e:AuditEntry {seq: 57}) RETURN e.body AS body');
    const body = String(row?.['body']).replace(/"id":"[^"]*"/, `"id":"${id}"`);
    await cypher(forged(', e.body = $body'), { id, body });
    await sequencer.trustOnce(true);
    expect((await show(id))?.integrity.state).toBe('EDITED');
    await sequencer.trustOnce(false);
    expect((await show(id))?.integrity.state).toBe('INTACT');
    expect((await page())[0]).toMatchObject({ action: 'audit:adopt', after: { entries: 1 } });
    sequencer.start();
  });
});

describe('Damage that is known', { timeout: 300_000 }, () => {
  it('is believed by a server that starts later, until the settings say that it was looked into', async () => {
    await cypher(`${E} CREATE (:Kept {value: e.outcome}) SET e.outcome = 'FAILED'`);
    expect((await check())?.entry).toBe(57);
    const again = await startTestWeftline({ database, checkpoints });
    again.weftline.auditLog.walk.start();
    await expect.poll(() => again.weftline.auditLog.whyNotReady()).toContain('Entry 57');
    await again.stop();
    const environment = { WEFTLINE_AUDIT_KNOWN_DAMAGE: '12,50-57' };
    const knowing = await startTestWeftline({ database, checkpoints, environment });
    expect(await knowing.weftline.auditLog.walk.check()).toBeNull();
    expect(knowing.weftline.auditLog.walk.measure()).toMatchObject({ firstWrong: -1, known: 1 });
    expect(await knowing.weftline.auditLog.whyNotReady()).toBeNull();
    await knowing.stop();
    await cypher(`${E} MATCH (k:Kept) SET e.outcome = k.value DELETE k`);
  });
});
