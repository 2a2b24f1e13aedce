import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { mintToken } from '../../src/principals/tokens/token.js';
import { newId } from '../../src/ids.js';
import { WriteTransaction } from '../../src/neo4j/graph.js';
import { SignInFailures } from '../../src/principals/sign-in/sign-in-failures.service.js';
import { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const log: string[] = [];
let server: TestWeftline;
let admin: Client;

beforeAll(async () => {
  server = await startTestWeftline({ logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }) });
  admin = await server.user({ role: 'ADMIN' });
});

afterEach(() => vi.restoreAllMocks());

afterAll(() => server.stop());

interface Entry {
  outcome: string;
  actorId: string | null;
  actorName: string;
  targetId: string;
  after: { fault: string; address: string; count: number };
}

async function failuresOf(targetId: string): Promise<Entry[]> {
  const query = `{ audit(first: 200, filter: { target: "${targetId}", actions: ["signin:fail"], outcome: FAILED }) { nodes { outcome actorId actorName targetId after } } }`;
  return (await admin.data<{ audit: { nodes: Entry[] } }>(query)).audit.nodes;
}

async function statusFor(authorization: string): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization };
  const body = '{"query":"{ viewer { id } }"}';
  return (await fetch(`${server.address}/graphql`, { method: 'POST', headers, body })).status;
}

async function newToken(): Promise<{ id: string; secret: string; client: Client }> {
  const owner = await server.user();
  const query = 'mutation { createApiToken(input: { name: "t" }) { secret token { id } } }';
  const { createApiToken: made } = await owner.data<{ createApiToken: { secret: string; token: { id: string } } }>(
    query,
  );
  return { id: made.token.id, secret: made.secret, client: new Client(server.address, made.secret, owner.userId) };
}

describe('A failed sign-in', () => {
  it('with a revoked token is an audit entry that names the token and where it came from, and not its secret', async () => {
    const { id, secret, client } = await newToken();
    await client.data(`mutation { revokeApiToken(input: { token: "${id}" }) { token { id } } }`);
    expect(await statusFor(`Bearer ${secret}`)).toBe(401);
    expect(await failuresOf(id)).toEqual([
      {
        outcome: 'FAILED',
        actorId: null,
        actorName: 'anonymous',
        targetId: id,
        after: { fault: 'REVOKED', address: '127.0.0.1', count: 1 },
      },
    ]);
    expect(JSON.stringify(await failuresOf(id))).not.toContain(secret.slice(-43));
  });

  it('with an expired token, a wrong secret or a disabled holder says so in the log, and to the caller nothing', async () => {
    const { id, secret, client } = await newToken();
    const later = await startTestWeftline({ now: () => new Date(Date.now() + 100 * 86_400_000) });
    expect((await new Client(later.address, secret, '').ask('{ viewer { id } }')).errors).toHaveLength(1);
    await later.stop();
    const wrong = `${secret.slice(0, -3)}${secret.endsWith('AAA') ? 'BBB' : 'AAA'}`;
    expect(await statusFor(`Bearer ${wrong}`)).toBe(401);
    await admin.data(
      `mutation { disablePrincipal(input: { principal: "${client.userId}", reason: "left" }) { principal { id } } }`,
    );
    expect(await statusFor(`Bearer ${secret}`)).toBe(401);
    expect((await failuresOf(id)).map(({ after }) => after.fault).sort()).toEqual([
      'DISABLED',
      'EXPIRED',
      'WRONG_SECRET',
    ]);
  });

  it.each([
    ['UNKNOWN_TOKEN', () => `Bearer ${mintToken(newId()).text}`],
    ['MALFORMED', () => 'Basic YWRtaW46YWRtaW4='],
    ['MALFORMED', () => 'Bearer'],
    ['UNTRUSTED_ISSUER', () => 'Bearer eyJhbGciOiJub25lIn0.e30.'],
  ])('of the kind %s is an entry about no token', async (fault, header) => {
    expect(await statusFor(header())).toBe(401);
    expect((await failuresOf('unknown')).map(({ after }) => after.fault)).toContain(fault);
  });

  it('of a stream whose token was revoked meanwhile is one too', async () => {
    const { id, client } = await newToken();
    const namespace = `${server.namespace}-stream`;
    const change = (): Promise<unknown> =>
      admin.data(
        `mutation { registerModel(input: { namespace: "${namespace}", name: "${randomBytes(6).toString('hex')}" }) { model { id } } }`,
      );
    await server.sealed();
    const { events } = await client.open(
      `subscription { catalogChanged(filter: { namespaces: ["${namespace}"] }) { cursor } }`,
    );
    await change();
    expect((await events.next()).value).toMatchObject({ data: {} });
    await client.data(`mutation { revokeApiToken(input: { token: "${id}" }) { token { id } } }`);
    await change();
    expect((await events.next()).value).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect((await failuresOf(id)).map(({ after }) => after.fault)).toEqual(['REVOKED']);
  });

  it('is refused also when the log cannot be written, which is then in the log of the server', async () => {
    const { secret, id, client } = await newToken();
    await client.data(`mutation { revokeApiToken(input: { token: "${id}" }) { token { id } } }`);
    log.length = 0;
    vi.spyOn(server.graph, 'write').mockRejectedValue(new Error('the disk is full'));
    expect(await statusFor(`Bearer ${secret}`)).toBe(401);
    expect(log.filter((line) => line.includes('could not be written to the audit log'))).toHaveLength(1);
    expect(log.join('')).not.toContain(secret.slice(-43));
  });
});

