import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
let user: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, user] = [await server.user({ role: 'ADMIN' }), await server.user()];
});

afterAll(() => server.stop());

interface Made {
  secret: string;
  token: { id: string; expiresAt: string; scopes: string[] };
}

const create = (input: string): string =>
  `mutation { createApiToken(input: { name: "t", ${input} }) { secret token { id expiresAt scopes } } }`;

async function make(by: Client, input: string): Promise<Made & { client: Client }> {
  const { createApiToken: made } = await by.data<{ createApiToken: Made }>(create(input));
  return { ...made, client: new Client(server.address, made.secret, by.userId) };
}

describe('An API token', () => {
  it('has a form that secret scanners find, is stored hashed, and is shown once', async () => {
    const { secret, token } = await make(user, 'scopes: [READ]');
    expect(secret).toMatch(/^wft_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
    const rows = await server.graph.read({ requestId: 't', operation: 't' }, KEPT, { id: token.id });
    expect(rows[0]?.row('token').text('hash')).toMatch(/^[0-9a-f]{64}$/);
    expect(inspect(rows, { depth: 9 })).not.toContain(secret.slice(-43));
    const audit = `{ audit(filter: { target: "${token.id}" }) { nodes { action before after } } }`;
    expect(JSON.stringify(await user.data(audit))).not.toContain(secret.slice(-43));
  });

  it('never has more scopes than the token that makes it', async () => {
    const { client } = await make(user, 'scopes: [READ, LAUNCH]');
    expect((await make(client, 'scopes: [READ]')).token.scopes).toEqual(['READ']);
    for (const scope of ['WRITE', 'ADMIN', 'READ, WRITE']) {
      expect(await client.error(create(`scopes: [${scope}]`))).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    }
    expect(await client.code(create('scopes: []'))).toBe('BAD_USER_INPUT');
  });

  it.each([0, -1, 367, 2_147_483_647])('does not last %i days', async (days) => {
    expect(await user.error(create(`scopes: [READ], expiresInDays: ${days}`))).toMatchObject({
      message: `\`expiresInDays\` is ${days}; it must be from 1 to 366.`,
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it.each([1, 366])('may last %i days', async (days) => {
    const by = { ...systemActor('test'), id: user.userId };
    const input = { name: 't', scopes: ['READ'] as const, expiresInDays: days };
    const { token } = await server.weftline.tokens.createToken(by, input);
    const left = token.expiresAt.getTime() - Date.now();
    expect(Math.round(left / 86_400_000)).toBe(days);
  });

  it('knows when it was last used, to the minute', async () => {
    const { client, token } = await make(user, 'scopes: [READ]');
    const used = async (): Promise<string | null> => {
      const query = '{ viewer { ... on User { apiTokens { id lastUsedAt } } } }';
      const { viewer } = await user.data<{ viewer: { apiTokens: { id: string; lastUsedAt: string | null }[] } }>(query);
      return viewer.apiTokens.find(({ id }) => id === token.id)?.lastUsedAt ?? null;
    };
    expect(await used()).toBeNull();
    await client.data('{ viewer { id } }');
    const first = await used();
    expect(Date.now() - new Date(first ?? 0).getTime()).toBeLessThan(60_000);
    await client.data('{ viewer { id } }');
    expect(await used()).toBe(first);
  });

  it('of somebody else is made, listed and ended by an ADMIN with the scope ADMIN alone', async () => {
    const other = await server.user();
    const forOther = `user: "${other.userId}", scopes: [READ]`;
    const { token, client } = await make(admin, forOther);
    expect(await client.data('{ viewer { id } }')).toEqual({ viewer: { id: other.userId } });
    const { client: reading } = await make(admin, 'scopes: [READ, WRITE, LAUNCH]');
    const auditor = await server.user({ role: 'AUDITOR' });
    const revoke = `mutation { revokeApiToken(input: { token: "${token.id}" }) { token { revokedAt } } }`;
    for (const by of [reading, user, auditor]) {
      expect(await by.code(create(forOther))).toBe('FORBIDDEN');
      expect(await by.code(revoke)).toBe('NOT_FOUND');
    }
    const list = `{ node(id: "${other.userId}") { ... on User { apiTokens { id name scopes lastUsedAt } } } }`;
    expect(JSON.stringify(await admin.data(list))).toContain(token.id);
    expect(JSON.stringify(await auditor.data(list))).toContain(token.id);
    expect(await user.data(list)).toEqual({ node: { apiTokens: null } });
    await admin.data(revoke);
    expect(await client.code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
  });

  it('is not for a team, nor for nobody', async () => {
    const team = await server.team();
    for (const id of [team, '00000000-0000-0000-0000-000000000000']) {
      expect(await admin.code(create(`user: "${id}"`))).toBe('NOT_FOUND');
    }
  });
});

const KEPT = 'MATCH (t:ApiToken {id: $id}) RETURN properties(t) AS token';
