import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { node, OVER, readJob, Workbench } from '../support/training.js';

let server: TestWeftline;
let admin: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  admin = await server.user({ role: 'ADMIN' });
});

afterAll(() => server.stop());

const unique = (): string => randomBytes(6).toString('hex');
const disable = (id: string, reason = 'left'): string =>
  `mutation { disablePrincipal(input: { principal: "${id}", reason: "${reason}" }) { principal { id ... on User { disabledAt } ... on ServiceAccount { disabledAt } } } }`;
const enable = (id: string): string =>
  `mutation { enablePrincipal(input: { principal: "${id}" }) { principal { id ... on User { disabledAt } } } }`;
const setRole = (id: string, role: string): string =>
  `mutation { setUserRole(input: { user: "${id}", role: ${role} }) { principal { id ... on User { role } ... on ServiceAccount { role } } } }`;
const auditOf = (id: string): string =>
  `{ audit(filter: { target: "${id}" }, last: 10) { nodes { action before after reason } } }`;

/** A service account with a token of its own. */
async function account(more = ''): Promise<Client> {
  const create = `mutation { createServiceAccount(input: { name: "sa-${unique()}"${more} }) { serviceAccount { id } } }`;
  const { createServiceAccount } = await admin.data<{ createServiceAccount: { serviceAccount: { id: string } } }>(
    create,
  );
  const { id } = createServiceAccount.serviceAccount;
  const token = `mutation { createApiToken(input: { name: "ci", user: "${id}" }) { secret } }`;
  const { createApiToken } = await admin.data<{ createApiToken: { secret: string } }>(token);
  return new Client(server.address, createApiToken.secret, id);
}

