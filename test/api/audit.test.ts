import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint, readVerifier } from '../../src/audit/checkpoints/checkpoint.js';
import { brokenAttachments, canonicalBody, type LogBody } from '../../src/audit/record/log-entry.js';
import { leafHash, verifyConsistency, verifyInclusion } from '../../src/audit/sealing/merkle.js';
import { recordAuditAlone } from '../../src/audit/record/record.js';
import { anonymous } from '../../src/auth/actor.js';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Entry {
  id: string;
  seq: number | null;
  action: string;
  outcome: string;
  actorName: string;
  targetId: string | null;
  targetName: string | null;
  requestId: string;
  before: unknown;
  after: Record<string, unknown> | null;
  reason: string | null;
  hidden: boolean;
  at: string;
}

const ENTRY = 'id seq at action outcome actorName targetId targetName requestId before after reason hidden';
const LIST = `query ($filter: AuditFilter) { audit(filter: $filter, first: 200) { totalCount nodes { ${ENTRY} } } }`;
const PROOF = `query ($entry: ID!) { auditProof(entry: $entry) {
  entry { ${ENTRY} } sealed seq leafHash body treeSize proof checkpoint } }`;

interface Proof {
  entry: Entry;
  sealed: boolean;
  seq: number;
  leafHash: string;
  body: string | null;
  treeSize: number;
  proof: string[];
  checkpoint: string;
}
interface Checkpoint {
  origin: string;
  size: number;
  root: string;
  note: string;
  verifierKey: string;
  consistencyProof: string[] | null;
}

let server: TestWeftline;
let owner: Client;
let admin: Client;
let seed: Seed;
let data: SeededAsset;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, admin] = [await server.user(), await server.user({ role: 'ADMIN' })];
  seed = new Seed(owner, server.namespace);
  data = await seed.dataset('data');
});
afterAll(() => server.stop());

const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
const seal = (): Promise<void> => server.weftline.auditLog.sequencer.sealAll();

async function entries(client: Client, filter: Record<string, unknown>): Promise<Entry[]> {
  let nodes: Entry[] = [];
  // What is written between the list and its count is in one of them alone.
  const uncounted = async (): Promise<number> => {
    const { audit } = await client.data<{ audit: { totalCount: number; nodes: Entry[] } }>(LIST, { filter });
    nodes = audit.nodes;
    return audit.totalCount - nodes.length;
  };
  await expect.poll(uncounted).toBe(0);
  return nodes;
}

async function proofOf(client: Client, entry: string): Promise<Proof | null> {
  return (await client.data<{ auditProof: Proof | null }>(PROOF, { entry })).auditProof;
}

async function checkpoint(client: Client, since: number | null = null): Promise<Checkpoint> {
  const query = `query ($since: BigInt) { auditCheckpoint(since: $since) { origin size root note verifierKey consistencyProof } }`;
  return (await client.data<{ auditCheckpoint: Checkpoint }>(query, { since })).auditCheckpoint;
}

const update = (ref: string, more: string): Promise<unknown> =>
  owner.data(`mutation ($ref: AssetRef!) { updateAsset(input: { ref: $ref, ${more} }) { asset { id } } }`, { ref });

