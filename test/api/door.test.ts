/** Every bound and rule of a request, by every route and method: there is one door (src/graphql/door/door.ts), and this is what it says. */
import { getIntrospectionQuery } from 'graphql';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../support/client.js';
import { askBy, type Asking, WAYS } from '../support/routes.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const log: string[] = [];
let server: TestWeftline;
let closed: TestWeftline;
let member: Client;

beforeAll(async () => {
  const logger = pino({ level: 'trace' }, { write: (line) => log.push(line) });
  server = await startTestWeftline({ logger });
  closed = await startTestWeftline({ environment: { WEFTLINE_INTROSPECTION: 'false' } });
  member = await server.user();
});

afterEach(() => vi.restoreAllMocks());

afterAll(async () => {
  await server.stop();
  await closed.stop();
});

const authorization = (): Record<string, string> => ({ authorization: `Bearer ${member.token ?? ''}` });
const many = (count: number, write: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => write(n)).join(' ');
const nested = (depth: number, make: (inner: unknown) => unknown): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = make(value);
  return value;
};
const FILTER = 'query ($f: AssetFilter) { assets(filter: $f) { totalCount } }';
const lineages = (depth: number): string => (depth === 0 ? '{ id }' : `{ lineage { roots ${lineages(depth - 1)} } }`);

