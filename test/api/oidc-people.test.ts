import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { IdentityProvider, newKey, type Person } from '../support/identity-provider.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const run = randomBytes(6).toString('hex');
const named = (name: string): string => `${name}-${run}`;
const [NOOR, SAMI, TWIN] = [named('noor'), named('sami'), named('twin')];
const people: Record<string, Person> = {
  [NOOR]: { name: 'Noor Haddad', preferred_username: `Noor.Háddad+${run}@example.org`, groups: [named('science')] },
  [SAMI]: { name: 'Sami Lindqvist', email: `${SAMI}@example.org`, groups: [named('admins')] },
  [TWIN]: { name: 'Twin', preferred_username: `noor.haddad-${run}`, groups: [] },
};
const VIEWER = `{ viewer { id name ... on User { handle role issuer teams { id } } } }`;

interface Viewer {
  viewer: { id: string; name: string; handle: string; role: string; issuer: string; teams: { id: string }[] };
}

let provider: IdentityProvider;
let server: TestWeftline;
let admin: Client;
let science: string;

const clientWith = (token: string): Client => new Client(server.address, token, '');
let lastSecond = 0;
/** Each with a token of a later second than the one before: within one second nobody knows which is the newer. */
const as = async (person: string, scope?: string): Promise<Client> => {
  while (Math.floor(Date.now() / 1000) <= lastSecond) await delay(20);
  const token = await provider.tokenFor(person, scope);
  lastSecond = decodeJwt(token).iat ?? 0;
  return clientWith(token);
};
const viewerOf = async (person: string): Promise<Viewer['viewer']> =>
  (await (await as(person)).data<Viewer>(VIEWER)).viewer;

beforeAll(async () => {
  provider = await IdentityProvider.start(people);
  const groups = {
    WEFTLINE_OIDC_ADMIN_GROUP: named('admins'),
    WEFTLINE_OIDC_AUDITOR_GROUP: named('auditors'),
  };
  server = await startTestWeftline({ environment: { ...provider.environment, ...groups } });
  admin = await server.user({ role: 'ADMIN' });
  const team = `mutation { createTeam(input: { name: "${named('Science')}", externalGroup: "${named('science')}" }) { team { id externalGroup } } }`;
  const { createTeam } = await admin.data<{ createTeam: { team: { id: string } } }>(team);
  science = createTeam.team.id;
});

afterAll(async () => {
  await server.stop();
  await provider.stop();
});

describe('The first sign-in of a person', () => {
  it('makes them known, with a handle that is valid, their teams, and one audit entry, also when it comes twice', async () => {
    const noor = await as(NOOR);
    const answers = await Promise.all([1, 2, 3, 4].map(() => noor.data<Viewer>(VIEWER)));
    const { id, ...rest } = answers[0]?.viewer ?? { id: '' };
    expect(rest).toEqual({
      name: 'Noor Haddad',
      handle: `noor.haddad-${run}`,
      role: 'MEMBER',
      issuer: provider.issuer,
      teams: [{ id: science }],
    });
    expect(answers.every(({ viewer }) => viewer.id === id)).toBe(true);
    const audit = `{ audit(filter: { target: "${id}" }) { nodes { action after } } }`;
    expect(await admin.data(audit)).toMatchObject({
      audit: { nodes: [{ action: 'user:create', after: { role: 'MEMBER', teams: [science] } }] },
    });
  });

  it('gives another handle to whoever is called the same', async () => {
    expect((await viewerOf(TWIN)).handle).toMatch(new RegExp(`^noor\\.haddad-${run}-[0-9a-f]{6}$`));
  });

  it('never gives away the handle of the administrator', async () => {
    const token = await provider.sign({ sub: named('mallory'), preferred_username: 'admin' });
    expect((await clientWith(token).data<Viewer>(VIEWER)).viewer.handle).toMatch(/^admin-[0-9a-f]{6}$/);
  });

  it('gives a handle also where there is nothing to make one of', async () => {
    const token = await provider.sign({ sub: `日本-${run}`, preferred_username: '///', email: 7, name: ' ' });
    const { viewer } = await clientWith(token).data<Viewer>(VIEWER);
    expect(viewer.handle).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
    expect(viewer.name).toBe(viewer.handle);
  });
});

