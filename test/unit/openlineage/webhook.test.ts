/** What is sent to a webhook: signed, as often as it takes, and never to an address that is not allowed. */
import { createHmac } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/config/config.js';
import { isPublicAddress } from '../../../src/openlineage/outbox/public-address.js';
import { webhookDelivery } from '../../../src/openlineage/outbox/webhook.js';

const SECRET = 'a-secret-of-the-test';
const NOW = new Date('2026-11-30T12:00:00.500Z');
const BODY = JSON.stringify({ id: '1', event: 'violation.opened' });

let folder: string;
let secretFile: string;
let server: Server;
let port: number;
let heard: { headers: IncomingMessage['headers']; body: string }[] = [];
let answers: { status: number; headers?: Record<string, string>; body?: string }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-webhook-'));
  secretFile = join(folder, 'secret');
  writeFileSync(secretFile, `${SECRET}\n`);
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      const { status, headers, body } = answers.shift() ?? { status: 204 };
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  [heard, answers] = [[], []];
});

type Lookup = NonNullable<Parameters<typeof webhookDelivery>[1]['resolve']>;
const namesLead = (...addresses: string[]): Lookup => {
  const found = addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_host, _options, done) => done(null, found);
};
const sent = (url: string, { allowsPrivate = false, resolve }: { allowsPrivate?: boolean; resolve?: Lookup } = {}) =>
  webhookDelivery({ url, secretFile, allowsPrivate }, { now: () => NOW, ...(resolve && { resolve }) })(BODY, {
    answerWithinMs: 60_000,
    signal: new AbortController().signal,
  });
const here = (): string => `http://127.0.0.1:${port}/hook?a=1`;

describe('A message', () => {
  it('is signed over its time and its body', async () => {
    expect(await sent(here(), { allowsPrivate: true })).toEqual({ outcome: 'TAKEN' });
    const seconds = Math.floor(NOW.getTime() / 1_000);
    const expected = createHmac('sha256', SECRET).update(`${seconds}.${BODY}`).digest('hex');
    expect(heard).toEqual([
      { body: BODY, headers: expect.objectContaining({ 'content-type': 'application/json' }) as object },
    ]);
    expect(heard[0]?.headers['weftline-signature']).toBe(`t=${seconds},v1=${expected}`);
  });

  it('is tried again where the other side is busy, refused for good where it says so, and follows no redirect', async () => {
    answers = [
      { status: 503, headers: { 'retry-after': '7' } },
      { status: 400, body: `no, ${SECRET}` },
      { status: 302, headers: { location: here() } },
    ];
    expect(await sent(here(), { allowsPrivate: true })).toMatchObject({ outcome: 'LATER', afterMs: 7_000 });
    const refused = await sent(here(), { allowsPrivate: true });
    expect(refused).toEqual({ outcome: 'REFUSED', failure: { status: 400, why: 'It was answered 400: no, …' } });
    expect(await sent(here(), { allowsPrivate: true })).toMatchObject({
      ...{ outcome: 'REFUSED', failure: { status: 302, why: expect.stringContaining('Redirects') as string } },
    });
    expect(heard).toHaveLength(3);
  });

  it('waits while its secret cannot be read', async () => {
    const deliver = webhookDelivery(
      { url: here(), secretFile: join(folder, 'missing'), allowsPrivate: true },
      { now: () => NOW },
    );
    const limits = { answerWithinMs: 1_000, signal: new AbortController().signal };
    expect(await deliver(BODY, limits)).toMatchObject({ outcome: 'LATER', failure: { status: null } });
    expect(heard).toEqual([]);
  });
});

describe('An address that is not public', () => {
  const forms = [
    ...['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '0', '0.0.0.0', '[::1]', '[::]', '[::ffff:127.0.0.1]'],
    ...['[::ffff:7f00:1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[::127.0.0.1]', '[fe80::1]', '[fd00::1]'],
    ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1', '255.255.255.255'],
  ];
  it.each(forms)('is not sent to, as %s', async (form) => {
    for (const scheme of ['http', 'https'])
      expect(await sent(`${scheme}://${form}:${port}/`)).toMatchObject({
        ...{ outcome: 'LATER', failure: { status: null, why: expect.stringContaining('private') as string } },
      });
    expect(heard).toEqual([]);
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1', '10.1.2.3'])(
    'is not sent to when a name leads there, alone or among others: %s',
    async (address) => {
      for (const resolve of [namesLead(address), namesLead('93.184.215.14', address)]) {
        const tried = await sent(`https://hook.example:${port}/`, { resolve });
        expect(tried).toMatchObject({
          outcome: 'LATER',
          failure: { why: expect.stringContaining('private') as string },
        });
      }
      expect(heard).toEqual([]);
    },
  );

  it('is judged at each connection anew, and the connection goes to what was judged', async () => {
    let times = 0;
    const rebinding: Lookup = (_host, _options, done) =>
      done(null, [{ address: (times += 1) === 1 ? '127.0.0.1' : '93.184.215.14', family: 4 }]);
    const deliver = webhookDelivery(
      { url: `http://hook.example:${port}/`, secretFile, allowsPrivate: true },
      { now: () => NOW, resolve: rebinding },
    );
    const limits = { answerWithinMs: 60_000, signal: new AbortController().signal };
    expect(await deliver(BODY, limits)).toEqual({ outcome: 'TAKEN' });
    // It is public now, and without TLS nothing is sent there.
    expect(await deliver(BODY, limits)).toMatchObject({ outcome: 'LATER', failure: { status: null } });
    expect([times, heard.length]).toEqual([2, 1]);
  });

  it('is told from those that are', () => {
    expect(['93.184.215.14', '2606:2800:21f:cb07::1', '8.8.8.8'].map(isPublicAddress)).toEqual([true, true, true]);
    expect(['nonsense', '', 'fe80::1%eth0', '::'].map(isPublicAddress)).toEqual([false, false, false, false]);
  });
});

describe('The settings', () => {
  const read = (more: Record<string, string>) => readConfig(more).telling.webhook;
  const secret = { WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: '/run/secrets/hook' };
  it('want https and a secret, and tell no address', () => {
    expect(read({})).toBeNull();
    expect(read({ WEFTLINE_VIOLATION_WEBHOOK: 'https://hook.example/x', ...secret })).toEqual({
      ...{ url: 'https://hook.example/x', secretFile: '/run/secrets/hook', allowsPrivate: false },
    });
    const wrong = { WEFTLINE_VIOLATION_WEBHOOK: 'http://hook.example/x' };
    expect(() => read({ ...wrong, ...secret })).toThrow(/must begin with https:\/\/ and/);
    expect(() => read(wrong)).toThrow(/SECRET_FILE: is missing/);
    expect(() => read(secret)).toThrow(/there is no WEFTLINE_VIOLATION_WEBHOOK/);
    expect(() => read({ ...wrong, ...secret })).not.toThrow(/hook\.example/);
  });
});
