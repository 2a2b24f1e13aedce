import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant, REVOKE, SET_OWNERS, setMembers } from '../support/access.js';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

// Two servers on one database: what is kept of a token at the one is also kept at the other.
const clock = { ahead: 0 };
const now = (): Date => new Date(Date.now() + clock.ahead);
let one: TestWeftline;
let two: TestWeftline;
let admin: Client;
let owner: Client;

beforeAll(async () => {
  [one, two] = [await startTestWeftline({ now }), await startTestWeftline({ now })];
  [admin, owner] = [await one.user({ role: 'ADMIN' }), await one.user()];
});
afterAll(async () => {
  await one.stop();
  await two.stop();
});

/** The same caller at the other server. */
const atTwo = ({ token, userId }: Client): Client => new Client(two.address, token, userId);

const asset = (name: string): Promise<{ id: string }> =>
  new Seed(owner, one.namespace).dataset(name, { visibility: 'RESTRICTED' });

/** Whether the caller is let in, with which role, and whether they see the asset. */
async function standing(client: Client, id: string): Promise<string> {
  const { data, errors } = await client.ask<{ viewer: { role?: string }; asset: object | null }>(
    `{ viewer { ... on User { role } } asset(ref: "${id}") { id } }`,
  );
  return errors?.[0]?.extensions.code ?? `${data?.viewer.role ?? 'no user'}${data?.asset ? ', sees it' : ''}`;
}

interface Case {
  /** What is prepared; answers what is done later. */
  prepare: (user: Client, id: string) => Promise<() => Promise<unknown>>;
  before: string;
  after: string;
}

const doing =
  (query: string, input: object = {}, as = admin) =>
  () =>
    as.data(query, { input });

const CASES: Record<string, Case> = {
  'who is disabled': {
    prepare: (user) =>
      Promise.resolve(
        doing('mutation ($input: DisablePrincipalInput!) { disablePrincipal(input: $input) { principal { id } } }', {
          principal: user.userId,
          reason: 'left',
        }),
      ),
    before: 'MEMBER',
    after: 'UNAUTHENTICATED',
  },
  'whose token is revoked': {
    prepare: async (user) => {
      const { viewer } = await user.data<{ viewer: { apiTokens: { id: string }[] } }>(
        '{ viewer { ... on User { apiTokens { id } } } }',
      );
      const query = 'mutation ($id: ID!) { revokeApiToken(input: { token: $id }) { token { id } } }';
      return () => admin.data(query, { id: viewer.apiTokens[0]?.id });
    },
    before: 'MEMBER',
    after: 'UNAUTHENTICATED',
  },
  'whose role changes': {
    prepare: (user) =>
      Promise.resolve(
        doing('mutation ($input: SetUserRoleInput!) { setUserRole(input: $input) { principal { id } } }', {
          user: user.userId,
          role: 'AUDITOR',
        }),
      ),
    before: 'MEMBER',
    after: 'AUDITOR, sees it',
  },
  'who comes into a team that owns': {
    prepare: async (user, id) => {
      const team = await one.team();
      await owner.data(SET_OWNERS, {
        input: { ref: id, owners: [{ owner: owner.userId }, { owner: team, role: 'STEWARD' }] },
      });
      return () => setMembers(admin, team, user);
    },
    before: 'MEMBER',
    after: 'MEMBER, sees it',
  },
  'who leaves a team that was granted to': {
    prepare: async (user, id) => {
      const team = await one.team(user);
      await grant(owner, id, team, ['VIEW']);
      return () => setMembers(admin, team);
    },
    before: 'MEMBER, sees it',
    after: 'MEMBER',
  },
  'who is granted to': {
    prepare: (user, id) => Promise.resolve(() => grant(owner, id, user.userId, ['VIEW'])),
    before: 'MEMBER',
    after: 'MEMBER, sees it',
  },
  'whose grant is revoked': {
    prepare: async (user, id) => doing(REVOKE, { grant: await grant(owner, id, user.userId, ['VIEW']) }, owner),
    before: 'MEMBER, sees it',
    after: 'MEMBER',
  },
  'who becomes an owner': {
    prepare: (user, id) => {
      const owners = [{ owner: owner.userId }, { owner: user.userId, role: 'STEWARD' }];
      return Promise.resolve(() => admin.data(SET_OWNERS, { input: { ref: id, owners } }));
    },
    before: 'MEMBER',
    after: 'MEMBER, sees it',
  },
};