describe('A later sign-in', () => {
  it('costs at most one read and no write while nothing has changed', async () => {
    const noor = await as(NOOR);
    await noor.data('{ viewer { id } }');
    server.everyStatement.length = 0;
    await noor.data('{ viewer { id } }');
    const [last, ...before] = [...server.everyStatement].reverse();
    expect(last).toBe('principals.byId');
    expect(before.filter((name) => name !== 'principals.findExternalUser')).toEqual([]);
    expect(before.length).toBeLessThanOrEqual(1);
  });

  it('follows name, role and groups, and leaves memberships made by hand alone', async () => {
    const { id } = await viewerOf(NOOR);
    const byHand = await server.team();
    await admin.data(`mutation { setTeamMembers(input: { team: "${byHand}", members: ["${id}"] }) { team { id } } }`);
    const noor = people[NOOR] ?? {};
    people[NOOR] = { ...noor, name: 'Noor H. Haddad', groups: [named('auditors')] };
    expect(await viewerOf(NOOR)).toMatchObject({ name: 'Noor H. Haddad', role: 'AUDITOR', teams: [{ id: byHand }] });
    const audit = `{ audit(filter: { target: "${id}", actions: ["user:follow"] }) { nodes { before after } } }`;
    expect(await admin.data(audit)).toEqual({
      audit: {
        nodes: [
          {
            before: { name: 'Noor Haddad', role: 'MEMBER', teams: [science] },
            after: { name: 'Noor H. Haddad', role: 'AUDITOR', teams: [] },
          },
        ],
      },
    });
    people[NOOR] = noor;
    expect((await viewerOf(NOOR)).teams.map((team) => team.id).sort()).toEqual([byHand, science].sort());
    expect((await viewerOf(NOOR)).role).toBe('MEMBER');
  });

  it('does not turn who is in a team through a group into a member by hand', async () => {
    const { id } = await viewerOf(NOOR);
    const members = (ids: string): string =>
      `mutation { setTeamMembers(input: { team: "${science}", members: [${ids}] }) { team { members { id } } } }`;
    expect(await admin.data(members(''))).toEqual({ setTeamMembers: { team: { members: [{ id }] } } });
    await admin.data(members(`"${id}"`));
    const noor = people[NOOR] ?? {};
    people[NOOR] = { ...noor, groups: [] };
    expect((await viewerOf(NOOR)).teams.map((team) => team.id)).not.toContain(science);
    people[NOOR] = noor;
    expect((await viewerOf(NOOR)).teams.map((team) => team.id)).toContain(science);
  });

  it('finds the team of another group once an ADMIN has said so', async () => {
    const set = (group: string | null): string =>
      `mutation { setTeamGroup(input: { team: "${science}", externalGroup: ${JSON.stringify(group)} }) { team { externalGroup members { id } } } }`;
    await viewerOf(NOOR);
    expect(await admin.data(set(named('others')))).toEqual({
      setTeamGroup: { team: { externalGroup: named('others'), members: [] } },
    });
    expect((await viewerOf(NOOR)).teams.map((team) => team.id)).not.toContain(science);
    await admin.data(set(named('science')));
    expect((await viewerOf(NOOR)).teams.map((team) => team.id)).toContain(science);
    expect(await admin.code(set(' '))).toBe('BAD_USER_INPUT');
  });
});

describe('What an access token may be used for', () => {
  const create = (): string =>
    `mutation { createUser(input: { name: "N", handle: "u-${randomBytes(6).toString('hex')}" }) { user { id } } }`;
  const register = (): string =>
    `mutation { registerModel(input: { namespace: "${run}", name: "${randomBytes(6).toString('hex')}" }) { model { id } } }`;

  it.each([
    [NOOR, undefined, { read: 'ok', write: 'ok', administer: 'FORBIDDEN' }],
    [NOOR, 'weftline:read', { read: 'ok', write: 'FORBIDDEN', administer: 'FORBIDDEN' }],
    [NOOR, 'weftline:write weftline:admin', { read: 'FORBIDDEN', write: 'ok', administer: 'FORBIDDEN' }],
    [NOOR, 'other', { read: 'ok', write: 'ok', administer: 'FORBIDDEN' }],
    [SAMI, undefined, { read: 'ok', write: 'ok', administer: 'ok' }],
    [SAMI, 'weftline:read weftline:write', { read: 'ok', write: 'ok', administer: 'FORBIDDEN' }],
  ])('%s with the scope %s', async (person, scope, expected) => {
    const client = await as(person, scope);
    const tried = async (query: string): Promise<string> =>
      (await client.ask(query)).errors?.[0]?.extensions.code ?? 'ok';
    expect({
      read: await tried('{ principals { nodes { id } } }'),
      write: await tried(register()),
      administer: await tried(create()),
    }).toEqual(expected);
  });
});

