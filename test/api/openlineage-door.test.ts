import { once } from 'node:events';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Scope, SCOPES, systemActor } from '../../src/auth/actor.js';
import { unavailable } from '../../src/errors.js';
import type { LineageEvent } from '../../src/openlineage/event/event.js';
import { Client } from '../support/client.js';
import { MemoryIngest } from '../support/memory-ingest.js';
import { eventsOf, type SentEvent } from '../support/openlineage.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const MEGABYTE = 1_048_576;
const REJECTED = `query ($first: Int, $after: String) { rejectedEvents(first: $first, after: $after) { totalCount
  nodes { code reason digest excerpt sender { id } } pageInfo { hasNextPage endCursor } } }`;

interface Rejected {
  rejectedEvents: {
    totalCount: number;
    nodes: { code: string; reason: string; digest: string | null; excerpt: string | null; sender: { id: string } }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

let server: TestWeftline;
let producer: Client;
const ingest = new MemoryIngest();

beforeAll(async () => {
  server = await startTestWeftline({ ingest, environment: { WEFTLINE_LINEAGE_QUEUE: '5' } });
  producer = await clientWith(['REPORT']);
});
afterAll(() => server.stop());
beforeEach(() => {
  ingest.taken.length = 0;
  ingest.outcomeOf = () => ({ ok: true });
  ingest.gate = () => Promise.resolve();
  ingest.entered = 0;
});

/** Somebody new, whose token has these scopes. */
async function clientWith(scopes: readonly Scope[], role: 'MEMBER' | 'AUDITOR' | 'ADMIN' = 'MEMBER'): Promise<Client> {
  const user = await server.user({ role });
  return withScopes(user, scopes);
}

async function withScopes(user: Client, scopes: readonly Scope[]): Promise<Client> {
  const { secret } = await server.weftline.tokens.createToken(systemActor('test'), {
    ...{ name: 'producer', user: user.userId, expiresInDays: 1 },
    scopes,
  });
  return withToken(user, secret);
}

const withToken = (user: Client, token: string): Client => new Client(user.address, token, user.userId);

interface Sent {
  path?: string;
  type?: string;
  encoding?: string;
  chunked?: boolean;
  client?: Client | null;
}

/** Sends a body as a producer would; without a length when it is `chunked`. */
async function send(body: string | Buffer, sent: Sent = {}): Promise<Answer> {
  const { path = '/api/v1/lineage', type = 'application/json', encoding, chunked = false, client = producer } = sent;
  const bytes = Buffer.from(body as string);
  const request = httpRequest(`${server.address}${path}`, {
    method: 'POST',
    headers: {
      'content-type': type,
      ...(encoding && { 'content-encoding': encoding }),
      ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': bytes.length }),
      ...(client?.token && { authorization: `Bearer ${client.token}` }),
    },
  });
  // The server may answer, and close, before it has read all.
  request.on('error', () => undefined);
  for (let at = 0; at < bytes.length; at += 65_536) request.write(bytes.subarray(at, at + 65_536));
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  response.on('data', (piece: Buffer) => pieces.push(piece));
  response.on('error', () => undefined);
  await once(response, 'close');
  return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(pieces).toString() };
}

function faultOf({ text }: Answer): { code: string; message: string } {
  const [fault] = (JSON.parse(text) as { errors: { message: string; extensions: { code: string } }[] }).errors;
  if (!fault) throw new Error('The answer held no error.');
  return { code: fault.extensions.code, message: fault.message };
}

let made = 0;
function anEvent(with_: SentEvent = {}): SentEvent {
  made += 1;
  return {
    eventTime: '2026-11-29T12:00:00.123456789Z',
    eventType: 'COMPLETE',
    producer: 'test',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    run: { runId: `0199CAFE-0000-7000-8000-${String(made).padStart(12, '0')}` },
    job: { namespace: 'jobs', name: `job ${made} – №#?%` },
    ...with_,
  };
}

const FACET = { _producer: 'test', _schemaURL: 'https://example.test/facet.json' };
const named = (event: LineageEvent): string => (event.kind === 'DATASET' ? event.dataset.name : event.job.name);
const jobName = (event: SentEvent): string => (event['job'] as { name: string }).name;
const withSchema = (fields: unknown): SentEvent =>
  anEvent({ outputs: [{ namespace: 'db', name: 'table', facets: { schema: { ...FACET, fields } } }] });

async function rejectedOf(client: Client): Promise<Rejected['rejectedEvents']> {
  return (await client.data<Rejected>(REJECTED, { first: 20 })).rejectedEvents;
}

describe('the door for OpenLineage events', () => {
  it('takes one event and answers 201 once it is durable, whatever the query string and the charset', async () => {
    const event = anEvent();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    ingest.gate = () => opened;
    let answered = false;
    const answer = send(JSON.stringify(event), {
      path: '/api/v1/lineage?x=1&y',
      type: 'application/json; charset=UTF-8',
    }).finally(() => (answered = true));
    await expect.poll(() => ingest.entered).toBe(1);
    // A whole request is answered meanwhile, and this one is not.
    await server.anonymous.ask('{ __typename }');
    expect(answered).toBe(false);
    open();
    expect(await answer).toMatchObject({ status: 201, text: '' });
    expect(ingest.taken.map(named)).toEqual([jobName(event)]);
    expect(ingest.taken[0]).toMatchObject({
      kind: 'RUN',
      eventType: 'COMPLETE',
      eventTime: new Date('2026-11-29T12:00:00.123Z'),
    });
  });

  it('takes events of real producers, each as it was recorded', async () => {
    const events = ['python', 'python_old', 'dbt', 'airflow'].flatMap((name) => eventsOf(name).slice(0, 5));
    for (const event of events) expect((await send(JSON.stringify(event))).status).toBe(201);
    expect(ingest.taken).toHaveLength(events.length);
  });

  it.each([{ chunked: false }, { chunked: true }])('inflates gzip, chunked: $chunked', async ({ chunked }) => {
    const event = anEvent();
    const answer = await send(gzipSync(JSON.stringify(event)), { encoding: 'gzip', chunked });
    expect(answer.status).toBe(201);
    expect(ingest.taken.map(named)).toEqual([jobName(event)]);
  });

  it('lets in who may write or report, and nobody else', async () => {
    const event = JSON.stringify(anEvent());
    const auditor = await server.user({ role: 'AUDITOR' });
    const admin = await server.user({ role: 'ADMIN' });
    const { openAuditorSession: session } = await admin.data<{ openAuditorSession: { secret: string } }>(
      'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret } }',
    );
    expect(await send(event, { client: null })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.any(String) as string },
    });
    for (const scope of SCOPES) {
      const { status } = await send(event, { client: await clientWith([scope]) });
      expect([scope, status]).toEqual([scope, scope === 'WRITE' || scope === 'REPORT' ? 201 : 403]);
    }
    expect((await send(event, { client: auditor })).status).toBe(403);
    expect((await send(event, { client: withToken(admin, session.secret) })).status).toBe(403);
    expect(await producer.code('{ assets { nodes { id } } }')).toBe('FORBIDDEN');
    expect((await send(event, { client: withToken(producer, 'weft_wrong') })).status).toBe(401);
    expect(await rejectedOf(await withScopes(auditor, ['READ']))).toMatchObject({ totalCount: 0 });
  });

