import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

type Kind = 'Dataset' | 'Transformation' | 'Model' | 'Deployment';

interface Shown {
  id: string;
  kind: string;
  revision: number;
  description: string | null;
  tags: string[];
  retiredAt: string | null;
  updatedAt: string;
  fields?: { id: string; name: string; type: string | null; ordinal: number }[];
}

const SHOWN = `id urn kind revision description tags properties visibility retiredAt createdAt updatedAt owners { role owner { id } }
  ... on Dataset { format uri retentionDays fields { id name type ordinal } }
  ... on Transformation { codeRef { repository revision path image } }
  ... on Model { task license }
  ... on Deployment { environment endpoint }`;
const FIND = `query ($ref: AssetRef!, $asOf: DateTime) { asset(ref: $ref, asOf: $asOf) { ${SHOWN} } }`;
const UPDATE = `mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { ${SHOWN} } } }`;
const RETIRE = `mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { ${SHOWN} } } }`;

/** What each kind has of its own, as it is registered and as it is changed. */
const OWN: [Kind, Record<string, unknown>, Record<string, unknown>][] = [
  [
    'Dataset',
    { format: 'csv', uri: 's3://b/k', retentionDays: 30 },
    { format: 'parquet', uri: null, retentionDays: 3_650 },
  ],
  [
    'Transformation',
    { codeRef: { repository: 'https://git.example/r', revision: 'abc', path: 'a.py', image: null } },
    { codeRef: { repository: null, revision: 'def', path: null, image: 'img@sha256:1' } },
  ],
  ['Model', { task: 'ranking', license: 'MIT' }, { task: null, license: 'Apache-2.0' }],
  ['Deployment', { environment: 'staging', endpoint: 'https://a.example' }, { environment: 'live', endpoint: null }],
];

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const register = (kind: Kind, name: string, more: Record<string, unknown> = {}) =>
  seed[kind.toLowerCase() as Lowercase<Kind>](name, more);

async function find(ref: string, asOf?: string): Promise<Shown | null> {
  return (await owner.data<{ asset: Shown | null }>(FIND, { ref, ...(asOf ? { asOf } : {}) })).asset;
}

async function update(input: Record<string, unknown>): Promise<Shown> {
  return (await owner.data<{ updateAsset: { asset: Shown } }>(UPDATE, { input })).updateAsset.asset;
}

describe.each(OWN)('A %s', (kind, registered, changed) => {
  it('is registered with what every asset has and with its own', async () => {
    const more = { description: 'What it is.', tags: ['b', 'a', 'b'], properties: { cost: { centre: 7 } } };
    const made = await register(kind, `registered ${kind}`, { ...more, visibility: 'RESTRICTED', ...registered });
    expect(await find(made.urn)).toMatchObject({
      ...made,
      ...registered,
      kind: kind.toUpperCase(),
      revision: 1,
      description: 'What it is.',
      tags: ['b', 'a'],
      properties: { cost: { centre: 7 } },
      visibility: 'RESTRICTED',
      retiredAt: null,
      owners: [{ role: 'OWNER', owner: { id: owner.userId } }],
    });
  });

  it('is changed in what the update names, and nothing else', async () => {
    const { id } = await register(kind, `changed ${kind}`, { description: 'Kept.', tags: ['old'], ...registered });
    expect(await update({ ref: id, tags: ['new'], properties: { a: 1 }, ...changed })).toMatchObject({
      ...changed,
      id,
      revision: 2,
      description: 'Kept.',
      tags: ['new'],
      properties: { a: 1 },
    });
    expect(await update({ ref: id, description: null })).toMatchObject({ description: null, revision: 3, ...changed });
  });

  it('is retired and taken back; doing it twice changes nothing', async () => {
    const { id } = await register(kind, `retired ${kind}`);
    const retire = async (retired: boolean): Promise<Shown> =>
      (await owner.data<{ retireAsset: { asset: Shown } }>(RETIRE, { input: { ref: id, retired } })).retireAsset.asset;
    const first = await retire(true);
    expect(first.retiredAt).toBe(first.updatedAt);
    expect(await retire(true)).toEqual(first);
    expect(await retire(false)).toMatchObject({ retiredAt: null, revision: 3 });
  });

  it('refuses what belongs to another kind', async () => {
    const { id } = await register(kind, `foreign ${kind}`);
    const own = new Set(Object.keys(registered));
    for (const [foreign, members] of OWN) {
      for (const [member, value] of Object.entries(members)) {
        if (own.has(member)) continue;
        const error = await owner.error(UPDATE, { input: { ref: id, [member]: value } });
        expect(error.extensions.code).toBe('BAD_USER_INPUT');
        expect(error.message).toContain(`\`${member}\` belongs to a ${foreign.toUpperCase()}`);
      }
    }
    expect(await find(id)).toMatchObject({ revision: 1 });
  });
});