/** What is asked, the code of the refusal, and a word its message has, so that it is refused for this and nothing else. */
const REFUSED: Record<string, [Asking, string, RegExp]> = {
  'more tokens': [{ query: `{ viewer { ${'id '.repeat(2_100)} } }` }, 'LIMIT_EXCEEDED', /2000 tokens/],
  'brackets nested deeper': [
    { query: `{ a ${'{ a '.repeat(1_000)}` },
    'LIMIT_EXCEEDED',
    /nests brackets deeper than 100/,
  ],
  'a literal nested deeper': [
    { query: `{ a(b: ${'['.repeat(1_000)}` },
    'BAD_USER_INPUT',
    /nests brackets deeper than 100/,
  ],
  'deeper fields': [{ query: `{ asset(ref: "a") ${lineages(10)} }` }, 'LIMIT_EXCEEDED', /deep; at most 15/],
  'more aliases': [{ query: `{ viewer { ${many(31, (n) => `a${n}: id`)} } }` }, 'LIMIT_EXCEEDED', /31 aliases/],
  'more root fields': [{ query: `{ ${many(21, () => '__typename')} }` }, 'LIMIT_EXCEEDED', /21 top-level/],
  'a field again and again': [{ query: `{ viewer { ${'id '.repeat(500)} } }` }, 'LIMIT_EXCEEDED', /too many times/],
  'a fragment bomb': [
    {
      query: `{ viewer { ...F0 } } ${many(40, (n) => `fragment F${n} on User { ...F${n + 1} ...F${n + 1} }`)} fragment F40 on User { id }`,
    },
    'LIMIT_EXCEEDED',
    /too many times/,
  ],
  'more cost': [
    {
      query: 'query ($n: Int) { assets(first: $n) { nodes { audit(first: $n) { nodes { id } } } } }',
      variables: { n: 200 },
    },
    'LIMIT_EXCEEDED',
    /objects; at most 20000/,
  ],
  'a larger page': [{ query: '{ assets(first: 201) { totalCount } }' }, 'LIMIT_EXCEEDED', /"first".*1 to 200/],
  'a larger page by a variable': [
    { query: 'query ($n: Int) { assets(first: $n) { totalCount } }', variables: { n: 201 } },
    'LIMIT_EXCEEDED',
    /"first".*1 to 200/,
  ],
  'a page of nothing': [{ query: '{ assets(first: 0) { totalCount } }' }, 'BAD_USER_INPUT', /at least 1/],
  'a deeper variable': [
    { query: FILTER, variables: { f: nested(1_000, (value) => [value]) } },
    'BAD_USER_INPUT',
    /`f` in the variables nests .* 100/,
  ],
  'a deeper variable of objects': [
    { query: FILTER, variables: { f: nested(500, (a) => ({ a })) } },
    'BAD_USER_INPUT',
    /`f` in the variables nests .* 100/,
  ],
  'deeper extensions': [
    { query: '{ viewer { id } }', extensions: { e: nested(1_000, (value) => [value]) } },
    'BAD_USER_INPUT',
    /`e` in the extensions nests/,
  ],
  'unknown keys in a variable': [
    { query: FILTER, variables: { f: Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`k${n}`, n])) } },
    'BAD_USER_INPUT',
    /Variable "\$f" got invalid value an object; Field "k0" is not defined/,
  ],
  'bad words in a variable': [
    { query: FILTER, variables: { f: { kinds: Array.from({ length: 400 }, (_, n) => `no${n}`) } } },
    'BAD_USER_INPUT',
    /Variable "\$f" got invalid value "no0" at "f\.kinds\[0\]"/,
  ],
  'a variable of another type': [
    { query: FILTER, variables: { f: 7 } },
    'BAD_USER_INPUT',
    /Variable "\$f" got invalid value 7/,
  ],
  'a variable that is missing': [
    { query: 'query ($i: ID!) { node(id: $i) { id } }' },
    'BAD_USER_INPUT',
    /"\$i" of required/,
  ],
  'a variable that is null': [
    { query: 'query ($i: ID!) { node(id: $i) { id } }', variables: { i: null } },
    'BAD_USER_INPUT',
    /"\$i" of non-null/,
  ],
  'unknown fields': [
    { query: `{ ${many(500, (n) => `nothing${n}`)} }` },
    'BAD_USER_INPUT',
    /Cannot query field "nothing0"/,
  ],
  'unknown arguments': [
    { query: `{ assets(${many(300, (n) => `no${n}: 1`)}) { totalCount } }` },
    'BAD_USER_INPUT',
    /Unknown argument "no0"/,
  ],
  'unknown words': [
    { query: `{ assets(filter: { kinds: [${many(500, (n) => `NO${n}`)}] }) { totalCount } }` },
    'BAD_USER_INPUT',
    /"NO0" does not exist/,
  ],
  'unknown keys': [
    { query: `{ assets(filter: { ${many(300, (n) => `no${n}: 1`)} }) { totalCount } }` },
    'BAD_USER_INPUT',
    /"no0" is not defined/,
  ],
  'unknown types': [
    { query: `query (${many(200, (n) => `$v${n}: No${n}`)}) { viewer { id } }` },
    'BAD_USER_INPUT',
    /Unknown type "No0"/,
  ],
  'a name of thousands of letters': [{ query: `{ ${'n'.repeat(6_000)} }` }, 'BAD_USER_INPUT', /Cannot query field/],
  'a cycle of fragments': [
    { query: '{ viewer { ...A } } fragment A on User { ...B } fragment B on User { ...A }' },
    'BAD_USER_INPUT',
    /within itself/,
  ],
  'what cannot be parsed': [{ query: '{ viewer {' }, 'BAD_USER_INPUT', /Syntax Error/],
  'no operation of the name': [
    { query: 'query A { viewer { id } }', operationName: 'B'.repeat(3_000) },
    'BAD_USER_INPUT',
    /no operation named "B{60}…"/,
  ],
  'one operation of several': [
    { query: 'query A { viewer { id } } query B { viewer { id } }' },
    'BAD_USER_INPUT',
    /operationName/,
  ],
  'an empty document': [{ query: '' }, 'BAD_USER_INPUT', /`query` is missing/],
  'variables that are a list': [
    { query: '{ viewer { id } }', variables: [1] },
    'BAD_USER_INPUT',
    /`variables` is no JSON object/,
  ],
  'extensions that are a number': [
    { query: '{ viewer { id } }', extensions: 5 },
    'BAD_USER_INPUT',
    /`extensions` is no JSON/,
  ],
  'a stored query': [
    { query: '', extensions: { persistedQuery: { version: 1, sha256Hash: '00' } } },
    'BAD_USER_INPUT',
    /`query` is missing/,
  ],
  'a definition of a type': [{ query: 'type A { a: Int }' }, 'BAD_USER_INPUT', /not executable/],
};

