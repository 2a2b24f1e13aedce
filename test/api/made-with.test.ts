import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasScope, type Scope, SCOPES, systemActor } from '../../src/auth/actor.js';
import { MAX_GENERATIONS } from '../../src/principals/accounts/made-with.js';
import { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let user: Client;
let clock = 0;

beforeAll(async () => {
  server = await startTestWeftline({ now: () => new Date(Date.now() + clock) });
  user = await server.user();
});
afterAll(() => server.stop());

interface Token {
  id: string;
  expiresAt: string;
  revokedAt: string | null;
  scopes: Scope[];
  madeWith: string[];
}
interface Made extends Token {
  client: Client;
}

const CREATE =
  'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret token { id expiresAt revokedAt scopes madeWith } } }';
const REVOKE = 'mutation ($id: ID!) { revokeApiToken(input: { token: $id }) { token { id } } }';
const WHO = '{ viewer { id } }';

async function make(by: Client, more: Record<string, unknown> = {}): Promise<Made> {
  const input = { name: 't', scopes: ['READ'], ...more };
  const { createApiToken } = await by.data<{ createApiToken: { secret: string; token: Token } }>(CREATE, { input });
  return { ...createApiToken.token, client: new Client(server.address, createApiToken.secret, by.userId) };
}

/** A token that no token made, as `npm run token` and a sign-in at the identity provider give it. */
async function root(of: Client, scopes: readonly Scope[] = SCOPES, expiresInDays = 30): Promise<Client> {
  const by = { ...systemActor('test'), id: of.userId };
  const { secret } = await server.weftline.tokens.createToken(by, { name: 'root', scopes, expiresInDays });
  return new Client(server.address, secret, of.userId);
}

const works = async (client: Client): Promise<boolean> => (await client.ask(WHO)).errors === undefined;

describe('A token made with a token', () => {
  it('ends no later: more is refused and says so, and without a wish it ends with it', async () => {
    const { client, expiresAt } = await make(await root(user), { expiresInDays: 3 });
    expect((await make(client)).expiresAt).toBe(expiresAt);
    expect(Date.parse((await make(client, { expiresInDays: 2 })).expiresAt)).toBeLessThan(Date.parse(expiresAt));
    for (const expiresInDays of [3, 4, 366]) {
      const error = await client.error(CREATE, { input: { name: 't', scopes: ['READ'], expiresInDays } });
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain(`\`expiresInDays\` is ${expiresInDays}`);
      expect(error.message).toContain(expiresAt);
    }
  });

  it('falls with it at once, streams too, at any depth, and is told as revoked', async () => {
    const chain: Made[] = [await make(await root(user))];
    for (let depth = 1; depth < MAX_GENERATIONS; depth++) chain.push(await make(chain.at(-1)?.client ?? user));
    const [first, last] = [chain[0], chain.at(-1)];
    if (!first || !last) throw new Error('There is a chain.');
    expect(last.madeWith.slice(1)).toEqual(chain.slice(0, -1).map(({ id }) => id));
    const deeper = await last.client.error(CREATE, { input: { name: 't', scopes: ['READ'] } });
    expect(deeper.extensions.code).toBe('BAD_USER_INPUT');
    await server.sealed();
    // Of this namespace: other tests change theirs meanwhile.
    const { refused, events } = await last.client.open(
      `subscription { catalogChanged(filter: { namespaces: ["${server.namespace}"] }) { cursor } }`,
    );
    expect(refused).toBe(false);
    await user.data(REVOKE, { id: first.id });
    for (const { client } of chain) expect(await client.code(WHO)).toBe('UNAUTHENTICATED');
    await user.data(
      `mutation { registerModel(input: { namespace: "${server.namespace}", name: "after" }) { model { id } } }`,
    );
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const { viewer } = await user.data<{ viewer: { apiTokens: Token[] } }>(
      '{ viewer { ... on User { apiTokens { id revokedAt } } } }',
    );
    expect(viewer.apiTokens.find(({ id }) => id === last.id)?.revokedAt).not.toBeNull();
  });

  it('does not survive by being made while its maker is revoked', async () => {
    for (let round = 0; round < 8; round++) {
      const parent = await make(await root(user));
      const input = { name: 't', scopes: ['READ'] };
      const [answers] = await Promise.all([
        Promise.all([1, 2, 3].map(() => parent.client.ask<{ createApiToken: { secret: string } }>(CREATE, { input }))),
        user.data(REVOKE, { id: parent.id }),
      ]);
      for (const { data } of answers) {
        if (data) expect(await works(new Client(server.address, data.createApiToken.secret, user.userId))).toBe(false);
      }
    }
  });

  it('in any family tree has no more scopes, no later end and no longer standing than any of its makers', async () => {
    const step = fc.record({
      by: fc.nat(),
      does: fc.constantFrom('make', 'make', 'make', 'revoke'),
      scopes: fc.subarray([...SCOPES], { minLength: 1 }),
      days: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null }),
    });
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      clock = 0;
      const revoked = new Set<number>();
      const family: { client: Client; makers: number[]; scopes: readonly Scope[]; ends: number; id: string | null }[] =
        [{ client: await root(user), makers: [], scopes: SCOPES, ends: Infinity, id: null }];
      const stands = (index: number): boolean =>
        [...(family[index]?.makers ?? []), index].every((each) => !revoked.has(each));
      for (const { by, does, scopes, days } of steps) {
        const index = by % family.length;
        const parent = family[index];
        if (!parent) continue;
        if (does === 'revoke' && parent.id !== null) {
          await user.data(REVOKE, { id: parent.id });
          revoked.add(index);
          continue;
        }
        const input = { name: 't', scopes, expiresInDays: days };
        const { data } = await parent.client.ask<{ createApiToken: { secret: string; token: Token } }>(CREATE, {
          input,
        });
        if (!data) continue;
        expect(stands(index)).toBe(true);
        const { secret, token } = data.createApiToken;
        const ends = Date.parse(token.expiresAt);
        const missing = token.scopes.filter((scope) => !parent.scopes.includes(scope));
        expect(missing.filter((scope) => !hasScope(parent.scopes, scope))).toEqual([]);
        expect(ends).toBeLessThanOrEqual(parent.ends);
        family.push({
          client: new Client(server.address, secret, user.userId),
          makers: [...parent.makers, index],
          scopes: token.scopes,
          ends,
          id: token.id,
        });
      }
      for (const [index, { client }] of family.entries()) expect(await works(client)).toBe(stands(index));
      const ends = family.map((each) => each.ends).filter(Number.isFinite);
      if (ends.length === 0) return;
      clock = Math.min(...ends) - Date.now() + 1;
      for (const [index, { client, ends: end }] of family.entries())
        if (end <= Date.now() + clock || !stands(index)) expect(await works(client)).toBe(false);
      clock = 0;
    });
    await fc.assert(property, { numRuns: 12 });
  }, 300_000);
});

