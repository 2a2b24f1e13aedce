import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let second: TestWeftline;
let admin: Client;

beforeAll(async () => {
  [server, second] = [await startTestWeftline(), await startTestWeftline()];
  admin = await server.user({ role: 'ADMIN' });
});

afterAll(async () => {
  await server.stop();
  await second.stop();
});

const unique = (): string => randomBytes(6).toString('hex');
type Input = Record<string, unknown>;

/** A mutation of one input, by whoever; the thing it answers. */
async function change(client: Client, field: string, input: Input, thing = 'team'): Promise<Record<string, unknown>> {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const more = thing === 'user' ? 'handle' : thing === 'team' ? 'retiredAt externalGroup members { id }' : '';
  const query = `mutation ($input: ${name}!) { ${field}(input: $input) { ${thing} { id name ${more} } } }`;
  const answer = await client.data<Record<string, Record<string, Record<string, unknown>>>>(query, { input });
  return answer[field]?.[thing] ?? {};
}

const refusal = async (client: Client, field: string, input: Input, thing?: string): Promise<string> =>
  await change(client, field, input, thing).then(
    () => 'It was not refused.',
    (error: unknown) => String(error),
  );

const auditOf = async (id: string) =>
  (
    await admin.data<{ audit: { nodes: Record<string, unknown>[] } }>(
      `{ audit(filter: { target: "${id}" }, first: 20) { nodes { action before after reason } } }`,
    )
  ).audit.nodes;

async function makeTeam(name: string, members: readonly string[] = [], from: Client = admin): Promise<string> {
  return String((await change(from, 'createTeam', { name, members }))['id']);
}