describe('How long data is kept', () => {
  it('is asked of lists and searches by its bounds, now and as of then, told by history and audit log, and shown in lineage', async () => {
    const [short, long, open] = [
      await seed.dataset('kept shortly', { retentionDays: 30 }),
      await seed.dataset('kept long', { retentionDays: 3_650 }),
      await seed.dataset('kept as long as it is'),
    ];
    const { id: through } = await seed.transformation('keeper');
    await seed.flow([short.id, through]);
    const LIST = `query ($filter: AssetFilter, $query: String!) {
      assets(filter: $filter, first: 50) { totalCount nodes { name } }
      search(query: $query, filter: $filter, first: 50) { totalCount nodes { name } }
    }`;
    const names = async (bounds: Record<string, number>): Promise<string[]> => {
      const filter = { namespaces: [server.namespace], nameContains: 'kept', ...bounds };
      interface Page {
        totalCount: number;
        nodes: { name: string }[];
      }
      const { assets, search } = await owner.data<{ assets: Page; search: Page }>(LIST, { filter, query: 'kept' });
      const [listed, found] = [assets, search].map(({ nodes }) => nodes.map(({ name }) => name).sort());
      expect(found).toEqual(listed);
      expect([assets.totalCount, search.totalCount]).toEqual([listed?.length, listed?.length]);
      return listed ?? [];
    };
    expect(await names({})).toEqual(['kept as long as it is', 'kept long', 'kept shortly']);
    expect(await names({ minRetentionDays: 31 })).toEqual(['kept long']);
    expect(await names({ maxRetentionDays: 3_649 })).toEqual(['kept shortly']);
    expect(await names({ minRetentionDays: 30, maxRetentionDays: 3_650 })).toEqual(['kept long', 'kept shortly']);

    const before = new Date().toISOString();
    await update({ ref: short.id, retentionDays: 60 });
    await update({ ref: long.id, retentionDays: null });
    expect(await find(short.id, before)).toMatchObject({ retentionDays: 30 });
    expect(await find(long.id)).toMatchObject({ retentionDays: null });
    expect(await names({ minRetentionDays: 1 })).toEqual(['kept shortly']);
    const LOG = `query ($id: ID!) { asset(ref: $id) { audit(first: 1) { nodes { action before after } } } }`;
    expect(await owner.data(LOG.replace('$id: ID!', '$id: AssetRef!'), { id: short.id })).toMatchObject({
      asset: { audit: { nodes: [{ before: { retentionDays: 30 }, after: { retentionDays: 60 } }] } },
    });
    const UP = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: UPSTREAM, depth: 1) { nodes { asset { ... on Dataset { retentionDays } } } } }`;
    expect(await owner.data(UP, { of: [through] })).toMatchObject({
      lineage: { nodes: [{ asset: { retentionDays: 60 } }] },
    });
    expect(await find(open.id)).toMatchObject({ retentionDays: null });
  });

  it.each([0, -1, 36_501])('is not %s days', async (retentionDays) => {
    const { id } = await seed.dataset(`kept for ${retentionDays}`);
    const error = await owner.error(UPDATE, { input: { ref: id, retentionDays } });
    expect(error).toMatchObject({
      message: `\`retentionDays\` is ${retentionDays}; give a whole number from 1 to 36500, or null.`,
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });
});

describe('Concurrent edits', () => {
  it('let one of those win that have seen the same revision; the others are told it is stale', async () => {
    const { id } = await seed.dataset('edited');
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) => owner.ask(UPDATE, { input: { ref: id, ifRevision: 1, description: `by ${n}` } })),
    );
    const codes = answers.map((answer) => answer.errors?.[0]?.extensions.code ?? 'ok').sort();
    expect(codes).toEqual(['STALE_REVISION', 'STALE_REVISION', 'STALE_REVISION', 'ok']);
    expect(await find(id)).toMatchObject({ revision: 2 });
    const stale = await owner.error(UPDATE, { input: { ref: id, ifRevision: 1, description: 'late' } });
    expect(stale.message).toContain('is at revision 2, you have seen 1');
  });

  it('without a revision are all done, one after the other', async () => {
    const { id } = await seed.dataset('tagged');
    await Promise.all(['a', 'b', 'c'].map((tag) => update({ ref: id, tags: [tag] })));
    expect(await find(id)).toMatchObject({ revision: 4 });
  });
});