describe('One who calls again and again, and', () => {
  it.each(Object.entries(CASES))(
    '%s, meets that with the next request at the server that did it, and soon at another',
    async (name, { prepare, before, after }) => {
      const user = await one.user();
      const { id } = await asset(name.replaceAll(' ', '-'));
      const change = await prepare(user, id);
      expect([await standing(user, id), await standing(atTwo(user), id)]).toEqual([before, before]);
      await change();
      expect(await standing(user, id)).toBe(after);
      // That it takes a second at most is held by test/unit/kept-sign-ins.test.ts, whose clock no machine delays.
      while ((await standing(atTwo(user), id)) !== after) await sleep(50);
    },
  );

  it('is an auditor whose session is ended, meets it alike', async () => {
    const { id } = await asset('visited');
    const open =
      'mutation ($input: OpenAuditorSessionInput!) { made: openAuditorSession(input: $input) { secret session { id } } }';
    const input = { auditor: 'Ada', reason: 'to look' };
    const { made } = await admin.data<{ made: { secret: string; session: { id: string } } }>(open, { input });
    const visitor = new Client(one.address, made.secret, made.session.id);
    expect([await standing(visitor, id), await standing(atTwo(visitor), id)]).toEqual(
      Array(2).fill('no user, sees it'),
    );
    await admin.data(`mutation { endAuditorSession(input: { session: "${made.session.id}" }) { session { id } } }`);
    expect(await standing(visitor, id)).toBe('UNAUTHENTICATED');
    while ((await standing(atTwo(visitor), id)) !== 'UNAUTHENTICATED') await sleep(50);
  });

  it('whose grant runs out, or whose token does, meets that everywhere at that moment', async () => {
    const user = await one.user();
    const { id } = await asset('ends');
    await grant(owner, id, user.userId, ['VIEW']);
    const everywhere = (): Promise<string[]> => Promise.all([user, atTwo(user)].map((each) => standing(each, id)));
    expect(await everywhere()).toEqual(Array(2).fill('MEMBER, sees it'));
    clock.ahead = 61 * 60_000;
    expect(await everywhere()).toEqual(Array(2).fill('MEMBER'));
    clock.ahead = 25 * 3_600_000;
    expect(await everywhere()).toEqual(Array(2).fill('UNAUTHENTICATED'));
    clock.ahead = 0;
  });

  it('gives the consistency token of a change to another server, meets the change there at once', async () => {
    const user = await one.user();
    const { id } = await asset('awaited');
    expect(await standing(atTwo(user), id)).toBe('MEMBER');
    const query = 'mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { grant { id } } }';
    const input = {
      asset: id,
      grantee: user.userId,
      actions: ['VIEW'],
      purpose: 'to see',
      until: new Date(Date.now() + 60_000),
    };
    const consistency = (await owner.ask(query, { input })).extensions?.consistency;
    const response = await fetch(`${two.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${user.token}` },
      body: JSON.stringify({ query: `{ asset(ref: "${id}") { id } }`, extensions: { consistency } }),
    });
    expect(await response.json()).toMatchObject({ data: { asset: { id } } });
  });

  it('follows the catalog, hears of what is granted while it is, on a stream that stays open', async () => {
    const user = await one.user();
    const [{ id }, beacon] = [await asset('followed'), await new Seed(owner, one.namespace).dataset('beacon')];
    const touch = (ref: string, description: string): Promise<unknown> =>
      owner.data(`mutation { updateAsset(input: { ref: "${ref}", description: "${description}" }) { asset { id } } }`);
    const given = await grant(owner, id, user.userId, ['VIEW']);
    await one.sealed();
    const { events } = await user.open(
      `subscription { catalogChanged(filter: { namespaces: ["${one.namespace}"] }) { asset { id } } }`,
    );
    const heard = async (): Promise<unknown> => (await events.next()).value;
    const of = (asset: string): object => ({ data: { catalogChanged: { asset: { id: asset } } } });
    await touch(id, 'one');
    expect(await heard()).toMatchObject(of(id));
    await owner.data(REVOKE, { input: { grant: given } });
    await touch(id, 'two');
    await touch(beacon.id, 'three');
    expect(await heard()).toMatchObject(of(beacon.id));
    await grant(owner, id, user.userId, ['VIEW']);
    await touch(id, 'four');
    expect(await heard()).toMatchObject(of(id));
  });

  it('asks nothing else, is looked up once a second', async () => {
    const user = atTwo(await one.user());
    two.everyStatement.length = 0;
    const started = performance.now();
    for (let asked = 0; asked < 50; asked++) await user.data('{ __typename }');
    const seconds = (performance.now() - started) / 1_000;
    expect(two.everyStatement.filter((name) => name === 'principals.authenticate').length).toBeLessThanOrEqual(
      1 + seconds,
    );
  });
});
