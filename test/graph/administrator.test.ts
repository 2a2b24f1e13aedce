import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Actor, SCOPES, systemActor } from '../../src/auth/actor.js';
import { unconnectedParts } from '../../src/cli/unconnected.js';
import { readConfig } from '../../src/config/config.js';
import { adminToken, keepNewAdminToken } from '../../src/installation.js';
import { pageOf } from '../../src/graphql/page.js';
import { Graph, openDriver } from '../../src/neo4j/graph.js';
import { type Weftline, wire } from '../../src/wiring/wire.js';
import { wireTokens } from '../../src/wiring/principals.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';

// Who is the last ADMIN is a question about the whole database: so a graph of our own.
const folder = mkdtempSync(join(tmpdir(), 'weftline-admin-'));
const file = join(folder, 'admin-token');
const system = systemActor('test');
let neo4j: OwnGraph;
let driver: Driver;
let graph: Graph;
let weftline: Weftline;

beforeAll(async () => {
  neo4j = await ownGraph();
  driver = openDriver(neo4j);
  graph = new Graph(driver, { database: 'neo4j', timeoutMs: 15_000 });
  weftline = wire({ ...unconnectedParts(), graph, access: readConfig({}) });
});

afterAll(async () => {
  await weftline.signInFailures.close();
  await driver.close();
  await neo4j.giveBack();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => driver.executeQuery('MATCH (n) WHERE n:Principal OR n:ApiToken DETACH DELETE n'));

const standing = (): ReturnType<typeof wireTokens>['standing'] => wireTokens(graph, () => new Date(), 366).standing;

async function newAdmin(handle: string): Promise<Actor> {
  const { id, name } = await weftline.principals.createUser(system, { name: handle, handle, role: 'ADMIN' });
  return { id, name, role: 'ADMIN', scopes: SCOPES, principalIds: [id], origin: system.origin };
}

const everybody = async () =>
  (await weftline.principals.list(system, { nameContains: null, retired: true }, pageOf('principals', { first: 200 })))
    .rows;

const enabledAdmins = async (): Promise<number> =>
  (await everybody()).filter(
    ({ principal: each }) => each.__typename === 'User' && each.role === 'ADMIN' && !each.disabledAt,
  ).length;

describe('The last enabled ADMIN', () => {
  it('can neither be disabled nor lose the role, until there is another', async () => {
    const [only, member] = [await newAdmin('only'), await newAdmin('member')];
    await standing().setRole(only, { user: member.id ?? '', role: 'MEMBER' });
    await expect(standing().setRole(only, { user: only.id ?? '', role: 'AUDITOR' })).rejects.toThrow(
      'the last enabled ADMIN',
    );
    await expect(standing().disable(system, { principal: only.id ?? '', reason: 'r' })).rejects.toThrow(
      'the last enabled ADMIN',
    );
    const other = await newAdmin('other');
    await standing().disable(other, { principal: only.id ?? '', reason: 'r' });
    await expect(standing().setRole(other, { user: other.id ?? '', role: 'MEMBER' })).rejects.toThrow(
      'the last enabled ADMIN',
    );
    await standing().enable(other, { principal: only.id ?? '' });
    await standing().setRole(other, { user: other.id ?? '', role: 'MEMBER' });
    expect(await enabledAdmins()).toBe(1);
  });

  it.each([
    ['disabling each other', (by: Actor, id: string) => standing().disable(by, { principal: id, reason: 'r' })],
    [
      'taking the role from each other',
      (by: Actor, id: string) => standing().setRole(by, { user: id, role: 'MEMBER' }),
    ],
    ['giving the role up together', (by: Actor) => standing().setRole(by, { user: by.id ?? '', role: 'MEMBER' })],
  ])('is left when two do it at the same time: %s', { timeout: 300_000 }, async (_name, change) => {
    for (let round = 0; round < 5; round++) {
      await driver.executeQuery('MATCH (u:User) DETACH DELETE u');
      const [first, second] = [await newAdmin('first'), await newAdmin('second')];
      const outcomes = await Promise.allSettled([change(first, second.id ?? ''), change(second, first.id ?? '')]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await enabledAdmins()).toBe(1);
    }
  });
});

describe('The token of the administrator', () => {
  it('is made at the first start, kept, and made anew when it no longer works', async () => {
    const first = await adminToken(weftline, file, true);
    expect(first).toMatchObject({ fresh: true });
    expect(readFileSync(file, 'utf8').trim()).toBe(first?.secret);
    expect(await adminToken(weftline, file, true)).toEqual({ secret: first?.secret, fresh: false });
    await driver.executeQuery('MATCH (t:ApiToken) DETACH DELETE t');
    expect(await adminToken(weftline, file, true)).toMatchObject({ fresh: true });
    await driver.executeQuery('MATCH (t:ApiToken) DETACH DELETE t');
    expect(await adminToken(weftline, file, false)).toBeNull();
  });

  it('is not made by a start once the administrator was disabled, but by whoever asks for it on the machine', async () => {
    await adminToken(weftline, file, true);
    const administrator = await weftline.tokens.administrator();
    const other = await newAdmin('other');
    await standing().disable(other, { principal: administrator?.id ?? '', reason: 'r' });
    expect(await adminToken(weftline, file, true)).toBeNull();
    const secret = await keepNewAdminToken(weftline.tokens, file);
    const credentials = { authorization: `Bearer ${secret}`, address: null, origin: system.origin };
    expect(await weftline.signIn.authenticate(credentials)).toMatchObject({ name: 'Administrator', role: 'ADMIN' });
  });
});