describe('The audit log', () => {
  it('is found by each of its filters, and by all together', async () => {
    await update(data.id, 'description: "for the filters", reason: "to try"');
    const [entry] = await entries(admin, { asset: data.urn, actions: ['asset:update'] });
    expect(entry).toMatchObject({ outcome: 'DONE', targetName: data.urn, reason: 'to try', hidden: false });
    expect(entry?.after).toEqual({ description: 'for the filters' });
    const from = new Date(Date.parse(entry?.at ?? '') - 1).toISOString();
    const until = new Date(Date.parse(entry?.at ?? '') + 1).toISOString();
    const filters: Record<string, unknown>[] = [
      { requestId: entry?.requestId },
      { target: data.id, from, until },
      { actor: owner.userId, actions: ['asset:update'], outcome: 'DONE', from, until },
      { asset: data.id, target: data.id, actor: owner.userId, requestId: entry?.requestId, from, until },
    ];
    for (const filter of filters) expect(await entries(admin, filter)).toMatchObject([{ id: entry?.id }]);
    for (const filter of [
      { asset: data.id, from: until, actions: ['asset:update'] },
      { asset: data.id, until: from, actions: ['asset:update'] },
      { requestId: entry?.requestId, outcome: 'DENIED' },
      { asset: `${data.urn}-not-there` },
    ]) {
      expect(await entries(admin, filter)).toEqual([]);
    }
  });

  it('numbers each entry, soon', async () => {
    const other = await seed.dataset('numbered');
    await expect.poll(async () => (await entries(owner, { target: other.id }))[0]?.seq).toBeTypeOf('number');
  });

  it('holds what failed, of somebody who was not signed in: for those who may read all of it', async () => {
    const requestId = `failed-${server.namespace}`;
    const fact = { action: 'user:signIn', targetId: '', targetName: 'wft_x', outcome: 'FAILED' as const };
    await recordAuditAlone(server.graph, anonymous({ requestId, operation: '/graphql' }), { ...fact, at: new Date() });
    expect(await entries(admin, { requestId })).toMatchObject([{ action: 'user:signIn', outcome: 'FAILED' }]);
    expect(await entries(owner, { requestId })).toEqual([]);
  });

  it('tells of an act on what has been hidden since only that there was one', async () => {
    const helper = await server.user();
    const secret = await seed.dataset('later a secret');
    const request = `mutation ($asset: AssetRef!) { requestAccess(input: { asset: $asset, actions: [EDIT],
      purpose: "to help", until: "${new Date(Date.now() + 3_600_000).toISOString()}" }) { request { id } } }`;
    await helper.data(request, { asset: secret.id });
    const seen = async (): Promise<Entry[]> => entries(helper, { actor: helper.userId, actions: ['access:request'] });
    expect(await seen()).toMatchObject([{ hidden: false, targetName: secret.urn, after: { purpose: 'to help' } }]);
    const [target] = (await seen()).map((entry) => entry.targetId);
    await update(secret.id, 'visibility: RESTRICTED');
    await seal();
    const withheld = { targetId: null, targetName: null, before: null, after: null, reason: null };
    const [hidden] = await seen();
    expect(hidden).toMatchObject({ hidden: true, outcome: 'DONE', ...withheld });
    expect(await entries(helper, { target })).toEqual([]);
    expect(await entries(helper, { asset: secret.id })).toEqual([]);
    const proof = await proofOf(helper, hidden?.id ?? '');
    expect(proof).toMatchObject({ sealed: true, body: null, entry: { hidden: true, ...withheld } });
    expect(JSON.stringify(proof)).not.toContain('secret');
    const node = await helper.data(
      'query ($id: ID!) { node(id: $id) { ... on AuditEntry { hidden targetId targetName after } } }',
      { id: hidden?.id },
    );
    expect(node).toEqual({ node: { hidden: true, targetId: null, targetName: null, after: null } });
    expect(await entries(owner, { target })).toMatchObject([{ hidden: false, targetName: secret.urn }]);
  });
});

describe('A proof', () => {
  it('convinces a client that has the key of the log, and nothing else', async () => {
    await update(data.id, 'description: "to be proven", reason: "because"');
    await seal();
    const [entry] = await entries(owner, { asset: data.id, actions: ['asset:update'] });
    const proof = await proofOf(owner, entry?.id ?? '');
    const { verifierKey } = await checkpoint(owner);
    const signed = openCheckpoint(proof?.checkpoint ?? '', [readVerifier(verifierKey)]);
    const leaf = leafHash(Buffer.from(proof?.body ?? ''));
    const claim = { leaf, index: proof?.seq ?? -1, size: signed.size, proof: proof?.proof.map(bytes) ?? [] };
    expect(leaf).toEqual(bytes(proof?.leafHash ?? ''));
    expect(signed.size).toBe(proof?.treeSize);
    expect(verifyInclusion({ ...claim, root: signed.root })).toBe(true);
    const changed = leafHash(Buffer.from(proof?.body?.replace('to be proven', 'something else') ?? ''));
    expect(verifyInclusion({ ...claim, leaf: changed, root: signed.root })).toBe(false);
    const body = JSON.parse(proof?.body ?? '') as LogBody;
    expect(canonicalBody(body)).toBe(proof?.body);
    expect(body).toMatchObject({ v: 1, id: entry?.id, actor: owner.userId, target: data.id, assets: [data.id] });
    expect([body.actorName, body.reason]).toEqual([
      { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    ]);
    expect(proof?.body).not.toMatch(/Name of user-|because/);
  });

  it('is there for nobody who would not find the entry', async () => {
    const [entry] = await entries(owner, { target: data.id });
    const stranger = await server.user();
    expect(await proofOf(stranger, entry?.id ?? '')).toBeNull();
    expect(await proofOf(owner, data.id)).toBeNull();
    expect(await server.anonymous.code(PROOF, { entry: entry?.id })).toBe('UNAUTHENTICATED');
  });

  it('of the checkpoint shows that the log has only grown', async () => {
    const before = await checkpoint(admin);
    await update(data.id, 'description: "one more"');
    await seal();
    const now = await checkpoint(admin, before.size);
    const verifiers = [readVerifier(before.verifierKey)];
    const [first, second] = [openCheckpoint(before.note, verifiers), openCheckpoint(now.note, verifiers)];
    expect(second.size).toBeGreaterThan(first.size);
    expect(bytes(now.root)).toEqual(second.root);
    const proof = now.consistencyProof?.map(bytes) ?? [];
    const claim = { first: first.size, second: second.size, firstRoot: first.root, secondRoot: second.root, proof };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, firstRoot: leafHash(first.root) })).toBe(false);
    expect((await checkpoint(admin)).consistencyProof).toBeNull();
  });

  it.each([-1, 10 ** 12])('from %i on is refused', async (since) => {
    const error = await admin.error('query ($s: BigInt) { auditCheckpoint(since: $s) { size } }', { s: since });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toMatch(new RegExp(`^\`since\` is ${since}; the log has \\d+ entries`));
  });
});

