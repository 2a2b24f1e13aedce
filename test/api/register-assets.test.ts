import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unavailable } from '../../src/errors.js';
import type { Client } from '../support/client.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
let owner: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, owner] = [await server.user({ role: 'ADMIN' }), await server.user()];
});
afterAll(() => server.stop());

interface Outcome {
  index: number;
  urn: string | null;
  asset: { id: string; urn: string; kind: string } | null;
  error: { code: string; message: string } | null;
}
type Item = Record<string, unknown>;

const REGISTER = `mutation ($assets: [AssetToRegisterInput!]!, $allOrNothing: Boolean! = false) {
  registerAssets(input: { assets: $assets, allOrNothing: $allOrNothing }) {
    registeredCount outcomes { index urn asset { id urn kind } error { code message } }
  }
}`;

async function register(assets: Item[], allOrNothing = false, who = owner) {
  const answer = await who.data<{ registerAssets: { registeredCount: number; outcomes: Outcome[] } }>(REGISTER, {
    assets,
    allOrNothing,
  });
  return answer.registerAssets;
}

let names = 0;
const named = (more: Item = {}): Item => ({ namespace: server.namespace, name: `thing-${++names}`, ...more });
const codes = (outcomes: readonly Outcome[]): (string | null)[] => outcomes.map(({ error }) => error?.code ?? null);

const ASSET = `query ($ref: AssetRef!) { asset(ref: $ref) {
  __typename kind name namespace description tags properties visibility visibilityInherited createdAt updatedAt revision
  owners { owner { id } role } audit(first: 5) { nodes { action actorId outcome before after reason } }
  ... on Dataset { format uri fields { name type description ordinal } }
  ... on Transformation { codeRef { repository revision path image } }
  ... on Model { task license }
  ... on Deployment { environment endpoint }
} }`;

/** All that is told of an asset, but for what is its own: name, ids and times. */
async function told(ref: string): Promise<unknown> {
  const { asset } = await owner.data<{ asset: Record<string, unknown> }>(ASSET, { ref });
  const text = JSON.stringify({ ...asset, name: null, createdAt: null, updatedAt: null });
  return JSON.parse(text.replaceAll(/thing-\d+/g, 'thing'));
}