describe('A person who is disabled', () => {
  it('is refused although the provider vouches for them, and let in again', async () => {
    const twin = await as(TWIN);
    const { id } = (await twin.data<Viewer>(VIEWER)).viewer;
    await admin.data(
      `mutation { disablePrincipal(input: { principal: "${id}", reason: "left" }) { principal { id } } }`,
    );
    expect(await twin.code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    expect(await (await as(TWIN)).code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    await admin.data(`mutation { enablePrincipal(input: { principal: "${id}" }) { principal { id } } }`);
    expect(await twin.data('{ viewer { id } }')).toEqual({ viewer: { id } });
  });
});

describe('The keys of the provider', () => {
  let clock = 0;
  const log: string[] = [];
  const lasting = (): Promise<string> =>
    provider.sign({ sub: NOOR, exp: Math.floor(Date.now() / 1000) + 86_400, jti: randomBytes(6).toString('hex') });
  const answer = async (to: TestWeftline, token: string): Promise<number> =>
    (
      await fetch(`${to.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"query":"{ viewer { id } }"}',
      })
    ).status;
  const startServer = (environment: Record<string, string> = {}): Promise<TestWeftline> =>
    startTestWeftline({
      environment: { ...provider.environment, ...environment },
      now: () => new Date(Date.now() + clock),
      logger: pino({ level: 'warn' }, { write: (line) => log.push(line) }),
    });

  it('that it rotated in are fetched once, and those it rotated out are refused', async () => {
    clock = 0;
    const rotated = await startServer();
    const former = provider.key;
    expect(await answer(rotated, await lasting())).toBe(200);
    await provider.rotate(await newKey('second'));
    const before = provider.asked.get('/jwks') ?? 0;
    // Within the cool-down after a fetch, unknown keys are taken as wrong.
    expect(await answer(rotated, await lasting())).toBe(401);
    clock = 31_000;
    expect(await answer(rotated, await provider.tokenFor(NOOR))).toBe(200);
    expect(await answer(rotated, await provider.tokenFor(NOOR))).toBe(200);
    expect(provider.asked.get('/jwks')).toBe(before + 1);
    const old = await provider.sign({ sub: NOOR }, { kid: former.kid }, former.private);
    expect(await answer(rotated, old)).toBe(401);
    await rotated.stop();
  });

  it('are used for a bounded time while it is down; after that sign-ins are unavailable, and API tokens are not', async () => {
    clock = 0;
    log.length = 0;
    const waiting = await startServer({ WEFTLINE_OIDC_STALE_SECONDS: '3600' });
    const user = await waiting.user();
    expect(await answer(waiting, await lasting())).toBe(200);
    provider.down = true;
    clock = 3_590_000;
    expect(await answer(waiting, await lasting())).toBe(200);
    expect(await answer(waiting, await provider.sign({ sub: NOOR }, {}, (await newKey('x')).private))).toBe(401);
    clock = 3_601_000;
    expect(await answer(waiting, await lasting())).toBe(503);
    expect(await answer(waiting, user.token ?? '')).toBe(200);
    expect(log.filter((line) => line.includes('could not be fetched')).length).toBeGreaterThan(0);
    provider.down = false;
    clock = 3_610_000;
    expect(await answer(waiting, await lasting())).toBe(200);
    await waiting.stop();
  });

  it('that are unknown cannot be judged while it is down', async () => {
    clock = 0;
    const waiting = await startServer();
    expect(await answer(waiting, await lasting())).toBe(200);
    const unknown = await provider.sign({ sub: NOOR }, { kid: 'third' }, (await newKey('third')).private);
    provider.down = true;
    clock = 31_000;
    const before = provider.asked.get('/.well-known/openid-configuration') ?? 0;
    expect(await answer(waiting, unknown)).toBe(503);
    expect(await answer(waiting, unknown)).toBe(503);
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(before + 1);
    provider.down = false;
    await waiting.stop();
  });

  it('are not there when the server starts while it is down: UNAVAILABLE, until it is back', async () => {
    clock = 0;
    provider.down = true;
    const early = await startServer();
    expect(await answer(early, await lasting())).toBe(503);
    provider.down = false;
    clock = 6_000;
    expect(await answer(early, await lasting())).toBe(200);
    await early.stop();
  });

  it('are not taken from a provider that names itself otherwise', async () => {
    clock = 0;
    log.length = 0;
    const issuer = provider.issuer.replace('127.0.0.1', 'localhost');
    const misled = await startServer({ WEFTLINE_OIDC_ISSUER: issuer });
    expect(await answer(misled, await provider.sign({ sub: NOOR, iss: issuer }))).toBe(503);
    expect(log.join()).toContain('they must be equal');
    await misled.stop();
  });

  it('may be at an address of the settings, and then no other document is read', async () => {
    clock = 0;
    const before = provider.asked.get('/.well-known/openid-configuration');
    const direct = await startServer({ WEFTLINE_OIDC_JWKS_URI: `${provider.issuer}/jwks` });
    expect(await answer(direct, await lasting())).toBe(200);
    expect(provider.asked.get('/.well-known/openid-configuration')).toBe(before);
    await direct.stop();
  });
});