describe('An entry', () => {
  it('keeps what tells of a person beside what is hashed', async () => {
    const admin = await server.user({ role: 'ADMIN' });
    const handle = `person-${server.namespace.slice(5)}`;
    await admin.data(`mutation { createUser(input: { name: "N. N.", handle: "${handle}" }) { user { id } } }`);
    const [entry] = await entries(admin, { actor: admin.userId, actions: ['user:create'] });
    expect(entry).toMatchObject({ targetName: handle, after: { handle, role: 'MEMBER' } });
    await seal();
    const body = (await proofOf(admin, entry?.id ?? ''))?.body ?? '';
    expect(body).not.toContain(handle);
    const row = await server.graph.read(admin_origin, 'MATCH (e:AuditEntry {id: $id}) RETURN e.detached AS d', {
      id: entry?.id,
    });
    const detached = row[0]?.json('d') ?? {};
    expect(Object.keys(detached).sort()).toEqual(['/actorName', '/after/handle', '/targetName']);
    expect(brokenAttachments(JSON.parse(body) as LogBody, detached as never)).toEqual([]);
  });
});

const admin_origin = { requestId: 'test', operation: 'test' };

describe('The stream of changes', () => {
  const query = 'subscription ($after: String) { catalogChanged(after: $after) { cursor action asset { id } } }';
  interface Change {
    catalogChanged: { cursor: string; action: string; asset: { id: string } };
  }

  it('follows the numbers of the log, and goes on from a cursor without missing or repeating', async () => {
    const mine = await seed.dataset('followed');
    const filtered = `subscription ($after: String) { catalogChanged(after: $after, filter: { namespaces: ["${server.namespace}"], nameContains: "followed" }) { cursor action asset { id } } }`;
    const gone = new AbortController();
    await server.sealed();
    const { events } = await owner.open<Change>(filtered, {}, gone.signal);
    await update(mine.id, 'description: "1"');
    const heard = ((await events.next()).value as { data: Change }).data.catalogChanged;
    gone.abort();
    await update(mine.id, 'description: "2"');
    await update(mine.id, 'description: "3"');
    const later = new AbortController();
    const actions: string[] = [];
    for await (const { data: event } of owner.subscribe<Change>(filtered, { after: heard.cursor }, later.signal)) {
      actions.push(event?.catalogChanged.action ?? '');
      if (actions.length === 2) break;
    }
    later.abort();
    expect(actions).toEqual(['asset:update', 'asset:update']);
  });

  it.each([
    ['minRetentionDays: 60', ['long']],
    ['maxRetentionDays: 60', ['short']],
    ['kinds: [DATASET], tags: ["heard"], minRetentionDays: 1', ['long', 'short']],
  ])('is cut by how long data is kept: %s', async (filter, wanted) => {
    const days = { short: 30, none: undefined, long: 90, last: undefined };
    const prefix = `cut by ${filter}`;
    const stream = `subscription { catalogChanged(filter: { namespaces: ["${server.namespace}"], nameContains: ${JSON.stringify(prefix)}, ${filter} }) { asset { name } } }`;
    const gone = new AbortController();
    await server.sealed();
    const { events } = await owner.open<{ catalogChanged: { asset: { name: string } } }>(stream, {}, gone.signal);
    for (const [name, retentionDays] of Object.entries(days))
      await seed.dataset(`${prefix} ${name}`, { tags: ['heard'], ...(retentionDays ? { retentionDays } : {}) });
    // The last that is heard: what was let through before it by mistake comes before it.
    await seed.dataset(`${prefix} end`, { tags: ['heard'], retentionDays: 60 });
    const heard: string[] = [];
    while (heard.at(-1) !== 'end') {
      const { data } = (await events.next()).value as { data: { catalogChanged: { asset: { name: string } } } };
      heard.push(data.catalogChanged.asset.name.slice(prefix.length + 1));
    }
    gone.abort();
    expect(heard.slice(0, -1).sort()).toEqual(wanted);
  });

  it('refuses a cursor of the time when it counted otherwise', async () => {
    const after = Buffer.from(JSON.stringify(['catalogChanged', '0199f3a0-0000-7000-8000-000000000000'])).toString(
      'base64url',
    );
    const answer = (await owner.subscribe(query, { after }).next()).value as { errors?: { message: string }[] };
    expect(answer.errors?.[0]?.message).toContain('earlier version of Weftline');
  });
});