const KINDS = {
  dataset: {
    format: 'csv',
    uri: 'file:///d.csv',
    tags: ['a', 'b'],
    properties: { deep: [1, { two: null }] },
    fields: [{ name: 'id', type: 'int' }, { name: 'who.name', description: 'Whose it is.' }, { name: 'z' }],
  },
  transformation: { codeRef: { repository: 'https://x', revision: 'abc' }, visibility: 'RESTRICTED' },
  model: { task: 'ranking', license: 'MIT', description: 'Ranks.', visibility: 'DISCOVERABLE' },
  deployment: { environment: 'production', endpoint: 'https://y' },
} as const;
const one = (kind: string): string => `register${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

describe('A batch of registrations', () => {
  it('makes of each kind what a single registration makes, with its entry in the log', async () => {
    const { registeredCount, outcomes } = await register(
      Object.entries(KINDS).map(([kind, more]) => ({ [kind]: named(more) })),
    );
    expect(registeredCount).toBe(4);
    expect(outcomes.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    for (const [place, [kind, more]] of Object.entries(KINDS).entries()) {
      const input = `Register${kind.charAt(0).toUpperCase()}${kind.slice(1)}Input!`;
      const single = await owner.data<Record<string, Record<string, { id: string }>>>(
        `mutation ($input: ${input}) { ${one(kind)}(input: $input) { ${kind} { id } } }`,
        { input: named(more) },
      );
      const id = single[one(kind)]?.[kind]?.id ?? '';
      expect(await told(outcomes[place]?.asset?.id ?? ''), kind).toEqual(await told(id));
    }
  });

  it('tells at each one what is wrong with it, and registers the others', async () => {
    const taken = named();
    await register([{ model: taken }]);
    const twice = named();
    const { registeredCount, outcomes } = await register([
      { model: named() },
      { model: taken },
      { model: twice },
      { model: twice },
      { dataset: { ...twice } },
      { model: named({ name: ' ' }) },
      { model: named(), dataset: named() },
      {},
      { model: named({ owners: [{ owner: '00000000-0000-7000-8000-000000000000' }] }) },
      { model: named({ owners: [{ owner: owner.userId, role: 'STEWARD' }] }) },
      { dataset: named({ fields: [{ name: 'a' }, { name: 'a' }] }) },
      { deployment: named({ environment: 'test' }) },
    ]);
    const wrong = ['CONFLICT', 'BAD_USER_INPUT'];
    expect(codes(outcomes)).toEqual([
      ...[null, wrong[0], null, wrong[0], null, wrong[1], wrong[1], wrong[1], wrong[1], wrong[1], wrong[1], null],
    ]);
    expect(registeredCount).toBe(4);
    expect(outcomes.every(({ asset, error }) => (asset === null) !== (error === null))).toBe(true);
    expect(outcomes[3]?.error?.message).toContain('at 2 and at 3');
    expect(outcomes[7]?.error?.message).toContain('exactly one');
    const { assets } = await owner.data<{ assets: { totalCount: number } }>(
      `query ($names: String!) { assets(filter: { nameContains: $names, namespaces: ["${server.namespace}"] }) { totalCount } }`,
      { names: String(twice['name']) },
    );
    expect(assets.totalCount).toBe(2);
  });

  it('keeps nothing of a batch that is all or nothing when one of it cannot be, and says which', async () => {
    const before = await count();
    const good = named();
    for (const bad of [{ model: named({ name: '' }) }, { model: named({ owners: [{ owner: 'nobody' }] }) }, {}]) {
      const { registeredCount, outcomes } = await register([{ model: good }, bad, { dataset: named() }], true);
      expect(registeredCount).toBe(0);
      expect(codes(outcomes)).toEqual(['CONFLICT', 'BAD_USER_INPUT', 'CONFLICT']);
      expect(outcomes[0]?.error?.message).toContain('allOrNothing');
    }
    expect(await count()).toBe(before);
    expect((await register([{ model: good }, { dataset: named() }], true)).registeredCount).toBe(2);
    expect(await count()).toBe(before + 2);
  });

  it('is refused in a namespace that is closed to the caller, which the log tells once, and goes on in others', async () => {
    const closed = `closed-${server.namespace}`;
    await register([{ model: { namespace: closed, name: 'first' } }], false, admin);
    await admin.data(
      'mutation ($n: String!) { setNamespaceVisibility(input: { namespace: $n, visibility: RESTRICTED }) { followed } }',
      { n: closed },
    );
    const hidden = ['first', 'other'].map((name) => ({ model: { namespace: closed, name } }));
    const { registeredCount, outcomes } = await register([...hidden, { model: named() }]);
    expect([registeredCount, codes(outcomes)]).toEqual([1, ['FORBIDDEN', 'FORBIDDEN', null]]);
    // A name that is taken is told from a free one by nothing.
    expect(outcomes[0]?.error).toEqual(outcomes[1]?.error);
    expect(codes((await register([...hidden, { model: named() }], true)).outcomes)).toEqual([
      ...['FORBIDDEN', 'FORBIDDEN', 'CONFLICT'],
    ]);
    const { audit } = await admin.data<{ audit: { nodes: unknown[] } }>(
      `{ audit(filter: { actor: "${owner.userId}", outcome: DENIED }) { nodes { action targetId after } } }`,
    );
    const entry = { action: 'denied:registerAssets', targetId: closed };
    expect(audit.nodes).toEqual([
      { ...entry, after: { code: 'FORBIDDEN', count: 2, namespace: closed } },
      { ...entry, after: { code: 'FORBIDDEN', count: 2, namespace: closed } },
    ]);
  });

  it('takes a thousand in one request, each with ten fields, all of which are found at once', async () => {
    const word = `bulk${Date.now().toString(36)}`;
    const fields = Array.from({ length: 10 }, (_, at) => ({ name: `column_${at}`, type: 'int' }));
    const assets = Array.from({ length: 1_000 }, (_, at) => ({
      dataset: { namespace: server.namespace, name: `${word} ${at}`, fields },
    }));
    const { registeredCount, outcomes } = await register(assets);
    expect(registeredCount, JSON.stringify(outcomes.find(({ error }) => error))).toBe(1_000);
    const { search } = await owner.data<{ search: { totalCount: number } }>(
      `query ($q: String!) { search(query: $q) { totalCount } }`,
      { q: word },
    );
    expect(search.totalCount).toBe(1_000);
    const again = await register(assets);
    expect([again.registeredCount, new Set(codes(again.outcomes))]).toEqual([0, new Set(['CONFLICT'])]);
    const { fields: read } = (
      await owner.data<{ asset: { fields: unknown[] } }>(
        'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { name type } } } }',
        { ref: outcomes[999]?.asset?.id },
      )
    ).asset;
    expect(read).toEqual(fields);
  }, 120_000);

  it('is refused when it is empty, or larger than a thousand', async () => {
    expect(await owner.code(REGISTER, { assets: [] })).toBe('BAD_USER_INPUT');
    const many = Array.from({ length: 1_001 }, () => ({ model: named() }));
    expect(await owner.code(REGISTER, { assets: many })).toBe('BAD_USER_INPUT');
  });

  it('that meets another with the same names lets each name in once', async () => {
    const assets = Array.from({ length: 60 }, () => ({ model: named() }));
    const backwards = [...assets].reverse();
    const answers = await Promise.all([assets, backwards, assets, backwards].map((each) => register(each)));
    expect(answers.reduce((sum, { registeredCount }) => sum + registeredCount, 0)).toBe(60);
    for (const { outcomes } of answers)
      expect(new Set(codes(outcomes).filter((code) => code !== null && code !== 'CONFLICT'))).toEqual(new Set());
    const whole = Array.from({ length: 20 }, () => ({ model: named() }));
    const both = await Promise.all([whole, [...whole].reverse()].map((each) => register(each, true)));
    expect(both.map(({ registeredCount }) => registeredCount).sort((a, b) => a - b)).toEqual([0, 20]);
  }, 60_000);
});

async function count(): Promise<number> {
  const query = `{ assets(filter: { namespaces: ["${server.namespace}"] }) { totalCount } }`;
  return (await owner.data<{ assets: { totalCount: number } }>(query)).assets.totalCount;
}

describe('A batch of which the database answers only a part', () => {
  it('says of each what became of it, and what was kept stays', async () => {
    const { graph } = server;
    const write = graph.write.bind(graph);
    let writes = 0;
    const spy = vi.spyOn(graph, 'write').mockImplementation(async (origin, work) => {
      if (++writes === 2) throw unavailable('The database is away.');
      return await write(origin, work);
    });
    try {
      const assets = Array.from({ length: 600 }, () => ({ model: named() }));
      const { registeredCount, outcomes } = await register(assets);
      expect(registeredCount).toBe(350);
      expect(codes(outcomes).filter((code) => code === 'UNAVAILABLE')).toHaveLength(250);
      expect(outcomes.every(({ urn }) => urn !== null)).toBe(true);
      spy.mockRestore();
      expect((await register(assets)).registeredCount).toBe(250);
    } finally {
      spy.mockRestore();
    }
  });
});