describe.each(WAYS)('By $name', (way) => {
  it.each(Object.entries(REFUSED))('%s is refused in few words', async (_, [asking, code, words]) => {
    const { status, errors, text } = await askBy(way, server.address, asking, authorization());
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(errors.map(() => code));
    expect(errors[0]?.message).toMatch(words);
    expect(status).toBe(400);
    expect(errors.length).toBeLessThanOrEqual(20);
    expect(Math.max(...errors.map(({ message }) => message.length))).toBeLessThanOrEqual(1_001);
    expect(text.length).toBeLessThan(25_000);
  });

  it('a stranger is refused the same, and no sooner', async () => {
    for (const [asking, code] of [REFUSED['more tokens'], REFUSED['unknown keys in a variable']].flatMap((each) =>
      each ? [each] : [],
    )) {
      const { errors } = await askBy(way, server.address, asking);
      expect(errors[0]?.extensions.code).toBe(code);
    }
  });

  it('the schema is told where it may be, with hints at what was meant', async () => {
    const { data } = await askBy(way, server.address, { query: getIntrospectionQuery() }, authorization());
    expect(data).toHaveProperty('__schema.types');
    const { errors } = await askBy(way, server.address, { query: '{ vieweer { id } }' });
    expect(errors[0]?.message).toContain('Did you mean "viewer"?');
  });

  it.each([
    ['the schema', { query: '{ __schema { types { name } } }' }],
    ['a type', { query: '{ __type(name: "Query") { name } }' }],
    ['the schema in a fragment', { query: '{ ...F } fragment F on Query { __schema { types { name } } }' }],
    ['the schema under another name', { query: '{ a: __schema { b: types { name } } }' }],
  ])('%s is not told where it may not be', async (_, asking) => {
    const { status, errors, data } = await askBy(way, closed.address, asking);
    expect([status, data]).toEqual([400, null]);
    expect(errors[0]?.message).toContain('introspection has been disabled');
  });

  it.each([
    ['field', { query: '{ vieweer { id } }' }],
    ['argument', { query: '{ assets(firstt: 1) { totalCount } }' }],
    ['type', { query: 'query ($a: Assett) { viewer { id } }' }],
    ['word', { query: '{ assets(filter: { kinds: [DATASETT] }) { totalCount } }' }],
    ['key', { query: '{ assets(filter: { kindss: 1 }) { totalCount } }' }],
    ['key of a variable', { query: FILTER, variables: { f: { kindss: 1 } } }],
    ['word of a variable', { query: FILTER, variables: { f: { kinds: ['DATASETT'] } } }],
  ])('no hint at a %s is given where the schema may not be told', async (_, asking: Asking) => {
    const open = await askBy(way, server.address, asking);
    const { text } = await askBy(way, closed.address, asking);
    expect(open.text).toContain('Did you mean');
    expect(text).not.toContain('Did you mean');
  });

  it('a fault of ours is masked, and logged under the id of the request', async () => {
    vi.spyOn(server.weftline.principals, 'list').mockRejectedValue(new TypeError('password=hunter2'));
    log.length = 0;
    const { requestId, text, errors } = await askBy(
      way,
      server.address,
      { query: '{ principals { nodes { id } } }' },
      authorization(),
    );
    expect(errors).toMatchObject([{ path: ['principals'], extensions: { code: 'INTERNAL' } }]);
    expect(text).not.toMatch(/hunter2|TypeError|stack/);
    const line = log.find((each) => each.includes('hunter2'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ requestId, level: 50 });
  });

  it('a query is answered', async () => {
    const { data } = await askBy(way, server.address, { query: '{ viewer { id } }' }, authorization());
    expect(data).toEqual({ viewer: { id: member.userId } });
  });

  it('only the operations of the route and the method are served', async () => {
    const mutation = {
      query: 'mutation ($i: CreateTeamInput!) { createTeam(input: $i) { team { id } } }',
      variables: { i: { name: `team of ${server.namespace}`, members: [] } },
    };
    const kinds = { mutation, subscription: { query: 'subscription { catalogChanged { cursor } }' } };
    const refused: string[] = [];
    for (const [kind, asking] of Object.entries(kinds)) {
      if (kind === 'subscription' && way.route === '/graphql/stream') continue;
      const { status, errors } = await askBy(way, server.address, asking, authorization());
      if (status === 405) refused.push(kind);
      expect(errors[0]?.message).toMatch(status === 405 ? /served/ : /ADMIN|admin/);
    }
    expect(refused).toEqual(
      { 'POST /graphql': ['subscription'], 'GET /graphql': ['mutation', 'subscription'] }[way.name] ?? ['mutation'],
    );
  });
});

