import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { Spaces } from '../support/spaces.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let spaces: Spaces;
let admin: Client;
let owner: Client;
let stranger: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, owner, stranger] = [await server.user({ role: 'ADMIN' }), await server.user(), await server.user()];
  spaces = new Spaces(server, admin);
});
afterAll(() => server.stop());

const SET_OWNERS =
  'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { id } } }';
const SET_REGISTRATION =
  'mutation ($input: SetNamespaceRegistrationInput!) { setNamespaceRegistration(input: $input) { namespace { id } } }';
const SET_VISIBILITY =
  'mutation ($input: SetNamespaceVisibilityInput!) { setNamespaceVisibility(input: $input) { followed } }';

const disable = (principal: string): Promise<unknown> =>
  admin.data('mutation ($input: DisablePrincipalInput!) { disablePrincipal(input: $input) { principal { id } } }', {
    input: { principal, reason: 'left' },
  });

/** What the log tells of changes of the namespace, the newest first. */
async function entriesOf(id: string) {
  const query = `query ($id: ID!) { audit(filter: { target: $id }) { nodes { action before after reason actorId } } }`;
  return (await admin.data<{ audit: { nodes: unknown[] } }>(query, { id })).audit.nodes;
}

describe('Owners of a namespace', () => {
  it('are users, teams and service accounts, given by an ADMIN, before it is used too', async () => {
    const name = spaces.fresh();
    const [team, robot] = [await server.team(owner), await spaces.robot()];
    const told = await spaces.owners(name, [owner.userId, team, robot.userId, owner.userId]);
    expect(told).toMatchObject({ name, visibility: 'DISCOVERABLE', registration: 'OPEN', registrationSet: false });
    expect(told.owners.map(({ id }) => id)).toEqual([owner.userId, team, robot.userId]);
    expect(await spaces.told(robot, name)).toEqual({ ...told, viewerCan: ['REGISTER', 'MANAGE'] });
  });

  it('say who may register, who owns it besides them, and nothing of visibility', async () => {
    const name = spaces.fresh();
    const member = await server.user();
    await spaces.owners(name, [await server.team(member)]);
    const closed = await spaces.registration(name, { registration: 'OWNERS', registrars: [owner.userId] }, member);
    expect(closed).toMatchObject({ registration: 'OWNERS', registrationSet: true, registrars: [{ id: owner.userId }] });
    expect(await spaces.told(owner, name)).toMatchObject({ registrars: null, viewerCan: ['REGISTER'] });
    await new Seed(owner, name).dataset('admitted');
    await spaces.registration(name, { registrars: [] }, member);
    await expect(new Seed(owner, name).dataset('no longer')).rejects.toThrow('FORBIDDEN');
    expect(await spaces.registration(name, { registration: null }, member)).toMatchObject({ registrationSet: false });
    expect((await spaces.owners(name, [member.userId, owner.userId], member)).owners).toHaveLength(2);
    const input = { namespace: name, visibility: 'RESTRICTED' };
    expect(await member.code(SET_VISIBILITY, { input })).toBe('FORBIDDEN');
  });

  it('see nothing of what others hide in it', async () => {
    const name = spaces.fresh();
    const hidden = await new Seed(stranger, name).dataset('hidden', { visibility: 'RESTRICTED' });
    await spaces.owners(name, [owner.userId]);
    expect(await owner.data('query ($ref: AssetRef!) { asset(ref: $ref) { id } }', { ref: hidden.id })).toEqual({
      asset: null,
    });
  });

  it('are changed by nobody else, and the refusal is the same where there is no such namespace', async () => {
    const [owned, restricted, unknown] = [spaces.fresh(), spaces.fresh(), spaces.fresh()];
    await spaces.owners(owned, [owner.userId]);
    await spaces.registration(owned, { registrars: [stranger.userId] });
    await spaces.visibility(restricted, 'RESTRICTED');
    const weak = await spaces.token(admin, { scopes: ['READ', 'WRITE'] });
    const errors: unknown[] = [];
    for (const as of [stranger, weak]) {
      for (const namespace of [owned, restricted, unknown]) {
        for (const owners of [[stranger.userId], ['nobody'], []]) {
          errors.push((await as.error(SET_OWNERS, { input: { namespace, owners } })).message);
        }
        errors.push((await as.error(SET_REGISTRATION, { input: { namespace, registration: 'OPEN' } })).message);
      }
    }
    expect([...new Set(errors)]).toEqual([
      'Only an owner of the namespace, or an ADMIN whose token has the ADMIN scope, may do this.',
    ]);
    expect(await spaces.traces(unknown)).toBe(0);
  });

  it('must be there, enabled, and one of them able to act; an ADMIN alone leaves it without any', async () => {
    const namespace = spaces.fresh();
    const [gone, empty] = [await server.user(), await server.team()];
    await disable(gone.userId);
    await spaces.owners(namespace, [owner.userId]);
    const refusals: [Client, string[], RegExp][] = [
      [owner, ['nobody'], /no user, service account or team nobody/],
      [owner, [gone.userId], /is disabled/],
      [owner, [empty], /without an owner who can act/],
      [owner, [], /without an owner who can act/],
      [admin, [empty], /without an owner who can act/],
      [admin, Array.from({ length: 51 }, (_, index) => `p${index}`), /51 owners are too many/],
    ];
    for (const [as, owners, message] of refusals) {
      const error = await as.error(SET_OWNERS, { input: { namespace, owners } });
      expect([error.extensions.code, error.message]).toEqual(['BAD_USER_INPUT', expect.stringMatching(message)]);
    }
    expect(await owner.error(SET_REGISTRATION, { input: { namespace } })).toMatchObject({
      message: expect.stringContaining('Nothing is to be changed') as string,
    });
    expect((await spaces.owners(namespace, [])).owners).toEqual([]);
    expect(await owner.code(SET_REGISTRATION, { input: { namespace, registration: 'OPEN' } })).toBe('FORBIDDEN');
  });

  it('who are disabled or no longer in the team act no more; then an ADMIN does', async () => {
    const namespace = spaces.fresh();
    const [leaver, member] = [await server.user(), await server.user()];
    const team = await server.team(member);
    await spaces.owners(namespace, [leaver.userId, team]);
    await spaces.registration(namespace, { registration: 'OWNERS' });
    await disable(leaver.userId);
    await admin.data('mutation ($input: SetTeamMembersInput!) { setTeamMembers(input: $input) { team { id } } }', {
      input: { team, members: [] },
    });
    await expect(new Seed(member, namespace).dataset('after leaving')).rejects.toThrow('FORBIDDEN');
    await expect(new Seed(leaver, namespace).dataset('after leaving')).rejects.toThrow();
    expect(await member.code(SET_OWNERS, { input: { namespace, owners: [member.userId] } })).toBe('FORBIDDEN');
    expect((await spaces.owners(namespace, [owner.userId])).owners).toEqual([{ id: owner.userId }]);
    await new Seed(owner, namespace).dataset('goes on');
  });

  it('leave each change in the log with what was before, and no entry where nothing changed', async () => {
    const namespace = spaces.fresh();
    const { id } = await spaces.owners(namespace, [owner.userId]);
    await spaces.owners(namespace, [owner.userId]);
    const input = { namespace, registration: 'OWNERS', registrars: [stranger.userId], reason: 'ours' };
    await owner.data(SET_REGISTRATION, { input });
    await owner.data(SET_REGISTRATION, { input: { ...input, reason: 'again' } });
    await owner.data(SET_REGISTRATION, { input: { namespace, registration: null } });
    const [none, closed] = [
      { registration: null, registrars: [] },
      { registration: 'OWNERS', registrars: [stranger.userId] },
    ];
    expect(await entriesOf(id)).toEqual([
      {
        ...{ action: 'namespace:setRegistration', actorId: owner.userId, reason: null },
        ...{ before: closed, after: { ...closed, registration: null } },
      },
      {
        ...{ action: 'namespace:setRegistration', actorId: owner.userId, reason: 'ours' },
        ...{ before: none, after: closed },
      },
      {
        ...{ action: 'namespace:setOwners', actorId: admin.userId, reason: null },
        ...{ before: { owners: [] }, after: { owners: [owner.userId] } },
      },
    ]);
    const unused = await spaces.registration(spaces.fresh(), { registration: null });
    expect(await entriesOf(unused.id)).toHaveLength(1);
    const refused = await server.user();
    await refused.code(SET_OWNERS, { input: { namespace, owners: [] } });
    const denied = `query ($actor: ID!) { audit(filter: { actor: $actor, actions: ["denied:setNamespaceOwners"] }) { totalCount } }`;
    expect(await admin.data(denied, { actor: refused.userId })).toMatchObject({ audit: { totalCount: 1 } });
  });
});

