/** The lease of the watch over what serves: one server has it, and when that dies another one goes on where it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LeaseLost, WatchRepository } from '../../src/governance/violations/watch.repository.js';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const DEPLOY = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { ... on Release { id } } }';
const VIOLATIONS = 'query ($ref: AssetRef) { violations(deployment: $ref) { nodes { policy closing } } }';
const LEASE = `// test.lease
MATCH (w:PolicyWatch) RETURN w.leaseOwner AS owner, w.leasedUntil AS until`;
const ORIGIN = { requestId: 'test', operation: 'test' };
/** Longer than a lease is held by who does not come back. */
const LEASE_IS_OVER_MS = 60_001;

let first: TestWeftline;
let second: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let owner: Client;
let deployment: string;
/** The clocks of the two: no test waits for a time. */
const clocks = { first: Date.now(), second: Date.now() };

beforeAll(async () => {
  const own = await policyServer({ now: () => new Date(clocks.first) });
  first = own.server;
  second = await startTestWeftline({ database: own.database, now: () => new Date(clocks.second) });
  stop = async () => {
    await second.stop();
    await own.stop();
  };
  // By a clock that goes on for both: what is done later is later.
  later(1_000);
  admin = await first.user({ role: 'ADMIN' });
  owner = await first.user();
  await enforce(admin, { 'a.cedar': PERMIT_ALL });
  const seed = new Seed(owner, first.namespace);
  const [model, live] = [await seed.model('model'), await seed.deployment('live')];
  const modelVersion = await seed.modelVersion(model.id);
  await owner.data(DEPLOY, { input: { deployment: live.id, modelVersion } });
  deployment = live.id;
});
afterAll(() => stop());

function later(ms: number): void {
  clocks.first += ms;
  clocks.second = clocks.first;
}
const found = async (): Promise<{ policy: string; closing: string | null }[]> =>
  (await owner.data<{ violations: { nodes: never[] } }>(VIOLATIONS, { ref: deployment })).violations.nodes;
const leased = async (): Promise<{ owner: string | null; until: Date | null }> => {
  const [row] = await first.graph.read(ORIGIN, LEASE, {});
  return { owner: row?.maybeText('owner') ?? null, until: row?.maybeTime('until') ?? null };
};

describe('The lease of the watch', () => {
  it('is one server’s alone, until that dies; then another finds what changed, and the first writes nothing more', async () => {
    await first.weftline.policyWatch.round();
    const held = await leased();
    expect(held.owner).not.toBeNull();
    expect(await found()).toEqual([]);

    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('never', 'true', 'fail', 'deployModel') });
    await first.sealed();
    // The first has died; while its lease holds, nobody else acts.
    expect(await second.weftline.policyWatch.round()).toBe(false);
    expect(await found()).toEqual([]);
    expect(await leased()).toEqual(held);

    clocks.second = (held.until ?? new Date()).getTime() + 1;
    await second.weftline.policyWatch.round();
    expect(await found()).toEqual([{ policy: 'never', closing: null }]);
    const taken = await leased();
    expect(taken.owner).not.toBe(held.owner);

    // It was only slow: it can neither go on with what it had begun, nor begin anew.
    const asFirst = new WatchRepository(first.graph, held.owner ?? '', () => new Date(clocks.first));
    await expect(asFirst.note({ through: -1 }, [deployment])).rejects.toThrow(LeaseLost);
    await enforce(admin, { 'a.cedar': `// free\n${PERMIT_ALL}` });
    await first.sealed();
    expect(await first.weftline.policyWatch.round()).toBe(false);
    expect(await leased()).toEqual(taken);
    expect(await found()).toEqual([{ policy: 'never', closing: null }]);
    await second.weftline.policyWatch.round();
    expect(await found()).toEqual([{ policy: 'never', closing: 'POLICY_GONE' }]);
  });

  it('that is given back is another’s at once, and what one had written down is done by the other', async () => {
    // Long enough for the lease of the second, which was taken by a later clock.
    later(3 * LEASE_IS_OVER_MS);
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('again', 'true', 'fail', 'deployModel') });
    await first.sealed();
    // Who died had only written down what is to be asked.
    const dead = new WatchRepository(first.graph, 'a server that died', () => new Date(clocks.first));
    expect(await dead.lease(new Date(clocks.first + LEASE_IS_OVER_MS))).not.toBeNull();
    await dead.note({}, [deployment]);
    expect(await first.weftline.policyWatch.round()).toBe(false);
    expect((await found()).filter(({ closing }) => closing === null)).toEqual([]);
    await dead.release();
    await first.weftline.policyWatch.round();
    expect((await found()).filter(({ closing }) => closing === null)).toEqual([{ policy: 'again', closing: null }]);
  });
});
