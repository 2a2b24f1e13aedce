import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import { actionsOf, ACTIONS, givableBy, GRANTABLE, mayCurate } from '../../src/auth/rights.js';
import { ask, ASK, DECIDE, grant, GRANT, inMinutes } from '../support/access.js';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
});
afterAll(() => server.stop());

const DAY = 24 * 60;

describe('Who may say who finds an asset, its name and whether it is in use', () => {
  it('is no grantee, whatever was granted, and owns or administers, in every mixture of facts', () => {
    const facts = fc.record({
      visibility: fc.constantFrom('DISCOVERABLE' as const, 'RESTRICTED' as const),
      ownerRoles: fc.subarray(['OWNER', 'STEWARD', 'something new']),
      granted: fc.subarray([...ACTIONS, 'something new']),
    });
    const role = fc.constantFrom('ADMIN' as const, 'AUDITOR' as const, 'MEMBER' as const, null);
    fc.assert(
      fc.property(role, facts, (given, known) => {
        const actor = { ...systemActor('test'), role: given };
        const owns = known.ownerRoles.includes('OWNER') || known.ownerRoles.includes('STEWARD');
        expect(mayCurate(actor, known)).toBe(given === 'ADMIN' || (given !== 'AUDITOR' && owns));
        if (mayCurate(actor, known)) expect(actionsOf(actor, known)).toContain('EDIT');
        // What one may give is what one owns, never what one was given.
        expect(givableBy(actor, { ...known, granted: [...GRANTABLE] })).toEqual(
          givableBy(actor, { ...known, granted: [] }),
        );
      }),
    );
  });

  it('leaves the contents to a grantee of EDIT, whose explanation says so, and changes nothing when refused', async () => {
    const grantee = await server.user();
    const { id, urn } = await new Seed(owner, server.namespace).dataset('curated', { visibility: 'RESTRICTED' });
    await grant(owner, id, grantee.userId, ['VIEW', 'EDIT', 'USE_FOR_TRAINING', 'DEPLOY']);
    await grantee.data(`mutation { updateAsset(input: { ref: "${id}", description: "mine" }) { asset { id } } }`);
    const error = await grantee.error(
      `mutation { updateAsset(input: { ref: "${id}", description: "no", visibility: DISCOVERABLE }) { asset { id } } }`,
    );
    expect(error.extensions.code).toBe('FORBIDDEN');
    expect(error.message).toContain(urn);
    const seen = await owner.data(`{ asset(ref: "${id}") { description visibility name retiredAt } }`);
    expect(seen).toEqual({
      asset: { description: 'mine', visibility: 'RESTRICTED', name: 'curated', retiredAt: null },
    });
    const explain = `{ explainAccess(ref: "${id}", action: EDIT, principal: "${grantee.userId}") { allowed notes } }`;
    const { explainAccess } = await owner.data<{ explainAccess: { allowed: boolean; notes: string[] } }>(explain);
    expect(explainAccess.allowed).toBe(true);
    expect(explainAccess.notes.join()).toContain('visibility');
    const own = explain.replace(grantee.userId, owner.userId);
    expect((await owner.data<{ explainAccess: { notes: string[] } }>(own)).explainAccess.notes).toEqual([]);
  });
});

describe('Access', () => {
  const terms = (more: object): object => ({ actions: ['EDIT'], purpose: 'to try', ...more });

  it('is asked for, given and decided for a year at the longest, and the message says until when', async () => {
    const [asker, steward] = [await server.user(), await server.user()];
    const owners = [{ owner: owner.userId }, { owner: steward.userId, role: 'STEWARD' }];
    const { id: asset } = await new Seed(owner, server.namespace).dataset('for a time', { owners });
    for (const until of [inMinutes(365 * DAY + 5), '2099-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
      for (const by of [owner, steward]) {
        const error = await by.error(GRANT, { input: terms({ asset, grantee: asker.userId, until }) });
        expect(error.extensions.code).toBe('BAD_USER_INPUT');
        expect(error.message).toContain('365 days');
      }
      expect(await asker.code(ASK, { input: terms({ asset, until }) })).toBe('BAD_USER_INPUT');
    }
    await grant(steward, asset, asker.userId, ['EDIT'], { until: inMinutes(365 * DAY - 5) });
  });

  it('that was asked for longer, before the limit was, can be given for less', async () => {
    const asker = await server.user();
    const { id: asset } = await new Seed(owner, server.namespace).dataset('asked before');
    const request = await ask(asker, asset, ['EDIT'], { until: inMinutes(300 * DAY) });
    const strict = await startTestWeftline({ environment: { WEFTLINE_MAX_GRANT_DAYS: '30' } });
    const decider = new Client(strict.address, owner.token, owner.userId);
    const error = await decider.error(DECIDE, { input: { request, approve: true } });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('30 days');
    await decider.data(DECIDE, { input: { request, approve: true, until: inMinutes(29 * DAY) } });
    await strict.stop();
  });
});
