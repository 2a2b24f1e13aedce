import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import { Client } from '../support/client.js';
import { IdentityProvider } from '../support/identity-provider.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const run = randomBytes(6).toString('hex');
const GROUPS = ['admins', 'auditors', 'science', 'art'].map((name) => `${name}-${run}`);
const [ADMINS = '', AUDITORS = '', SCIENCE = '', ART = ''] = GROUPS;
const VIEWER = '{ viewer { id ... on User { role teams { id } } } }';

interface Viewer {
  viewer: { id: string; role: string; teams: { id: string }[] };
}

let provider: IdentityProvider;
let servers: TestWeftline[];
let admin: Client;
const teams = new Map<string, string>();
let people = 0;

beforeAll(async () => {
  provider = await IdentityProvider.start({});
  const groups = { WEFTLINE_OIDC_ADMIN_GROUP: ADMINS, WEFTLINE_OIDC_AUDITOR_GROUP: AUDITORS };
  const environment = { ...provider.environment, ...groups };
  servers = [await startTestWeftline({ environment }), await startTestWeftline({ environment })];
  admin = (await servers[0]?.user({ role: 'ADMIN' })) ?? new Client('', null, '');
  for (const group of [SCIENCE, ART]) {
    const team = `mutation { createTeam(input: { name: "${group}", externalGroup: "${group}" }) { team { id } } }`;
    teams.set(group, (await admin.data<{ createTeam: { team: { id: string } } }>(team)).createTeam.team.id);
  }
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await provider.stop();
});

const seconds = Math.floor(Date.now() / 1000);
const tokenOf = (sub: string, iat: number, groups: readonly string[]): Promise<string> =>
  provider.sign({ sub, iat: seconds - 1_000 + iat, exp: seconds + 3_000, groups, jti: randomBytes(6).toString('hex') });
const at = (index: number, token: string): Client =>
  new Client(servers[index % servers.length]?.address ?? '', token, '');
const newPerson = (): string => `person-${run}-${++people}`;

/** What groups give, by a second, simple hand. */
function rightsBy(groups: readonly string[]): { role: string; teams: string[] } {
  const role = groups.includes(ADMINS) ? 'ADMIN' : groups.includes(AUDITORS) ? 'AUDITOR' : 'MEMBER';
  return { role, teams: groups.flatMap((group) => teams.get(group) ?? []).sort() };
}

const rightsIn = ({ viewer }: Viewer): { role: string; teams: string[] } => ({
  role: viewer.role,
  teams: viewer.teams.map(({ id }) => id).sort(),
});

/** The groups of the newest; of several that were made in the same second, what all of them say. */
function groupsThatCount(tokens: readonly { iat: number; groups: readonly string[] }[]): string[] {
  const newest = Math.max(...tokens.map(({ iat }) => iat));
  const said = tokens.filter(({ iat }) => iat === newest).map(({ groups }) => groups);
  return (said[0] ?? []).filter((group) => said.every((groups) => groups.includes(group)));
}

describe('A token that is older than the last one seen', () => {
  it('signs in, and gives neither the person nor their API tokens back what the newer one took', async () => {
    const sub = newPerson();
    const [old, newer] = [await tokenOf(sub, 1, [ADMINS, SCIENCE]), await tokenOf(sub, 2, [ART])];
    const first = await at(0, old).data<Viewer>(VIEWER);
    expect(rightsIn(first)).toEqual(rightsBy([ADMINS, SCIENCE]));
    const by = { ...systemActor('test'), id: first.viewer.id };
    const wanted = { name: 't', scopes: ['READ', 'ADMIN'] as const };
    const api = at(1, (await servers[0]?.weftline.tokens.createToken(by, wanted))?.secret ?? '');
    const administer = `mutation { createTeam(input: { name: "${newPerson()}" }) { team { id } } }`;
    await api.data(administer);
    expect(rightsIn(await at(1, newer).data<Viewer>(VIEWER))).toEqual(rightsBy([ART]));
    for (const index of [0, 1]) expect(rightsIn(await at(index, old).data<Viewer>(VIEWER))).toEqual(rightsBy([ART]));
    for (const client of [at(0, old), at(1, old), api]) expect(await client.code(administer)).toBe('FORBIDDEN');
    expect(rightsIn(await api.data<Viewer>(VIEWER))).toEqual(rightsBy([ART]));
    const audit = `{ audit(filter: { target: "${first.viewer.id}", actions: ["user:follow"] }) { totalCount } }`;
    expect(await admin.data(audit)).toEqual({ audit: { totalCount: 1 } });
  });

  it('follows what an ADMIN says of the groups since, by the groups of the newer one', async () => {
    const sub = newPerson();
    const [old, newer] = [await tokenOf(sub, 1, [ART]), await tokenOf(sub, 2, [`late-${run}`])];
    for (const token of [newer, old]) expect(rightsIn(await at(0, token).data<Viewer>(VIEWER)).teams).toEqual([]);
    const create = `mutation { createTeam(input: { name: "late-${run}", externalGroup: "late-${run}" }) { team { id } } }`;
    const { createTeam } = await admin.data<{ createTeam: { team: { id: string } } }>(create);
    expect(rightsIn(await at(0, old).data<Viewer>(VIEWER)).teams).toEqual([createTeam.team.id]);
  });
});

describe('The rights of a person', () => {
  const token = fc.record({ iat: fc.integer({ min: 0, max: 3 }), groups: fc.subarray(GROUPS) });

  it('are those of the newest token after every token, in whatever order they come', { timeout: 300_000 }, async () => {
    const property = fc.asyncProperty(fc.array(token, { minLength: 2, maxLength: 6 }), async (tokens) => {
      const sub = newPerson();
      for (const [index, { iat, groups }] of tokens.entries()) {
        const seen = await at(index, await tokenOf(sub, iat, groups)).data<Viewer>(VIEWER);
        expect(rightsIn(seen)).toEqual(rightsBy(groupsThatCount(tokens.slice(0, index + 1))));
      }
    });
    await fc.assert(property, { numRuns: 10 });
  });

  it(
    'are those of the newest token once all came at the same moment, at two servers',
    { timeout: 300_000 },
    async () => {
      const property = fc.asyncProperty(fc.array(token, { minLength: 2, maxLength: 6 }), async (tokens) => {
        const sub = newPerson();
        const secrets = await Promise.all(tokens.map(({ iat, groups }) => tokenOf(sub, iat, groups)));
        await Promise.all(secrets.map((secret, index) => at(index, secret).data<Viewer>(VIEWER)));
        const expected = rightsBy(groupsThatCount(tokens));
        for (const [index, secret] of secrets.entries())
          expect(rightsIn(await at(index, secret).data<Viewer>(VIEWER))).toEqual(expected);
      });
      await fc.assert(property, { numRuns: 10 });
    },
  );
});