describe('What an ADMIN makes with a token', () => {
  it('for somebody else stays when it is revoked, except what can administer and what reads everything', async () => {
    const [admin, other] = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
    const parent = await make(await root(admin), { scopes: SCOPES });
    const [plain, administering, own] = [
      await make(parent.client, { user: other.userId, scopes: ['READ', 'WRITE'], expiresInDays: 90 }),
      await make(parent.client, { user: other.userId, scopes: ['READ', 'ADMIN'] }),
      await make(parent.client, { user: admin.userId }),
    ];
    const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret session { id } } }';
    const { openAuditorSession } = await parent.client.data<{
      openAuditorSession: { secret: string; session: { id: string } };
    }>(open);
    const session = new Client(server.address, openAuditorSession.secret, '');
    const all = [plain.client, administering.client, own.client, session];
    expect(await Promise.all(all.map(works))).toEqual([true, true, true, true]);
    await admin.data(REVOKE, { id: parent.id });
    expect(await Promise.all(all.map(works))).toEqual([true, false, false, false]);
    const live = await admin.data<{ auditorSessions: { nodes: { id: string }[] } }>(
      '{ auditorSessions(liveOnly: true, first: 200) { nodes { id } } }',
    );
    expect(live.auditorSessions.nodes.map(({ id }) => id)).not.toContain(openAuditorSession.session.id);
  });

  it('that can administer falls too when the ADMIN who made it is kept out', async () => {
    const [admin, other] = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
    const { client } = await make(admin, { user: other.userId, scopes: ['READ', 'ADMIN'] });
    const set = (word: string): string =>
      `mutation ($id: ID!) { ${word}Principal(input: { principal: $id, reason: "r" }) { principal { id } } }`;
    await other.data(set('disable'), { id: admin.userId });
    expect(await works(client)).toBe(false);
    await other.data(set('enable'), { id: admin.userId });
    expect(await works(client)).toBe(true);
  });

  it('is no session beyond the end of the token', async () => {
    const admin = await server.user({ role: 'ADMIN' });
    const open = (hours: string): string =>
      `mutation { openAuditorSession(input: { auditor: "A", reason: "R"${hours} }) { session { expiresAt } } }`;
    expect((await admin.error(open(', expiresInHours: 25'))).message).toContain('`expiresInHours` is 25');
    await admin.data(open(', expiresInHours: 23'));
    await admin.data(open(''));
  });
});

describe('The setting of the longest life of a token', () => {
  it('bounds every token that is made', async () => {
    const strict = await startTestWeftline({ environment: { WEFTLINE_MAX_TOKEN_DAYS: '7' } });
    const by = { ...systemActor('test'), id: user.userId };
    const wanted = { name: 't', scopes: ['READ'] as const };
    const usual = await strict.weftline.tokens.createToken(by, wanted);
    expect(Math.round((usual.token.expiresAt.getTime() - Date.now()) / 86_400_000)).toBe(7);
    await expect(strict.weftline.tokens.createToken(by, { ...wanted, expiresInDays: 8 })).rejects.toThrow(
      'from 1 to 7',
    );
    await strict.stop();
  });
});