describe('Fields of a data set', () => {
  const fields = (...names: string[]) => names.map((name) => ({ name, type: 'text' }));

  it('keep their ids while their names stay, in the order of the update', async () => {
    const { id } = await seed.dataset('with fields', { fields: fields('a', 'b', 'c') });
    const before = new Map((await find(id))?.fields?.map((field) => [field.name, field.id]));
    const { fields: after } = await update({ ref: id, fields: [{ name: 'c', type: 'int' }, ...fields('a', 'new')] });
    expect(after?.map(({ name, type, ordinal }) => [name, type, ordinal])).toEqual([
      ['c', 'int', 1],
      ['a', 'text', 2],
      ['new', 'text', 3],
    ]);
    expect(after?.slice(0, 2).map((field) => field.id)).toEqual([before.get('c'), before.get('a')]);
  });

  it('come back with their id after they were left out', async () => {
    const { id } = await seed.dataset('returning', { fields: fields('x') });
    const [first] = (await find(id))?.fields ?? [];
    expect((await update({ ref: id, fields: [] })).fields).toEqual([]);
    expect((await update({ ref: id, fields: fields('x') })).fields).toEqual([first]);
  });

  it.each([
    ['twice the same name', ['a', 'a']],
    ['an empty name', ['a', ' ']],
    ['a name of 1,001 characters', ['n'.repeat(1_001)]],
  ])('are refused with %s, and nothing is kept', async (_what, names) => {
    const { id } = await seed.dataset(`refused fields ${names.join().slice(0, 5)}`, { fields: fields('kept') });
    expect(await owner.code(UPDATE, { input: { ref: id, fields: fields(...names) } })).toBe('BAD_USER_INPUT');
    expect((await find(id))?.fields?.map((field) => field.name)).toEqual(['kept']);
  });
});

describe('An asset as of a time', () => {
  it('is null before it was registered, and what it was then afterwards', async () => {
    const began = new Date(Date.now() - 1_000).toISOString();
    const { id, urn } = await seed.dataset('remembered', { description: 'first', fields: [{ name: 'old' }] });
    const first = await find(id);
    await update({ ref: id, description: 'second' });
    const second = await find(id);
    await update({ ref: id, description: 'third', fields: [{ name: 'new' }] });

    expect(await find(id, began)).toBeNull();
    expect(await find(urn, first?.updatedAt)).toEqual(first);
    expect(await find(id, second?.updatedAt)).toEqual(second);
    expect(await find(id, new Date().toISOString())).toEqual(await find(id));
  });
});

describe('Owners at registration', () => {
  it('are those that are named', async () => {
    const [other, team] = [await server.user(), await server.team(owner)];
    const owners = [{ owner: team }, { owner: other.userId, role: 'STEWARD' }];
    const { id } = await seed.dataset('owned together', { owners });
    const shown = (await find(id)) as unknown as { owners: { role: string; owner: { id: string } }[] };
    expect(new Map(shown.owners.map((each) => [each.owner.id, each.role]))).toEqual(
      new Map([
        [team, 'OWNER'],
        [other.userId, 'STEWARD'],
      ]),
    );
  });

  it.each([
    ['unknown', (me: string) => [{ owner: me }, { owner: 'nobody' }]],
    ['only stewards', (me: string) => [{ owner: me, role: 'STEWARD' }]],
    ['named twice', (me: string) => [{ owner: me }, { owner: me, role: 'STEWARD' }]],
  ])('are refused when they are %s, and nothing half-made is left', async (what, ownersOf) => {
    const query = 'mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { id } } }';
    const name = `half-made ${what}`;
    const input = { namespace: server.namespace, name, fields: [{ name: 'a' }] };
    expect(await owner.code(query, { input: { ...input, owners: ownersOf(owner.userId) } })).toBe('BAD_USER_INPUT');
    const admin = await server.user({ role: 'ADMIN' });
    const urn = `urn:weft:dataset:${server.namespace}:${encodeURIComponent(name)}`;
    expect(await admin.data('query ($ref: AssetRef!) { asset(ref: $ref) { id } }', { ref: urn })).toEqual({
      asset: null,
    });
    await expect(owner.data(query, { input })).resolves.toBeTruthy();
  });
});