describe('A service account', () => {
  it('is made by an ADMIN, with its teams, listed, found by id, and accounted for', async () => {
    const team = await server.team();
    const robot = await account(`, description: "nightly builds, ask Dana", teams: ["${team}"]`);
    const viewer =
      '{ viewer { __typename id ... on ServiceAccount { name description role teams { id } disabledAt apiTokens { name } } } }';
    const { viewer: seen } = await robot.data<{ viewer: { name: string } }>(viewer);
    expect(seen).toMatchObject({
      __typename: 'ServiceAccount',
      id: robot.userId,
      description: 'nightly builds, ask Dana',
      role: 'MEMBER',
      teams: [{ id: team }],
      disabledAt: null,
      apiTokens: [{ name: 'ci' }],
    });
    const lists = `{ principals(nameContains: "${seen.name}") { nodes { __typename id } } node(id: "${robot.userId}") { __typename } team: node(id: "${team}") { ... on Team { members { id } serviceAccounts { id } } } }`;
    expect(await admin.data(lists)).toEqual({
      principals: { nodes: [{ __typename: 'ServiceAccount', id: robot.userId }] },
      node: { __typename: 'ServiceAccount' },
      team: { members: [], serviceAccounts: [{ id: robot.userId }] },
    });
    expect(await admin.data(auditOf(robot.userId))).toMatchObject({
      audit: { nodes: [{ action: 'serviceAccount:create', after: { role: 'MEMBER', teams: [team] } }] },
    });
  });

  it('owns, is granted, and belongs to teams like a person', async () => {
    const robot = await account();
    const owner = await server.user();
    const asset = await new Seed(robot, server.namespace).dataset(`of-${unique()}`);
    const owners = `{ asset(ref: "${asset.id}") { owners { owner { __typename id } role } } }`;
    expect(await robot.data(owners)).toEqual({
      asset: { owners: [{ owner: { __typename: 'ServiceAccount', id: robot.userId }, role: 'OWNER' }] },
    });
    const theirs = await new Seed(owner, server.namespace).dataset(`for-${unique()}`, { visibility: 'RESTRICTED' });
    const give = `mutation { setOwners(input: { ref: "${theirs.id}", owners: [{ owner: "${owner.userId}" }, { owner: "${robot.userId}", role: STEWARD }] }) { asset { id } } }`;
    await owner.data(give);
    expect(await robot.data(`{ asset(ref: "${theirs.id}") { viewerCan } }`)).toEqual({
      asset: { viewerCan: ['VIEW', 'EDIT'] },
    });
    const team = await server.team();
    await admin.data(
      `mutation { setTeamMembers(input: { team: "${team}", members: ["${robot.userId}"] }) { team { id } } }`,
    );
    expect(await robot.data('{ viewer { ... on ServiceAccount { teams { id } } } }')).toEqual({
      viewer: { teams: [{ id: team }] },
    });
  });

  it('is never an ADMIN, and its name is its own', async () => {
    const create = (input: string): string =>
      `mutation { createServiceAccount(input: { ${input} }) { serviceAccount { id } } }`;
    expect(await admin.error(create(`name: "x-${unique()}", role: ADMIN`))).toMatchObject({
      message: 'A service account cannot be an ADMIN. Give it the role MEMBER or AUDITOR.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
    const robot = await account(', role: AUDITOR');
    expect(await admin.code(setRole(robot.userId, 'ADMIN'))).toBe('BAD_USER_INPUT');
    expect(await admin.data(setRole(robot.userId, 'MEMBER'))).toEqual({
      setUserRole: { principal: { id: robot.userId, role: 'MEMBER' } },
    });
    const { viewer } = await robot.data<{ viewer: { name: string } }>('{ viewer { name } }');
    expect(await admin.code(create(`name: "${viewer.name}"`))).toBe('CONFLICT');
    expect(await admin.code(create('name: " "'))).toBe('BAD_USER_INPUT');
    expect(await admin.code(create(`name: "x-${unique()}", teams: ["${robot.userId}"]`))).toBe('BAD_USER_INPUT');
  });
});

describe('Who loses a team or a role', () => {
  it('hears nothing more by what they were: open streams end before the next event', async () => {
    const [mate, mover] = [await server.user(), await server.user()];
    const team = await server.team(mate, mover);
    const namespace = `${server.namespace}-teams`;
    const secret = { visibility: 'RESTRICTED', owners: [{ owner: team }] };
    await server.sealed();
    const { events } = await mover.open(
      `subscription { catalogChanged(filter: { namespaces: ["${namespace}"] }) { asset { name } } }`,
    );
    await new Seed(mate, namespace).dataset('before', secret);
    expect((await events.next()).value).toMatchObject({ data: { catalogChanged: { asset: { name: 'before' } } } });
    await admin.data(
      `mutation { setTeamMembers(input: { team: "${team}", members: ["${mate.userId}"] }) { team { id } } }`,
    );
    await new Seed(mate, namespace).dataset('after', secret);
    const last = await events.next();
    expect(last.value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(JSON.stringify(last.value)).not.toContain('after"');
    expect((await events.next()).done).toBe(true);
  });
});

describe('Who is disabled', () => {
  it('is refused, and let in again with the same token; each is accounted for with its reason', async () => {
    const user = await server.user();
    expect(await admin.data(disable(user.userId))).toMatchObject({
      disablePrincipal: { principal: { id: user.userId, disabledAt: expect.any(String) as string } },
    });
    expect(await user.code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    await admin.data(disable(user.userId));
    expect(await admin.data(enable(user.userId))).toEqual({
      enablePrincipal: { principal: { id: user.userId, disabledAt: null } },
    });
    expect(await user.data('{ viewer { id } }')).toEqual({ viewer: { id: user.userId } });
    const { audit } = await admin.data<{ audit: { nodes: { action: string; reason: string | null }[] } }>(
      auditOf(user.userId),
    );
    expect(audit.nodes.map(({ action, reason }) => `${action}: ${reason ?? ''}`)).toEqual([
      'principal:enable: ',
      'principal:disable: left',
      'user:create: ',
    ]);
  });

  it('loses open streams with the next event', async () => {
    const robot = await account();
    const owner = await server.user();
    const namespace = `${server.namespace}-streams`;
    await server.sealed();
    const { events } = await robot.open(
      `subscription { catalogChanged(filter: { namespaces: ["${namespace}"] }) { action } }`,
    );
    await new Seed(owner, namespace).dataset(unique());
    expect((await events.next()).value).toMatchObject({ data: { catalogChanged: { action: 'dataset:register' } } });
    await admin.data(disable(robot.userId));
    await new Seed(owner, namespace).dataset(unique());
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await events.next()).done).toBe(true);
  });

  it('cannot be made an owner, grantee or member, nor get a token; what they have stays', async () => {
    const [owner, gone] = [await server.user(), await server.user()];
    const seed = new Seed(owner, server.namespace);
    const shared = await seed.dataset(`shared-${unique()}`, {
      owners: [{ owner: owner.userId }, { owner: gone.userId, role: 'STEWARD' }],
    });
    const other = await seed.dataset(`other-${unique()}`);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const ask = `mutation { requestAccess(input: { asset: "${other.id}", actions: [EDIT], purpose: "to try", until: "${until}" }) { request { id } } }`;
    const { requestAccess } = await gone.data<{ requestAccess: { request: { id: string } } }>(ask);
    const team = await server.team(gone);
    const empty = await server.team();
    await admin.data(disable(gone.userId));

    const setOwners = (ref: string): string =>
      `mutation { setOwners(input: { ref: "${ref}", owners: [{ owner: "${owner.userId}" }, { owner: "${gone.userId}", role: STEWARD }] }) { asset { id } } }`;
    const register = `mutation { registerModel(input: { namespace: "${server.namespace}", name: "${unique()}", owners: [{ owner: "${gone.userId}" }] }) { model { id } } }`;
    const members = (of: string): string =>
      `mutation { setTeamMembers(input: { team: "${of}", members: ["${gone.userId}"] }) { team { id } } }`;
    const decide = (approve: boolean): string =>
      `mutation { decideAccess(input: { request: "${requestAccess.request.id}", approve: ${String(approve)} }) { request { state } } }`;
    const token = `mutation { createApiToken(input: { name: "t", user: "${gone.userId}" }) { secret } }`;
    const refusals: [Client, string][] = [
      [owner, register],
      [owner, setOwners(other.id)],
      [owner, decide(true)],
      [admin, members(empty)],
      [admin, token],
    ];
    for (const [client, query] of refusals) {
      expect(await client.error(query), query).toMatchObject({
        message: expect.stringContaining('disabled') as string,
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    await owner.data(setOwners(shared.id));
    await admin.data(members(team));
    expect(await owner.data(decide(false))).toEqual({ decideAccess: { request: { state: 'DENIED' } } });
  });

  it('does not have their work started', async () => {
    const bench = await Workbench.open(server, `disabled-${unique()}`);
    const id = await bench.launch(node('process.exit(0)'));
    await admin.data(disable(bench.owner.userId));
    server.weftline.runner.start();
    let job = await readJob(admin, id);
    while (!OVER.includes(job.state)) {
      await delay(100);
      job = await readJob(admin, id);
    }
    await server.weftline.runner.stop();
    expect(job.state).toBe('FAILED');
    expect(job.failure?.message).toContain('disabled');
  });

  it('is neither oneself, nor a team, nor nobody, and for a reason', async () => {
    const team = await server.team();
    expect((await admin.error(disable(admin.userId))).message).toContain('You cannot disable yourself');
    expect((await admin.error(disable(team))).message).toContain('teams do not sign in');
    expect(await admin.code(disable('00000000-0000-0000-0000-000000000000'))).toBe('NOT_FOUND');
    const user = await server.user();
    expect((await admin.error(disable(user.userId, ' '))).message).toContain('Say why');
  });
});
