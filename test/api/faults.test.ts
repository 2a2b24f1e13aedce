import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { unavailable } from '../../src/errors.js';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const SECRET = 'password=hunter2';
const log: string[] = [];

let server: TestWeftline;
let member: Client;

beforeAll(async () => {
  server = await startTestWeftline({ logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }) });
  member = await server.user();
});

afterEach(() => vi.restoreAllMocks());

afterAll(() => server.stop());

const failing = (error: Error) => vi.spyOn(server.weftline.principals, 'list').mockRejectedValue(error);

async function askForPrincipals(): Promise<{ status: number; requestId: string; text: string }> {
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${member.token ?? ''}` },
    body: '{"query":"{ principals { nodes { id } } }"}',
  });
  const requestId = response.headers.get('x-request-id') ?? '';
  return { status: response.status, requestId, text: await response.text() };
}

describe('A fault of ours', () => {
  it('is told to the client without its cause, which is in the log under the id of the request', async () => {
    failing(new TypeError(`cannot read ${SECRET}`));
    const { requestId, text } = await askForPrincipals();
    expect(text).not.toMatch(/hunter2|TypeError|stack|node_modules/);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' }, path: ['principals'] }] });
    const line = log.find((each) => each.includes(SECRET));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId, level: 50 });
  });

  it('of the database is told as one to try again after, without its cause', async () => {
    failing(unavailable('The database does not answer. Try again.', new Error(SECRET)));
    const { text } = await askForPrincipals();
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ message: 'The database does not answer. Try again.', extensions: { code: 'UNAVAILABLE' } }],
    });
  });

  it('while it is found out who is calling is masked as well', async () => {
    vi.spyOn(server.weftline.signIn, 'authenticate').mockRejectedValue(new Error(SECRET));
    const { status, text } = await askForPrincipals();
    expect(status).toBe(500);
    expect(text).not.toContain('hunter2');
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL' } }] });
  });
});

describe('The log', () => {
  it('holds no token, however it was sent', async () => {
    const token = member.token ?? '';
    const send = (path: string, init: RequestInit = {}) => fetch(`${server.address}${path}`, init);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const post = (body: string): RequestInit => ({ method: 'POST', headers, body });
    log.length = 0;
    await send('/graphql', post('{"query":"{ viewer { id } }"}'));
    await send('/graphql', post('{"query":"{ viewer {"}'));
    await send(`/graphql?token=${token}`, post('{"query":"{ viewer { id } }"}'));
    await send(`/graphql/${token}`, post('{}'));
    await send(`/nowhere?q=${token}`);
    await send('/graphql/stream', post('{"query":"subscription { catalogChanged { nothing } }"}'));
    const create = 'mutation { createApiToken(input: { name: "t" }) { secret } }';
    const { createApiToken } = await member.data<{ createApiToken: { secret: string } }>(create);
    expect(log.length).toBeGreaterThan(0);
    for (const secret of [token, createApiToken.secret]) expect(log.join('')).not.toContain(secret);
  });
});