describe('Many failed sign-ins', () => {
  const origin = { requestId: 'flood', operation: '/graphql' };
  const failures = (everyMs: number): SignInFailures =>
    new SignInFailures(server.graph, pino({ level: 'silent' }), { now: () => new Date(), everyMs });
  const token = () => ({ id: newId(), holder: 'Noor', isPerson: true });

  it('of one source are told at once, then counted, and what is counted is told at the end', async () => {
    const counting = failures(60_000);
    const failure = { fault: 'REVOKED', address: '192.0.2.1', token: token(), origin } as const;
    for (let time = 0; time < 50; time++) await counting.note(failure);
    expect((await failuresOf(failure.token.id)).map(({ after }) => after.count)).toEqual([1]);
    await counting.note({ ...failure, address: '192.0.2.2' });
    await counting.close();
    const counts = (await failuresOf(failure.token.id)).map(({ after }) => [after.address, after.count]);
    expect(counts.sort()).toEqual([
      ['192.0.2.1', 1],
      ['192.0.2.1', 49],
      ['192.0.2.2', 1],
    ]);
  });

  it('are told again after a while, as long as they go on', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const counts: string[] = [];
    vi.spyOn(server.graph, 'write').mockImplementation((_origin, work) =>
      work(
        new WriteTransaction(
          (_cypher, parameters) => {
            const { body } = parameters['entry'] as { body: string };
            counts.push(/"count":(\d+)/.exec(body)?.[1] ?? 'none');
            return Promise.resolve([]);
          },
          () => '',
        ),
      ),
    );
    const counting = failures(60_000);
    const failure = { fault: 'EXPIRED', address: '192.0.2.1', token: token(), origin } as const;
    const note = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await counting.note(failure);
    };
    await note(4);
    expect(counts).toEqual(['1']);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(counts).toEqual(['1']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts).toEqual(['1', '3']);
    await note(2);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(counts).toEqual(['1', '3', '2']);
    // It was quiet for a while: the next is told at once again.
    await note(2);
    expect(counts).toEqual(['1', '3', '2', '1']);
    await counting.close();
    expect(counts).toEqual(['1', '3', '2', '1', '1']);
  });

  it('of very many sources fill neither the log nor the memory', async () => {
    const written = vi.spyOn(server.graph, 'write').mockResolvedValue(undefined);
    const counting = failures(60_000);
    for (let number = 0; number < 5_000; number++) {
      await counting.note({ fault: 'UNKNOWN_TOKEN', address: `2001:db8::${number}`, token: null, origin });
    }
    expect(written).toHaveBeenCalledTimes(1_001);
    await counting.close();
    expect(written).toHaveBeenCalledTimes(1_002);
  });
});