  it('names the field that is wrong', async () => {
    const fields = [{ name: 'a' }, { name: 'b' }, { name: 3 }];
    const answer = await send(JSON.stringify(withSchema(fields)));
    expect(answer.status).toBe(400);
    expect(faultOf(answer)).toEqual({
      code: 'BAD_USER_INPUT',
      message: 'outputs[0].facets.schema.fields[2].name must be a string.',
    });
    const { job, ...jobless } = anEvent();
    expect(faultOf(await send(JSON.stringify(jobless))).message).toBe('job is missing.');
    expect(faultOf(await send(JSON.stringify({ job, ...jobless, eventType: 'DONE' }))).message).toContain(
      'eventType must be one of START',
    );
    expect(faultOf(await send(JSON.stringify(anEvent({ eventTime: 'yesterday' })))).message).toContain('"yesterday"');
    expect(ingest.taken).toEqual([]);
  });

  it.each([
    ['no JSON', '{"eventTime": ', 400, 'not JSON'],
    ['nothing', '', 400, 'not JSON'],
    ['a list', '[]', 400, '/api/v1/lineage/batch'],
    ['a number', '7', 400, 'must be a JSON object'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'not UTF-8'],
    ['deep nesting', `{"run":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 400, 'nests deeper than 64 levels'],
    [
      'a control character',
      JSON.stringify(anEvent({ job: { namespace: 'a\u0007b', name: 'x' } })),
      400,
      'job.namespace has the control character U+0007',
    ],
    [
      'a long name',
      JSON.stringify(anEvent({ job: { namespace: 'n', name: 'x'.repeat(1_001) } })),
      400,
      'job.name has 1001 characters',
    ],
    ['an endless number', `{"run": 1e999}`, 400, 'JSON cannot say'],
    [
      '100,000 columns',
      JSON.stringify(withSchema(Array.from({ length: 100_000 }, (_, at) => ({ name: `c${at}` })))),
      413,
      'outputs[0].facets.schema.fields has 100,000 fields',
    ],
  ])('refuses %s', async (_, body, status, message) => {
    const answer = await send(body);
    expect(answer.status).toBe(status);
    expect(faultOf(answer).message).toContain(message);
    expect(ingest.taken).toEqual([]);
  });

  it('refuses other types and encodings with 415', async () => {
    const event = JSON.stringify(anEvent());
    expect((await send(event, { type: 'text/plain' })).status).toBe(415);
    expect((await send(event, { type: 'application/x-ndjson' })).status).toBe(415);
    expect((await send(event, { encoding: 'br' })).status).toBe(415);
    expect(faultOf(await send(event, { encoding: 'gzip' })).message).toContain('not the gzip');
    const cut = gzipSync(event).subarray(0, 40);
    expect((await send(cut, { encoding: 'gzip' })).status).toBe(400);
  });

  it('takes bodies of 10 MB, and cuts off what is larger, also while it is inflated', async () => {
    const filled = (bytes: number): string => JSON.stringify(anEvent({ filling: ['x'.repeat(bytes)] }));
    expect((await send(filled(9.5 * MEGABYTE))).status).toBe(201);
    const [long, endless, bomb] = [
      await send(Buffer.alloc(50 * MEGABYTE, ' ')),
      await send(Buffer.alloc(11 * MEGABYTE, ' '), { chunked: true }),
      await send(gzipSync(Buffer.alloc(64 * MEGABYTE, ' ')), { encoding: 'gzip' }),
    ];
    for (const answer of [long, endless, bomb]) {
      expect(answer.status).toBe(413);
      expect(faultOf(answer)).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        message: expect.stringContaining('10485760 bytes') as string,
      });
    }
    expect((await send(JSON.stringify(anEvent()))).status).toBe(201);
  });

  it('does not lend its limit to GraphQL', async () => {
    const writer = await server.user();
    const query = `{ __typename } # ${'x'.repeat(2 * MEGABYTE)}`;
    const answer = await send(JSON.stringify({ query }), { path: '/graphql', client: writer });
    expect(answer.status).toBe(413);
  });

  it('keeps whole numbers beyond 2^53 and unknown keys as they came', async () => {
    const text = JSON.stringify(
      anEvent({ run: { runId: 'r', facets: { 'spark.exception-x': { ...FACET, id: 0, __own: 1 } } } }),
    );
    expect((await send(text.replace('"id":0', '"id":5613249541547248623'))).status).toBe(201);
    const [event] = ingest.taken;
    expect(event?.kind === 'RUN' && event.runFacets['spark.exception-x']).toEqual({
      ...FACET,
      id: '5613249541547248623',
      __own: 1,
    });
  });

  it('tells the same event sent again by its digest, however its keys are ordered', async () => {
    const event = anEvent();
    const turned = Object.fromEntries(Object.entries(event).reverse());
    await send(JSON.stringify(event));
    await send(JSON.stringify(turned, null, 2));
    await send(JSON.stringify({ ...event, more: 1 }));
    const [one, again, other] = ingest.taken.map(({ digest }) => digest);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  it('never fetches a schema that an event names', async () => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    const { port } = elsewhere.address() as { port: number };
    const url = `http://127.0.0.1:${port}/schema.json`;
    const event = anEvent({
      schemaURL: url,
      run: { runId: 'r', facets: { own: { _producer: url, _schemaURL: url } } },
    });
    expect((await send(JSON.stringify(event))).status).toBe(201);
    await new Promise((resolve) => elsewhere.close(resolve));
    expect(asked).toBe(0);
  });

  it('answers what became of the event', async () => {
    for (const [code, status] of [
      ['FORBIDDEN', 403],
      ['NOT_FOUND', 404],
      ['CONFLICT', 409],
      ['LIMIT_EXCEEDED', 413],
      ['UNAVAILABLE', 503],
    ] as const) {
      ingest.outcomeOf = () => ({ ok: false, code, message: `It is ${code}.`, retriable: code === 'UNAVAILABLE' });
      const answer = await send(JSON.stringify(anEvent()));
      expect(answer.status).toBe(status);
      expect(faultOf(answer)).toEqual({ code, message: `It is ${code}.` });
    }
    ingest.gate = () => Promise.reject(unavailable('The database is away.'));
    const answer = await send(JSON.stringify(anEvent()));
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('answers 429 with Retry-After while too many events wait', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    ingest.gate = () => opened;
    const waiting = Array.from({ length: 5 }, () => send(JSON.stringify(anEvent())));
    await expect.poll(() => ingest.entered).toBe(5);
    const answer = await send('[]', { path: '/api/v1/lineage/batch' });
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(faultOf(answer).code).toBe('LIMIT_EXCEEDED');
    open();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(5).fill(201));
    expect((await send(JSON.stringify(anEvent()))).status).toBe(201);
  });
});

describe('a batch of OpenLineage events', () => {
  const path = '/api/v1/lineage/batch';

  it('is answered 204 when all are taken, also when it is larger than the queue', async () => {
    const events = Array.from({ length: 7 }, () => anEvent());
    expect(await send(JSON.stringify(events), { path })).toMatchObject({ status: 204, text: '' });
    expect(ingest.taken.map(named)).toEqual(events.map(jobName));
    expect((await send('[]', { path })).status).toBe(204);
  });

  it('takes lines, gzipped too, and tells of each failure where it is and whether to send it again', async () => {
    const [good, busy, last] = [anEvent(), anEvent(), anEvent()];
    ingest.outcomeOf = (event) =>
      named(event) === jobName(busy)
        ? { ok: false, code: 'UNAVAILABLE', message: 'Busy.', retriable: true }
        : { ok: true };
    const lines = [
      JSON.stringify(good),
      '{"broken"',
      JSON.stringify(busy),
      '',
      JSON.stringify({ job: 1 }),
      JSON.stringify(last),
    ];
    const answer = await send(gzipSync(`${lines.join('\n')}\n`), {
      path,
      type: 'application/x-ndjson',
      encoding: 'gzip',
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      status: 'partial_success',
      summary: { received: 5, successful: 2, failed: 3, retriable: 1, non_retriable: 2 },
      failed_events: [
        { index: 1, reason: expect.stringContaining('The line is not JSON') as string, retriable: false },
        { index: 2, reason: 'Busy.', retriable: true },
        { index: 3, reason: expect.stringContaining('eventTime is missing') as string, retriable: false },
      ],
    });
    expect(ingest.taken.map(named)).toEqual([jobName(good), jobName(last)]);
  });

  it('is refused whole when it is no list', async () => {
    expect((await send(JSON.stringify(anEvent()), { path })).status).toBe(400);
    expect((await send('[{]', { path })).status).toBe(400);
  });
});

describe('rejected events', () => {
  it('are kept with the reason and how they began, for who sent them and for an ADMIN', async () => {
    const [user, other, admin] = [await server.user(), await server.user(), await server.user({ role: 'ADMIN' })];
    const mine = await withScopes(user, ['REPORT']);
    const long = JSON.stringify(anEvent({ eventTime: 'never', filling: 'ä'.repeat(3_000) }));
    await send(long, { client: mine });
    ingest.outcomeOf = () => ({ ok: false, code: 'CONFLICT', message: 'It is taken.', retriable: false });
    await send(JSON.stringify([anEvent(), anEvent()]), { client: mine, path: '/api/v1/lineage/batch' });
    ingest.outcomeOf = () => ({ ok: false, code: 'UNAVAILABLE', message: 'Busy.', retriable: true });
    await send(JSON.stringify(anEvent()), { client: mine });
    await send('{"', { client: mine });
    await send(Buffer.alloc(11 * MEGABYTE, ' '), { client: mine });

    const { nodes, totalCount } = await rejectedOf(user);
    expect(totalCount).toBe(5);
    expect(nodes.map(({ code }) => code)).toEqual([
      'LIMIT_EXCEEDED',
      'BAD_USER_INPUT',
      'CONFLICT',
      'CONFLICT',
      'BAD_USER_INPUT',
    ]);
    expect(nodes[0]).toMatchObject({ digest: null, excerpt: null, sender: { id: user.userId } });
    expect(nodes[1]).toMatchObject({ excerpt: '{"', digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    const first = nodes[4];
    expect(first?.reason).toContain('eventTime is "never"');
    expect(long.startsWith(first?.excerpt ?? '-')).toBe(true);
    expect(Buffer.byteLength(first?.excerpt ?? '')).toBeGreaterThan(2_040);
    expect(Buffer.byteLength(first?.excerpt ?? '')).toBeLessThanOrEqual(2_048);

    expect(await rejectedOf(other)).toMatchObject({ totalCount: 0, nodes: [] });
    const seen = await rejectedOf(admin);
    expect(seen.nodes.filter(({ sender }) => sender.id === user.userId)).not.toEqual([]);
    const page = await user.data<Rejected>(REJECTED, { first: 2 });
    const { endCursor } = page.rejectedEvents.pageInfo;
    const next = await user.data<Rejected>(REJECTED, { first: 20, after: endCursor });
    expect([...page.rejectedEvents.nodes, ...next.rejectedEvents.nodes]).toEqual(nodes);
  });

  it('are the latest 1,000 of each sender', async () => {
    const user = await server.user();
    const mine = await withScopes(user, ['REPORT']);
    const batch = (from: number, count: number): string =>
      Array.from({ length: count }, (_, at) => `"bad ${from + at}"`).join('\n');
    const lines = { client: mine, path: '/api/v1/lineage/batch', type: 'application/x-ndjson' };
    await send(batch(0, 700), lines);
    await send(batch(700, 700), lines);
    const { totalCount, nodes } = await rejectedOf(user);
    expect(totalCount).toBe(1_000);
    expect(nodes[0]?.excerpt).toBe('"bad 1399"');
    const oldest = await user.data<Rejected>(`{ rejectedEvents(last: 1) { totalCount nodes { excerpt } } }`);
    expect(oldest.rejectedEvents.nodes[0]?.excerpt).toBe('"bad 400"');
  });
});
