import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let member: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  member = await server.user();
});

afterAll(() => server.stop());

function post(body: string, headers: Record<string, string> = {}, path = '/graphql'): Promise<Response> {
  return fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member.token ?? ''}`, ...headers },
    body,
  });
}

const codeOf = async (response: Response): Promise<string | undefined> =>
  ((await response.json()) as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;

describe('an operation that asks for too much', () => {
  it('is refused when it is 10 MB long', async () => {
    const response = await post(JSON.stringify({ query: `{ viewer { id } } #${'x'.repeat(10_000_000)}` }));
    expect(response.status).toBe(413);
    expect(await codeOf(response)).toBe('LIMIT_EXCEEDED');
  });

  it('is refused when it is 10,000 deep', async () => {
    const query = `{ asset(ref: "a") ${'{ lineage { roots '.repeat(5_000)}{ id } ${'} }'.repeat(5_000)} }`;
    expect(await member.code(query)).toBe('LIMIT_EXCEEDED');
  });

  it('is refused when it is deeper than the limit, also through fragments', async () => {
    const nested = (levels: number): string =>
      levels === 0 ? '{ id }' : `{ lineage { roots ${nested(levels - 1)} } }`;
    expect(await member.code(`{ asset(ref: "a") ${nested(10)} }`)).toBe('LIMIT_EXCEEDED');
    const fragments = Array.from(
      { length: 10 },
      (_, n) => `fragment F${n} on Asset { lineage { roots { ${n === 9 ? 'id' : `...F${n + 1}`} } } }`,
    ).join(' ');
    expect(await member.code(`{ asset(ref: "a") { ...F0 } } ${fragments}`)).toBe('LIMIT_EXCEEDED');
  });

  it('is refused when it repeats fields or aliases without end', async () => {
    expect(await member.code(`{ ${'viewer { id } '.repeat(3_000)} }`)).toBe('LIMIT_EXCEEDED');
    const aliases = Array.from({ length: 40 }, (_, n) => `a${n}: viewer { id }`).join(' ');
    expect(await member.code(`{ ${aliases} }`)).toBe('LIMIT_EXCEEDED');
  });

  it('is refused when its fragments, written out, are a million million fields', async () => {
    const fragments = Array.from({ length: 40 }, (_, n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`);
    const began = performance.now();
    const code = await member.code(`{ viewer { ...F0 } } ${fragments.join(' ')} fragment F40 on User { id }`);
    expect(code).toBe('LIMIT_EXCEEDED');
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  it('is refused for a page that is too large, also by variable', async () => {
    expect(await member.code('{ assets(first: 201) { totalCount } }')).toBe('LIMIT_EXCEEDED');
    expect(await member.code('query ($n: Int) { assets(first: $n) { totalCount } }', { n: 100_000 })).toBe(
      'LIMIT_EXCEEDED',
    );
    expect(await member.code('{ assets(first: 0) { totalCount } }')).toBe('BAD_USER_INPUT');
  });

  it('is refused for what its lists multiply to', async () => {
    const query =
      'query ($n: Int) { assets(first: $n) { nodes { audit(first: $n) { nodes { id } } lineage { nodes { depth } } } } }';
    expect(await member.code(query, { n: 200 })).toBe('LIMIT_EXCEEDED');
  });
});

describe('a request that is not as it should be', () => {
  it('gets a stable code: syntax, unknown field, wrong variable', async () => {
    expect(await member.code('{ viewer {')).toBe('BAD_USER_INPUT');
    expect(await member.code('{ nothing }')).toBe('BAD_USER_INPUT');
    expect(await member.code('query ($id: ID!) { node(id: $id) { id } }')).toBe('BAD_USER_INPUT');
  });

  it('is refused as a batch, as a mutation by GET, as a subscription by POST, and as plain text', async () => {
    expect((await post('[{"query":"{ viewer { id } }"}]')).status).toBe(400);
    const mutation = encodeURIComponent('mutation { revokeApiToken(input: { token: "x" }) { token { id } } }');
    const headers = { authorization: `Bearer ${member.token ?? ''}`, 'apollo-require-preflight': '1' };
    expect((await fetch(`${server.address}/graphql?query=${mutation}`, { headers })).status).toBe(405);
    expect((await post('{"query":"subscription { catalogChanged { cursor } }"}')).status).toBe(405);
    expect((await post('{ viewer { id } }', { 'content-type': 'text/plain' })).status).toBeGreaterThanOrEqual(400);
  });

  it('is told to accept a stream where subscriptions are served', async () => {
    const response = await post('{"query":"subscription { catalogChanged { cursor } }"}', {}, '/graphql/stream');
    expect(response.status).toBe(406);
    expect(await codeOf(response)).toBe('BAD_USER_INPUT');
  });

  it('is answered 401 for a token that is not valid, whatever is asked', async () => {
    for (const token of ['nonsense', `wft_${'0'.repeat(32)}_${'A'.repeat(43)}`, '']) {
      const response = await post('{"query":"{ __typename }"}', { authorization: `Bearer ${token}` });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(await codeOf(response)).toBe('UNAUTHENTICATED');
    }
  });

  it('is refused with a token in the address', async () => {
    const response = await post('{"query":"{ __typename }"}', {}, `/graphql?token=${member.token ?? ''}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(member.token);
  });

  it('is named by its x-request-id, unless that is no plain word', async () => {
    expect(
      (await post('{"query":"{ __typename }"}', { 'x-request-id': 'my-request.1' })).headers.get('x-request-id'),
    ).toBe('my-request.1');
    const given = await new Promise<string | undefined>((resolve, reject) => {
      const sent = request(`${server.address}/healthz`, { headers: { 'x-request-id': 'a b"c' } }, (answer) => {
        answer.resume();
        resolve(String(answer.headers['x-request-id']));
      });
      sent.on('error', reject).end();
    });
    expect(given).toMatch(/^[0-9a-f-]{36}$/);
  });
});
