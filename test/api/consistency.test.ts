import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Consistency } from '../../src/graphql/consistency.js';
import { SealedCursors } from '../../src/graphql/sealed-cursor.js';
import { installationSecret } from '../../src/installation.js';
import { RequestBookmarks } from '../../src/neo4j/bookmarks.js';
import { Graph } from '../../src/neo4j/graph.js';
import type { Client, GraphqlAnswer } from '../support/client.js';
import { openSharedDriver, startTestWeftline, type TestWeftline } from '../support/weftline.js';

const HEADER = 'weftline-consistency';
const READ = 'query ($ref: AssetRef!) { asset(ref: $ref) { description } }';

/** Two servers over one database: each has bookmarks of its own. */
let [one, two]: TestWeftline[] = [];
let owner: Client;
let seals: SealedCursors;

beforeAll(async () => {
  one = await startTestWeftline();
  two = await startTestWeftline();
  owner = await one.user();
  seals = new SealedCursors(await secret(), 'consistency');
});
afterAll(() => Promise.all([one?.stop(), two?.stop()]));

const secret = (): Promise<string> => installationSecret((one as TestWeftline).graph, new Date());

interface Posted {
  status: number;
  token: string | null;
  answer: GraphqlAnswer<Record<string, unknown>>;
}

async function post(
  server: TestWeftline | undefined,
  body: Record<string, unknown>,
  { path = '/graphql', ...headers }: Record<string, string> = {},
): Promise<Posted> {
  const authorization = `Bearer ${owner.token ?? ''}`;
  const response = await fetch(`${server?.address ?? ''}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as Posted['answer'];
  return { status: response.status, token: response.headers.get(HEADER), answer };
}

/** Registers an asset at the first server; its id and the token of that. */
async function write(): Promise<{ id: string; token: string }> {
  const query = 'mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { id } } }';
  const input = { namespace: one?.namespace, name: `m-${Math.random()}`, description: 'written' };
  const { answer, token } = await post(one, { query, variables: { input } });
  const id = (answer.data?.['registerModel'] as { model: { id: string } }).model.id;
  expect(token).toBe(answer.extensions?.consistency);
  return { id, token: token ?? '' };
}

const waits = (): number => two?.statements.filter((name) => name === 'graph.catchUp').length ?? 0;

/** Bytes of a bookmark before the number of its transaction: what kind of list it is, and the id of the database. */
const BEFORE_NUMBER = 19;

/** The number of the transaction in a bookmark: a byte that says how long it is, and then it. */
function numberIn(bookmark = ''): number {
  const bytes = Buffer.from(bookmark.slice(3), 'base64').subarray(BEFORE_NUMBER);
  const length = { 0xc8: 1, 0xc9: 2, 0xca: 4 }[bytes[0] ?? 0];
  return length === undefined ? (bytes[0] ?? NaN) : bytes.readIntBE(1, length);
}

/** A token of this installation whose bookmark was changed. */
function changed(token: string, change: (bookmark: Buffer) => Buffer): string {
  const [version, bookmark] = seals.open(token) as [number, string];
  const [, kind = '', bytes = ''] = /^(FB:)(.+)$/.exec(bookmark) ?? [];
  return seals.seal([version, `${kind}${change(Buffer.from(bytes, 'base64')).toString('base64')}`]);
}

describe('A consistency token', () => {
  it.each([
    ['the header', (token: string) => [{}, { [HEADER]: token }] as const],
    ['several in the header', (token: string) => [{}, { [HEADER]: `${token}, ${token}` }] as const],
    ['the extensions', (token: string) => [{ extensions: { consistency: token } }, {}] as const],
    ['a list in the extensions', (token: string) => [{ extensions: { consistency: [token, token] } }, {}] as const],
  ])('of a write is waited for by the read of another server that gives it in %s', async (_where, give) => {
    const { id, token } = await write();
    const before = waits();
    const [body, headers] = give(token);
    const { answer } = await post(two, { query: READ, variables: { ref: id }, ...body }, headers);
    expect(answer).toEqual({ data: { asset: { description: 'written' } } });
    expect(waits()).toBe(before + 1);
  });

  it('is an argument of asset and lineage too', async () => {
    const { id, token } = await write();
    const before = waits();
    const query = `query ($id: AssetRef!, $t: String) { asset(ref: $id, consistency: $t) { description }
      lineage(of: [$id], direction: BOTH, consistency: $t) { completeness { complete } } }`;
    const { answer } = await post(two, { query, variables: { id, t: token } });
    expect(answer.errors).toBeUndefined();
    expect(answer.data).toEqual({ asset: { description: 'written' }, lineage: { completeness: { complete: true } } });
    expect(waits()).toBe(before + 2);
  });

  it('is not asked of anybody: without one nothing waits, and a query tells none', async () => {
    const { id } = await write();
    const before = waits();
    const { answer, token } = await post(two, { query: READ, variables: { ref: id } });
    expect([answer.errors, answer.extensions, token]).toEqual([undefined, undefined, null]);
    expect(waits()).toBe(before);
  });

  it('makes all later reads of the server as new', async () => {
    const { token } = await write();
    const [, ...bookmarks] = seals.open(token) as [number, ...string[]];
    await two?.graph.catchUp({ requestId: 'test', operation: 'test' }, bookmarks);
    const origin = { requestId: 'test', operation: 'test', bookmarks: new RequestBookmarks() };
    await two?.graph.read(origin, 'RETURN 1', {});
    expect(numberIn(origin.bookmarks.latest()[0])).toBeGreaterThanOrEqual(numberIn(bookmarks[0]));
  });

  it('is waited for before the caller is established: the write may have made their token', async () => {
    const create = 'mutation { createApiToken(input: { name: "t" }) { secret } }';
    const { answer, token } = await post(one, { query: create });
    const { secret } = answer.data?.['createApiToken'] as { secret: string };
    const statements = two?.everyStatement ?? [];
    statements.length = 0;
    const headers = { authorization: `Bearer ${secret}`, [HEADER]: token ?? '' };
    expect((await post(two, { query: '{ viewer { id } }' }, headers)).answer.errors).toBeUndefined();
    expect(statements.slice(0, 2)).toEqual(['graph.catchUp', 'principals.authenticate']);
  });

  it('is told by a mutation that found all done, and by one that was refused', async () => {
    const stranger = await one?.user();
    const answer = await stranger?.ask(`mutation { createTeam(input: { name: "not for members" }) { team { id } } }`);
    expect(answer?.errors).toHaveLength(1);
    expect(answer?.extensions?.consistency).toBeTypeOf('string');
  });

  it('opens a stream of another server', async () => {
    const { token } = await write();
    const gone = new AbortController();
    const before = waits();
    const response = await fetch(`${two?.address ?? ''}/graphql/stream`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept: 'text/event-stream' },
        authorization: `Bearer ${owner.token ?? ''}`,
      },
      body: JSON.stringify({
        query: 'subscription { catalogChanged { cursor } }',
        extensions: { consistency: token },
      }),
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).toContain('event-stream');
    expect(waits()).toBe(before + 1);
    gone.abort();
  });

  it('tells nothing of the database, and is another each time', async () => {
    const [{ token }, next] = [await write(), await write()];
    expect(token).not.toBe(next.token);
    expect(Buffer.from(token, 'base64url').toString('latin1')).not.toContain('FB:');
  });
});

describe('A consistency token is refused', () => {
  const GIVEN: Record<string, (token: string) => [Record<string, unknown>, Record<string, string>]> = {
    header: (token) => [{ query: '{ viewer { id } }' }, { [HEADER]: token }],
    extensions: (token) => [{ query: '{ viewer { id } }', extensions: { consistency: token } }, {}],
    argument: (token) => [
      {
        query: `query ($t: String) { asset(ref: "urn:weft:model:a:b", consistency: $t) { id } }`,
        variables: { t: token },
      },
      {},
    ],
    stream: (token) => [
      { query: 'subscription { catalogChanged { cursor } }', extensions: { consistency: token } },
      { path: '/graphql/stream', accept: 'text/event-stream' },
    ],
  };
  const foreign = new SealedCursors('the secret of another installation', 'consistency');
  const WRONG: [string, (token: string) => string, RegExp][] = [
    ['that was made up', () => 'made-up', /"made-up" is not a consistency token of this Weftline/],
    ['that was changed on its way', (token) => `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`, /changed/],
    ['of another installation', () => foreign.seal([1, 'FB:kcwQ']), /of another installation/],
    ['that is too long', () => 'a'.repeat(4_001), /4001 characters/],
    ['of another version', () => seals.seal([2, 'FB:kcwQ']), /another version/],
    ['that is a cursor', () => new SealedCursors('x').seal(['a']), /is not a consistency token/],
    ['whose bookmark is none', () => seals.seal([1, 'FB:nonsense']), /of another database/],
  ];
  const CASES = WRONG.flatMap(([what, make, message]) =>
    Object.entries(GIVEN).map(([where, give]) => ({ what, where, make, message, give })),
  );

  it.each(CASES)('$what, in the $where', async ({ make, message, give }) => {
    const { token } = await write();
    const [body, headers] = give(make(token));
    const { answer, status } = await post(two, body, headers);
    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(answer.errors?.[0]?.message).toMatch(message);
    expect(status).toBeLessThan(500);
    // It leaves nothing behind: the next request is answered.
    expect((await post(two, { query: '{ viewer { id } }' })).answer.errors).toBeUndefined();
  });

  it.each([[5], [{}], [[null]]])('when it is no text: %j', async (consistency) => {
    const { answer } = await post(two, { query: '{ viewer { id } }', extensions: { consistency } });
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('among more than twenty', async () => {
    const { token } = await write();
    const { answer } = await post(two, {
      query: '{ viewer { id } }',
      extensions: { consistency: Array(21).fill(token) },
    });
    expect(answer.errors?.[0]?.message).toContain('21 consistency tokens');
  });

  it('as not reached, when its write does not come in time', async () => {
    const { token } = await write();
    const never = changed(token, (bytes) =>
      Buffer.concat([bytes.subarray(0, BEFORE_NUMBER), Buffer.from([0xca, 0x7f, 0, 0, 0, 0x90])]),
    );
    const driver = openSharedDriver();
    const impatient = new Graph(driver, { database: 'neo4j', timeoutMs: 500 });
    const consistency = new Consistency(impatient, await secret());
    await expect(consistency.reach({ requestId: 'test', operation: 'test' }, [never])).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('has not caught up with the write') as string,
    });
    await driver.close();
  });
});

describe('A seal', () => {
  it('is made for its purpose alone', () => {
    expect(new SealedCursors('s').tryOpen(new SealedCursors('s', 'consistency').seal(['a']))).toBeNull();
  });
});
