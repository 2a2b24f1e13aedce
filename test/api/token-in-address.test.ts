import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdsToken, pathOf } from '../../src/http/address.js';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const log: string[] = [];
let server: TestWeftline;
let user: Client;

beforeAll(async () => {
  server = await startTestWeftline({ logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }) });
  user = await server.user();
});

afterAll(() => server.stop());

const JWT = 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJub29yIn0.c2lnbmF0dXJlLW9mLW5vb3I';
const everyByte = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Ways to put a token into the query of an address. */
const WAYS: Record<string, (token: string) => string> = {
  'token=': (token) => `?token=${token}`,
  'access_token=': (token) => `?query={viewer{id}}&access_token=${token}`,
  'a name nobody knows': (token) => `?whatever=${token}`,
  'no name': (token) => `?${token}`,
  'a JSON value': (token) => `?variables=${encodeURIComponent(JSON.stringify({ deep: [token] }))}`,
  'percent-encoded': (token) => `?q=${everyByte(token)}`,
  'the name percent-encoded': (token) => `?${everyByte('access_token')}=${token.slice(-30)}`,
  'encoded twice': (token) => `?q=${everyByte(everyByte(token))}`,
  'beside a broken escape': (token) => `?broken=%zz&q=${everyByte(token)}`,
};
const PATHS = [
  '/graphql',
  '/graphql/stream',
  '/',
  '/graphiql',
  '/readyz',
  '/healthz',
  '/metrics',
  '/operations.json',
  '/nowhere',
];

describe.each(PATHS)('%s', (path) => {
  it.each(Object.entries(WAYS))('refuses a token in its query, and no log holds it: %s', async (_way, write) => {
    for (const token of [user.token ?? '', JWT]) {
      log.length = 0;
      const response = await fetch(server.address + path + write(token), {
        headers: { authorization: `Bearer ${user.token ?? ''}`, accept: 'text/event-stream, */*' },
      });
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain(token.slice(-20));
      expect(log.length).toBeGreaterThan(0);
      const kept = decodeURIComponent(decodeURIComponent(log.join('').replaceAll('%zz', '')));
      expect(kept).not.toContain(token.slice(-20));
    }
  });

  it('refuses a token within its path, and no log holds it', async () => {
    for (const token of [user.token ?? '', JWT, everyByte(user.token ?? '')]) {
      log.length = 0;
      const response = await fetch(`${server.address}${path}/${token}`);
      expect([400, 414]).toContain(response.status);
      expect(log.join('')).not.toContain(token.slice(-20));
    }
  });
});

describe('A token in an address', () => {
  it('leaves no trace in the audit log', async () => {
    const admin = await server.user({ role: 'ADMIN' });
    const { audit } = await admin.data<{ audit: unknown }>(
      '{ audit(first: 200) { nodes { operation: requestId targetId targetName after reason } } }',
    );
    expect(JSON.stringify(audit)).not.toContain((user.token ?? '').slice(-43));
    expect(JSON.stringify(audit)).not.toContain(JWT.slice(-20));
  });

  it('is refused in a path that cannot be read, too', async () => {
    log.length = 0;
    const response = await fetch(`${server.address}/%zz/${user.token ?? ''}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain((user.token ?? '').slice(-20));
    expect(log.join('')).not.toContain((user.token ?? '').slice(-20));
  });

  it('is not seen where there is none', async () => {
    for (const url of [
      '/',
      '/graphql?query={viewer{id}}',
      '/graphql?query=%7Bsearch(query:%22tokens%22)%7B__typename%7D%7D',
    ]) {
      expect(holdsToken(url)).toBe(false);
      expect(pathOf(url)).toBe(url.split('?')[0]);
    }
    const headers = { authorization: `Bearer ${user.token ?? ''}`, 'apollo-require-preflight': '1' };
    expect((await fetch(`${server.address}/graphql?query=%7Bviewer%7Bid%7D%7D`, { headers })).status).toBe(200);
  });
});