describe('A namespace', () => {
  it('is told to its owners and those they admit by name, and to no one by what they did themselves', async () => {
    const name = spaces.fresh();
    const [hider, one] = [await server.user(), await server.user()];
    const [two, registrar] = [await server.user(), await server.user()];
    await new Seed(hider, name).dataset('hidden', { visibility: 'RESTRICTED' });
    const made = await spaces.owners(name, [owner.userId]);
    await spaces.registration(name, { registrars: [await server.team(registrar)] });
    const guess = await new Seed(one, name).dataset('thrown away');
    const moved = await new Seed(two, spaces.fresh()).model('from elsewhere', { visibility: 'RESTRICTED' });
    const move = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }';
    await two.data(move, { input: { ref: moved.id, name: 'from elsewhere', namespace: name } });
    const hide = `mutation { updateAsset(input: { ref: "${guess.id}", visibility: RESTRICTED }) { asset { visibility } } }`;
    await one.data(hide);
    for (const who of [one, two, hider, stranger])
      expect(await spaces.isKnown(who, made)).toEqual([false, false, false]);
    for (const who of [owner, registrar, admin]) expect(await spaces.isKnown(who, made)).toEqual([true, true, true]);
    await one.data(hide.replace('RESTRICTED', 'DISCOVERABLE'));
    expect(await spaces.isKnown(one, made)).toEqual([false, false, false]);
    // What another brought there and shows is a way to know of it; its id tells nothing of how old it is.
    expect(await spaces.isKnown(two, made)).toEqual([true, true, true]);
    expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });

  it('tells who registers nothing that was set before, where nobody closed it', async () => {
    const [used, unused] = [spaces.fresh(), spaces.fresh()];
    await new Seed(owner, used).dataset('hidden', { visibility: 'RESTRICTED' });
    await spaces.owners(used, [owner.userId]);
    await spaces.visibility(used, 'DISCOVERABLE');
    const answers = await Promise.all(
      [used, unused].map(async (namespace) => {
        const query = `mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset {
          urn visibility visibilityInherited revision audit(first: 5) { totalCount nodes { action after } } viewerCan } } }`;
        const answer = await stranger.ask(query, { input: { namespace, name: 'thrown away' } });
        return JSON.stringify(answer.data).replaceAll(namespace, '<namespace>');
      }),
    );
    expect(answers[0]).toBe(answers[1]);
  });

  it('is shown to a frozen session as it was, and not at all when it came later', async () => {
    const [old, later] = [spaces.fresh(), spaces.fresh()];
    const { id } = await spaces.owners(old, [owner.userId]);
    await spaces.registration(old, { registration: 'OWNERS' });
    await delay(20);
    const asOf = new Date().toISOString();
    await delay(20);
    await spaces.visibility(old, 'RESTRICTED');
    await spaces.owners(old, [stranger.userId]);
    await spaces.registration(old, { registration: 'OPEN', registrars: [owner.userId] });
    const made = await spaces.owners(later, [owner.userId]);
    await new Seed(owner, later).dataset('later');
    interface Opened {
      openAuditorSession: { secret: string; session: { id: string } };
    }
    const open =
      'mutation ($input: OpenAuditorSessionInput!) { openAuditorSession(input: $input) { secret session { id } } }';
    const { openAuditorSession } = await admin.data<Opened>(open, {
      input: { auditor: 'A', reason: 'R', asOf, expiresInHours: 1 },
    });
    const frozen = new Client(server.address, openAuditorSession.secret, openAuditorSession.session.id);
    expect(await spaces.told(frozen, old)).toEqual({
      ...{ id, name: old, visibility: 'DISCOVERABLE', registration: 'OWNERS', registrationSet: true },
      ...{ owners: [{ id: owner.userId }], registrars: [], viewerCan: [] },
    });
    expect(await spaces.isKnown(frozen, { id, name: old })).toEqual([true, true, true]);
    expect(await spaces.isKnown(frozen, made)).toEqual([false, false, false]);
    const { namespaces } = await frozen.data<{ namespaces: { totalCount: number } }>('{ namespaces { totalCount } }');
    expect((await spaces.list(frozen)).length).toBe(namespaces.totalCount);
  });
});