describe.each(WAYS.filter(({ method }) => method === 'POST'))('A body by $name', ({ route }) => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.address + route, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body,
    });

  it.each<[string, string, Record<string, string>, number]>([
    ['larger than the limit', `{"query":"{ viewer { id } } #${'x'.repeat(1_050_000)}"}`, {}, 413],
    ['that is a batch', '[{"query":"{ viewer { id } }"}]', {}, 400],
    ['that is null', 'null', {}, 400],
    ['that is nothing', '', {}, 400],
    ['that is a number', '7', {}, 400],
    ['of 100,000 brackets', '['.repeat(100_000), {}, 400],
    ['of 100,000 lists within lists', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, {}, 400],
    ['with a poisoned key', '{"query":"{ viewer { id } }","__proto__":{"admin":true}}', {}, 400],
    ['with a query that is an object', '{"query":{"kind":"Document"}}', {}, 400],
    ['that is text', '{"query":"{ viewer { id } }"}', { 'content-type': 'text/plain' }, 400],
    [
      'that is text which names JSON',
      '{"query":"{ viewer { id } }"}',
      { 'content-type': 'text/plain; application/json' },
      400,
    ],
    ['that is a form', 'query={viewer{id}}', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['of a type that is none', '{}', { 'content-type': 'a/b/c; ;;==' }, 415],
    ['that says it is packed', '{"query":"{ viewer { id } }"', { 'content-encoding': 'gzip' }, 400],
  ])('%s is refused', async (_, body, headers, status) => {
    const response = await post(body, headers);
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] };
    expect(response.status).toBe(status);
    expect(errors[0]?.extensions.code).toBe(status === 413 ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT');
    expect(errors[0]?.message.length).toBeLessThan(300);
  });

  it('of 20,000 unknown keys, of 55,000 bad words and of 60,000 values is refused in few words', async () => {
    const filters: [unknown, string][] = [
      [Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, 1])), 'BAD_USER_INPUT'],
      [{ kinds: Array.from({ length: 45_000 }, () => 'a') }, 'BAD_USER_INPUT'],
      [{ kinds: Array.from({ length: 60_000 }, () => 'a') }, 'LIMIT_EXCEEDED'],
      [{ nameContains: { a: 'x'.repeat(200_000) } }, 'BAD_USER_INPUT'],
      [{ kinds: ['x'.repeat(200_000)] }, 'BAD_USER_INPUT'],
    ];
    for (const [f, code] of filters) {
      const response = await post(JSON.stringify({ query: FILTER, variables: { f } }));
      const text = await response.text();
      expect(text.length).toBeLessThan(10_000);
      expect((JSON.parse(text) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions.code).toBe(
        code,
      );
    }
  });
});

describe('A stream', () => {
  it.each(['__proto__', 'constructor', 'toString', 'x'])(
    'is of its own connection, whatever token of a shared one is sent: %s',
    async (token) => {
      const [, , way] = WAYS;
      if (!way) throw new Error('There is no such way.');
      const headers = { ...authorization(), 'x-graphql-event-stream-token': token };
      const { data } = await askBy(way, server.address, { query: '{ viewer { id } }' }, headers);
      expect(data).toEqual({ viewer: { id: member.userId } });
    },
  );
});
