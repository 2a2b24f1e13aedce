import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, endTime, grant, inMinutes, REVOKE, SET_OWNERS, setDisabled } from '../support/access.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline();
});
afterAll(() => server.stop());

const EXPLAIN = `query ($ref: AssetRef!, $action: Action!, $principal: ID!) {
  explainAccess(ref: $ref, action: $action, principal: $principal) {
    allowed notes reasons { kind message role through { id } grant { id } } } }`;

interface Explained {
  allowed: boolean;
  notes: string[];
  reasons: {
    kind: string;
    message: string;
    role: string | null;
    through: { id: string } | null;
    grant: { id: string } | null;
  }[];
}

async function explained(as: Client, ref: string, action: string, principal: string): Promise<Explained> {
  return (await as.data<{ explainAccess: Explained }>(EXPLAIN, { ref, action, principal })).explainAccess;
}

/** What doing it really comes to: true when it goes through. */
const TRIES: Record<string, (as: Client, model: string, things: Things) => Promise<boolean>> = {
  VIEW: async (as, ref) =>
    (await as.data<{ asset: unknown }>('query ($ref: AssetRef!) { asset(ref: $ref) { id } }', { ref })).asset !== null,
  EDIT: async (as, ref) =>
    went(await as.ask(`mutation { updateAsset(input: { ref: "${ref}", tags: [] }) { asset { id } } }`)),
  MANAGE_OWNERS: async (as, ref, { owners }) => went(await as.ask(SET_OWNERS, { input: { ref, owners } })),
  DEPLOY: async (as, _ref, { version }) => {
    const seed = new Seed(as, server.namespace);
    // An AUDITOR has no deployment of their own to deploy on: that nothing may be written is the same refusal.
    const place = await seed.deployment(`of ${as.userId}`).catch(() => ({ id: 'none' }));
    const query = `mutation { deployModel(input: { modelVersion: "${version}", deployment: "${place.id}" }) { __typename } }`;
    const answer = await as.ask<{ deployModel: { __typename: string } }>(query);
    return went(answer) && answer.data?.deployModel.__typename === 'Release';
  },
};
interface Things {
  version: string;
  owners: { owner: string; role: string }[];
}
const went = ({ errors }: { errors?: unknown[] }): boolean => errors === undefined;

describe('explainAccess', () => {
  it.each(['DISCOVERABLE', 'RESTRICTED'])(
    'says of each kind of person what really happens: %s',
    { timeout: 300_000 },
    async (visibility) => {
      const [owner, steward, member, granted, ended] = await Promise.all(
        Array.from({ length: 5 }, () => server.user()),
      );
      const [auditor, admin] = [await server.user({ role: 'AUDITOR' }), await server.user({ role: 'ADMIN' })];
      if (!owner || !steward || !member || !granted || !ended) throw new Error('There are five users.');
      const team = await server.team(member);
      const owners = [
        { owner: owner.userId, role: 'OWNER' },
        { owner: team, role: 'OWNER' },
        { owner: steward.userId, role: 'STEWARD' },
      ];
      const seed = new Seed(owner, server.namespace);
      const { id: ref } = await seed.model(`explained ${owner.userId}`, { visibility, owners });
      const things = { owners, version: await seed.modelVersion(ref) };
      await grant(owner, ref, granted.userId, ['DEPLOY']);
      await endTime(server, await grant(owner, ref, ended.userId, ['DEPLOY', 'EDIT']), 'expiresAt');
      await owner.data(REVOKE, { input: { grant: await grant(owner, ref, ended.userId, ['DEPLOY']) } });
      for (const as of [owner, steward, member, granted, ended, auditor, admin, await server.user()]) {
        for (const [action, tries] of Object.entries(TRIES)) {
          const { allowed } = await explained(owner, ref, action, as.userId);
          expect([as.userId, action, await tries(as, ref, things)]).toEqual([as.userId, action, allowed]);
        }
      }
    },
  );

  it('names the team, the grant and the role a right comes from, all of them', async () => {
    const [owner, both] = [await server.user(), await server.user({ role: 'ADMIN' })];
    const team = await server.team(both);
    const owners = [{ owner: owner.userId }, { owner: team, role: 'STEWARD' }];
    const { id } = await new Seed(owner, server.namespace).dataset('many ways', { owners });
    const given = await grant(owner, id, both.userId, ['EDIT']);
    const { allowed, reasons } = await explained(owner, id, 'EDIT', both.userId);
    expect(allowed).toBe(true);
    expect(reasons).toMatchObject([
      { kind: 'STEWARD', through: { id: team }, grant: null },
      { kind: 'GRANT', through: null, grant: { id: given } },
      { kind: 'ROLE', role: 'ADMIN' },
    ]);
    expect((await explained(owner, id, 'VIEW', team)).reasons.map(({ kind }) => kind)).toEqual([
      'STEWARD',
      'VISIBILITY',
    ]);
  });

  it('says what is missing: an ended grant, a disabled account, a retired asset', async () => {
    const [owner, asker] = [await server.user(), await server.user()];
    const { id } = await new Seed(owner, server.namespace).dataset(`missing of ${owner.userId}`);
    const given = await grant(owner, id, asker.userId, ['DEPLOY'], { until: inMinutes(5) });
    await endTime(server, given, 'expiresAt');
    const missing = await explained(asker, id, 'DEPLOY', asker.userId);
    expect(missing.reasons).toMatchObject([
      { kind: 'NONE', message: expect.stringContaining('requestAccess') as string },
      { kind: 'NONE', message: expect.stringContaining('expired') as string, grant: { id: given } },
    ]);
    await owner.data(`mutation { retireAsset(input: { ref: "${id}" }) { asset { id } } }`);
    expect((await explained(owner, id, 'USE_FOR_TRAINING', owner.userId)).notes).toEqual([
      expect.stringContaining('retired') as string,
    ]);
    await setDisabled(server, asker.userId);
    const disabled = await explained(owner, id, 'VIEW', asker.userId);
    expect(disabled).toMatchObject({
      allowed: false,
      reasons: [{ message: expect.stringContaining('disabled') as string }],
    });
  });

  it('is about oneself for all, about others for owners, stewards, ADMIN and AUDITOR', async () => {
    const [owner, stranger] = [await server.user(), await server.user()];
    const seed = new Seed(owner, server.namespace);
    const open = await seed.dataset(`open of ${owner.userId}`);
    const hidden = await seed.dataset(`hidden of ${owner.userId}`, { visibility: 'RESTRICTED' });
    const variables = { ref: open.id, action: 'EDIT', principal: owner.userId };
    expect(await stranger.code(EXPLAIN, variables)).toBe('FORBIDDEN');
    expect((await explained(stranger, open.id, 'VIEW', stranger.userId)).allowed).toBe(true);
    for (const principal of [owner.userId, stranger.userId])
      expect(await stranger.code(EXPLAIN, { ...variables, ref: hidden.id, principal })).toBe('NOT_FOUND');
    expect(await owner.code(EXPLAIN, { ...variables, principal: 'nobody' })).toBe('NOT_FOUND');
    const auditor = await server.user({ role: 'AUDITOR' });
    expect((await explained(auditor, hidden.id, 'EDIT', owner.userId)).allowed).toBe(true);
    await ask(stranger, open.id, ['EDIT']);
    expect((await explained(owner, open.id, 'EDIT', stranger.userId)).allowed).toBe(false);
  });
});