interface Page {
  totalCount: number;
  nodes: { id: string; name: string }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

async function listed(args: string, client: Client = admin): Promise<Page> {
  const query = `{ principals(${args}) { totalCount nodes { id name } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  return (await client.data<{ principals: Page }>(query)).principals;
}

describe('Names of users', () => {
  it('are changed by an ADMIN, while tokens, teams and ownership go on', async () => {
    const [handle, team] = [`renamed-${unique()}`, await server.team()];
    const user = await server.user({ teams: [team] });
    const asset = await new Seed(user, server.namespace).dataset(`of-${unique()}`);
    const before = await user.data<{ viewer: { name: string; handle: string } }>(
      '{ viewer { name ... on User { handle } } }',
    );
    const input = { user: user.userId, name: ' Ana Lindqvist ', handle: handle.toUpperCase(), reason: 'She married' };
    expect(await change(admin, 'renameUser', input, 'user')).toEqual({
      id: user.userId,
      name: 'Ana Lindqvist',
      handle,
    });
    expect(await user.data('{ viewer { id name ... on User { handle teams { id } } } }')).toEqual({
      viewer: { id: user.userId, name: 'Ana Lindqvist', handle, teams: [{ id: team }] },
    });
    expect(await user.data(`{ asset(ref: "${asset.id}") { viewerCan owners { owner { name } } } }`)).toMatchObject({
      asset: { owners: [{ owner: { name: 'Ana Lindqvist' } }] },
    });
    expect((await auditOf(user.userId))[0]).toEqual({
      action: 'user:rename',
      before: before.viewer,
      after: { name: 'Ana Lindqvist', handle },
      reason: 'She married',
    });
    await change(admin, 'createUser', { name: 'Another', handle: before.viewer.handle }, 'user');
  });

  it('that are the same leave no trace, and a change of nothing is refused', async () => {
    const user = await server.user();
    const { viewer } = await user.data<{ viewer: { name: string; handle: string } }>(
      '{ viewer { name ... on User { handle } } }',
    );
    const entries = (await auditOf(user.userId)).length;
    await change(admin, 'renameUser', { user: user.userId, ...viewer }, 'user');
    expect(await auditOf(user.userId)).toHaveLength(entries);
    expect(await refusal(admin, 'renameUser', { user: user.userId }, 'user')).toContain('Give `name` or `handle`');
    expect(await refusal(admin, 'renameUser', { user: user.userId, name: ' ' }, 'user')).toContain('1 to 200');
    expect(await refusal(admin, 'renameUser', { user: user.userId, handle: 'ä b' }, 'user')).toContain('letters');
    expect(await refusal(admin, 'renameUser', { user: await server.team(), name: 'x' }, 'user')).toContain('no user');
    expect(await refusal(admin, 'renameTeam', { team: user.userId, name: 'x' })).toContain('no team');
  });

  it('cannot become the handle of the administrator, who keeps it', async () => {
    const user = await server.user();
    const { userId } = user;
    expect(await refusal(admin, 'renameUser', { user: userId, handle: 'ADMIN' }, 'user')).toContain('npm run token');
  });

  it('are refused when another has them in any case, also of two servers at once', async () => {
    const [one, two] = [await server.user(), await server.user()];
    const wanted = `wanted-${unique()}`;
    const elsewhere = new Client(second.address, admin.token, admin.userId);
    const answers = await Promise.allSettled([
      change(admin, 'renameUser', { user: one.userId, handle: wanted }, 'user'),
      change(elsewhere, 'renameUser', { user: two.userId, handle: wanted.toUpperCase() }, 'user'),
      change(elsewhere, 'createUser', { name: 'New', handle: wanted }, 'user'),
    ]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(JSON.stringify(answers.map((each) => (each.status === 'rejected' ? String(each.reason) : '')))).toContain(
      'is taken',
    );
  });

  it('are not for others to change, and an auditor session sees what was', async () => {
    const [user, other] = [await server.user(), await server.user()];
    expect(await refusal(other, 'renameUser', { user: user.userId, name: 'x' }, 'user')).toContain('ADMIN');
    expect(await refusal(user, 'renameUser', { user: user.userId, name: 'x' }, 'user')).toContain('ADMIN');
    const [name, team] = [`Before ${unique()}`, await makeTeam(`before-${unique()}`, [user.userId])];
    await change(admin, 'renameUser', { user: user.userId, name }, 'user');
    const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret } }';
    const { openAuditorSession } = await admin.data<{ openAuditorSession: { secret: string } }>(open);
    const auditor = new Client(server.address, openAuditorSession.secret, '');
    const query = `{ user: node(id: "${user.userId}") { ... on User { name handle teams { id } } } team: node(id: "${team}") { ... on Team { name retiredAt externalGroup members { id } } } principals(nameContains: "${name}", includeRetired: true) { totalCount nodes { id name } } }`;
    const then = await auditor.data(query);
    await change(admin, 'renameUser', { user: user.userId, name: 'After', handle: `after-${unique()}` }, 'user');
    await change(admin, 'renameTeam', { team, name: `after-${unique()}` });
    await change(admin, 'retireTeam', { team });
    await change(admin, 'releaseTeamName', { team });
    expect(await auditor.data(query)).toEqual(then);
    expect(then).toMatchObject({ principals: { totalCount: 1, nodes: [{ id: user.userId, name }] } });
  });

  it('of before are forgotten with a person who is erased', async () => {
    const [user, first] = [await server.user(), `First ${unique()}`];
    await change(admin, 'renameUser', { user: user.userId, name: first }, 'user');
    await change(admin, 'renameUser', { user: user.userId, name: `Second ${unique()}` }, 'user');
    const bystander = await server.team();
    await change(admin, 'setTeamGroup', { team: bystander, externalGroup: unique() });
    await change(admin, 'renameTeam', { team: bystander, name: `t-${unique()}`, reason: `As ${first} wished` });
    await admin.data(`mutation { erasePerson(input: { user: "${user.userId}" }) { entries } }`);
    expect(JSON.stringify([await auditOf(bystander), await auditOf(user.userId)])).not.toContain(first);
  });
});

describe('Names of teams and service accounts', () => {
  it.each([
    ['case', 'Ana', 'ana'],
    ['letters beyond ASCII', 'Überblick', 'ÜBERBLICK'],
    ['a sharp s', 'Straße', 'STRASSE'],
    ['a final sigma', 'ΟΔΟΣ', 'οδος'],
    ['composition', 'Café', 'CAFE\u0301'],
    ['full width', 'Data', 'ＤＡＴＡ'],
  ])('are one when they differ in %s', async (_, one, other) => {
    const mark = unique();
    const team = await makeTeam(`${one} ${mark}`);
    expect(await refusal(admin, 'createTeam', { name: `${other} ${mark}` })).toContain('in this or another case');
    const spare = await makeTeam(`spare ${mark}`);
    expect(await refusal(admin, 'renameTeam', { team: spare, name: `${other} ${mark}` })).toContain('another case');
    expect(await change(admin, 'renameTeam', { team, name: `${other} ${mark}` })).toMatchObject({
      name: `${other} ${mark}`.normalize('NFC'),
    });
    const account = { name: `${one} ${mark}` };
    const made = await change(admin, 'createServiceAccount', account, 'serviceAccount');
    const twin = { name: `${other} ${mark}`.normalize('NFC') };
    expect(await refusal(admin, 'createServiceAccount', twin, 'serviceAccount')).toContain('another case');
    const renamed = { serviceAccount: made['id'], ...twin };
    expect(await change(admin, 'renameServiceAccount', renamed, 'serviceAccount')).toMatchObject(twin);
    expect((await listed(`nameContains: "${one.toUpperCase()} ${mark}"`)).nodes.map(({ id }) => id).sort()).toEqual(
      [team, made['id']].sort(),
    );
  });

  it('go to one of two servers that make them at once', async () => {
    const mark = unique();
    const elsewhere = new Client(second.address, admin.token, admin.userId);
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, place) =>
        makeTeam(place % 2 === 0 ? `Race ${mark}` : `rAcE ${mark}`, [], place % 3 === 0 ? admin : elsewhere),
      ),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('A team that is retired', () => {
  it('loses its members, its group and the grants to it at once, and says so in the log', async () => {
    const [owner, member] = [await server.user(), await server.user()];
    const team = await makeTeam(`retiring-${unique()}`, [member.userId]);
    await change(admin, 'setTeamGroup', { team, externalGroup: `g-${team}` });
    const asset = await new Seed(owner, server.namespace).dataset(`for-${unique()}`, { visibility: 'RESTRICTED' });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const grant = `mutation { grantAccess(input: { asset: "${asset.id}", grantee: "${team}", actions: [EDIT], purpose: "p", until: "${until}" }) { grant { id } } }`;
    const { grantAccess } = await owner.data<{ grantAccess: { grant: { id: string } } }>(grant);
    const sees = async () => (await member.data<{ asset: unknown }>(`{ asset(ref: "${asset.id}") { id } }`)).asset;
    expect(await sees()).not.toBeNull();
    const retired = await change(admin, 'retireTeam', { team, reason: 'merged' });
    expect(retired).toMatchObject({
      id: team,
      members: [],
      externalGroup: null,
      retiredAt: expect.any(String) as string,
    });
    expect(await sees()).toBeNull();
    expect(await member.data('{ viewer { ... on User { teams { id } } } }')).toEqual({ viewer: { teams: [] } });
    expect((await auditOf(team))[0]).toEqual({
      action: 'team:retire',
      before: { retiredAt: null, members: [member.userId], externalGroup: `g-${team}` },
      after: {
        retiredAt: retired['retiredAt'],
        members: [],
        externalGroup: null,
        grantsRevoked: [grantAccess.grant.id],
      },
      reason: 'merged',
    });
    const entries = (await auditOf(team)).length;
    expect(await change(admin, 'retireTeam', { team })).toEqual(retired);
    expect(await auditOf(team)).toHaveLength(entries);
  });

  it('is refused while it owns assets or namespaces, which are told', async () => {
    const member = await server.user();
    const team = await makeTeam(`owning-${unique()}`, [member.userId]);
    const seed = new Seed(member, server.namespace);
    const asset = await seed.dataset(`owned-${unique()}`);
    const give = (owner: string): string =>
      `mutation { setOwners(input: { ref: "${asset.id}", owners: [{ owner: "${owner}" }] }) { asset { id } } }`;
    await member.data(give(team));
    const namespace = `owned-${unique()}`;
    const own = (owners: string): string =>
      `mutation { setNamespaceOwners(input: { namespace: "${namespace}", owners: [${owners}] }) { namespace { id } } }`;
    await admin.data(own(`"${team}"`));
    const refused = await refusal(admin, 'retireTeam', { team });
    expect(refused).toContain(asset.urn);
    expect(refused).toContain(namespace);
    await member.data(give(member.userId));
    expect(await refusal(admin, 'retireTeam', { team })).not.toContain(asset.urn);
    await admin.data(own(''));
    expect((await change(admin, 'retireTeam', { team }))['retiredAt']).not.toBeNull();
  });

  it('becomes neither owner, steward, grantee, registrar nor member of anything, and nobody joins it', async () => {
    const owner = await server.user();
    const team = await makeTeam(`idle-${unique()}`);
    await change(admin, 'retireTeam', { team });
    const asset = await new Seed(owner, server.namespace).dataset(`not-for-${unique()}`);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const attempts: [Client, string][] = [
      [
        admin,
        `setOwners(input: { ref: "${asset.id}", owners: [{ owner: "${owner.userId}" }, { owner: "${team}", role: STEWARD }] }) { asset { id } }`,
      ],
      [admin, `setOwners(input: { ref: "${asset.id}", owners: [{ owner: "${team}" }] }) { asset { id } }`],
      [owner, `offerOwnership(input: { ref: "${asset.id}", to: "${team}" }) { offer { id } }`],
      [
        owner,
        `grantAccess(input: { asset: "${asset.id}", grantee: "${team}", actions: [EDIT], purpose: "p", until: "${until}" }) { grant { id } }`,
      ],
      [
        admin,
        `setNamespaceOwners(input: { namespace: "${server.namespace}", owners: ["${team}"] }) { namespace { id } }`,
      ],
      [
        admin,
        `setNamespaceRegistration(input: { namespace: "${server.namespace}", registrars: ["${team}"] }) { namespace { id } }`,
      ],
      [
        owner,
        `registerDataset(input: { namespace: "${server.namespace}", name: "by-${unique()}", owners: [{ owner: "${team}" }] }) { dataset { id } }`,
      ],
      [admin, `setTeamMembers(input: { team: "${team}", members: ["${owner.userId}"] }) { team { id } }`],
      [admin, `setTeamGroup(input: { team: "${team}", externalGroup: "g" }) { team { id } }`],
      [admin, `createServiceAccount(input: { name: "sa-${unique()}", teams: ["${team}"] }) { serviceAccount { id } }`],
      [admin, `renameTeam(input: { team: "${team}", name: "n-${unique()}" }) { team { id } }`],
    ];
    for (const [client, mutation] of attempts) {
      const { errors } = await client.ask(`mutation { ${mutation} }`);
      expect(errors?.[0]?.extensions, mutation).toMatchObject({
        code: expect.stringMatching(/^(?:BAD_USER_INPUT|CONFLICT)$/) as string,
      });
    }
    const still = `{ node(id: "${team}") { ... on Team { members { id } serviceAccounts { id } externalGroup } } }`;
    expect(await admin.data(still)).toEqual({ node: { members: [], serviceAccounts: [], externalGroup: null } });
  });

  it('keeps its name until that is released, and comes back under it or another', async () => {
    const name = `Named ${unique()}`;
    const team = await makeTeam(name);
    expect(await refusal(admin, 'releaseTeamName', { team })).toContain('in use');
    await change(admin, 'retireTeam', { team });
    expect(await refusal(admin, 'createTeam', { name: name.toLowerCase() })).toContain('already');
    expect(await listed(`nameContains: "${name}"`)).toMatchObject({ totalCount: 0, nodes: [] });
    expect(await listed(`nameContains: "${name}", includeRetired: true`)).toMatchObject({ totalCount: 1 });
    expect((await change(admin, 'restoreTeam', { team }))['retiredAt']).toBeNull();
    await change(admin, 'restoreTeam', { team });
    await change(admin, 'retireTeam', { team });
    await change(admin, 'releaseTeamName', { team });
    await change(admin, 'releaseTeamName', { team });
    const next = await makeTeam(name.toUpperCase());
    expect(await refusal(admin, 'restoreTeam', { team })).toContain('already');
    expect(await change(admin, 'restoreTeam', { team, name: `${name} again` })).toMatchObject({
      name: `${name} again`,
      retiredAt: null,
      members: [],
    });
    expect(await refusal(admin, 'restoreTeam', { team, name: 'x' })).toContain('renameTeam');
    expect((await auditOf(team)).map(({ action }) => action).slice(0, 5)).toEqual([
      ...['team:restore', 'team:releaseName', 'team:retire', 'team:restore', 'team:retire'],
    ]);
    expect(next).not.toBe(team);
  });
});

describe('The list of principals', () => {
  const mark = unique();
  beforeAll(async () => {
    // Names that differ in case, and are the same but for their ids.
    for (let portion = 0; portion < 5; portion += 1)
      await Promise.all(
        Array.from({ length: 42 }, (_, place) =>
          change(
            admin,
            'createUser',
            {
              name: `${place % 2 === 0 ? 'Paged' : 'pagED'} ${place % 7} ${mark}`,
              handle: `p-${portion}-${place}-${mark}`,
            },
            'user',
          ),
        ),
      );
  }, 60_000);

  it.each(['first', 'last'] as const)('goes past 200 in both directions, each once, by `%s`', async (way) => {
    const seen: { id: string; name: string }[] = [];
    let cursor: string | null = null;
    do {
      const place: string = cursor === null ? '' : `, ${way === 'first' ? 'after' : 'before'}: "${cursor}"`;
      const page: Page = await listed(`nameContains: "${mark}", ${way}: 47${place}`);
      expect(page.totalCount).toBe(210);
      if (way === 'first') seen.push(...page.nodes);
      else seen.unshift(...page.nodes);
      const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo;
      cursor = way === 'first' ? (hasNextPage ? endCursor : null) : hasPreviousPage ? startCursor : null;
    } while (cursor !== null);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(210);
    const keys = seen.map(({ id, name }) => `${name.toLowerCase()}\u0001${id}`);
    expect(keys).toEqual([...keys].sort());
  });

  it('finds by a part of the name or handle in any case, and literally', async () => {
    expect((await listed(`nameContains: "PAGed 3 ${mark}"`)).totalCount).toBe(30);
    expect((await listed(`nameContains: "P-4-41-${mark.toUpperCase()}"`)).totalCount).toBe(1);
    expect((await listed(`nameContains: ".* ${mark}"`)).totalCount).toBe(0);
  });

  it('refuses a cursor of another question or list, and a page of a wrong size', async () => {
    const { pageInfo } = await listed(`nameContains: "${mark}", first: 2`);
    const { namespaces } = await admin.data<{ namespaces: { pageInfo: { endCursor: string } } }>(
      '{ namespaces(first: 1) { pageInfo { endCursor } } }',
    );
    const tried = async (args: string): Promise<unknown> =>
      (await admin.ask(`{ principals(${args}) { nodes { id } } }`)).errors?.[0]?.extensions['code'];
    for (const args of [
      `after: "${pageInfo.endCursor}"`,
      `nameContains: "${mark} ", includeRetired: true, after: "${pageInfo.endCursor}"`,
      `nameContains: "${mark}", after: "${namespaces.pageInfo.endCursor}"`,
      `nameContains: "${mark}", before: "nonsense"`,
      'first: 0',
      'first: 1, last: 1',
    ])
      expect(await tried(args), args).toBe('BAD_USER_INPUT');
    expect(await tried(`nameContains: "${mark.toUpperCase()}", after: "${pageInfo.endCursor}"`)).toBeUndefined();
  });
});
