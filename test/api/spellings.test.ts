import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const REGISTER = `mutation ($input: RegisterDatasetInput!) {
  registerDataset(input: $input) { dataset { id urn name namespace tags nearTwins { urn } fields { name } } } }`;
const RENAME =
  'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { urn nearTwins { urn } } } }';
const BATCH = `mutation ($input: RegisterAssetsInput!) { registerAssets(input: $input) {
  registeredCount outcomes { urn asset { name nearTwins { urn } } error { code message } } } }`;
const FIND = 'query ($ref: AssetRef!) { asset(ref: $ref) { id } }';
const ZURICH = 'Zürich';
const NFD = ZURICH.normalize('NFD');

interface Registered {
  id: string;
  urn: string;
  name: string;
  namespace: string;
  tags: string[];
  nearTwins: { urn: string }[];
  fields: { name: string }[];
}

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const register = async (input: object, as = owner): Promise<Registered> =>
  (
    await as.data<{ registerDataset: { dataset: Registered } }>(REGISTER, {
      input: { namespace: server.namespace, visibility: 'DISCOVERABLE', ...input },
    })
  ).registerDataset.dataset;
const refusal = async (text: string, input: object, as = owner): Promise<string> => {
  const { message, extensions } = await as.error(text, { input });
  return `${extensions.code}: ${message}`;
};

describe('A name is kept and looked for in one spelling', () => {
  it('when an asset is registered, found, listed and renamed', async () => {
    const namespace = `${server.namespace}-${NFD}`;
    const made = await register({ namespace: ` ${namespace}`, name: ` ${NFD}\t`, fields: [{ name: ` ${NFD}` }] });
    expect(made).toMatchObject({ name: ZURICH, namespace: namespace.normalize('NFC'), fields: [{ name: ZURICH }] });
    const byUrn = `urn:weft:dataset:${encodeURIComponent(namespace)}:${encodeURIComponent(NFD)}`;
    expect(await owner.data(FIND, { ref: byUrn })).toEqual({ asset: { id: made.id } });
    expect(await refusal(REGISTER, { namespace, name: ZURICH })).toMatch(/^CONFLICT: .* is taken/);
    const filters = [{ namespaces: [namespace] }, { namespaces: [`${namespace} `], nameContains: NFD.slice(0, 3) }];
    for (const filter of filters) {
      const found = await owner.data('query ($filter: AssetFilter) { assets(filter: $filter) { nodes { id } } }', {
        filter,
      });
      expect(found).toEqual({ assets: { nodes: [{ id: made.id }] } });
    }
    const stranger = await server.user();
    expect(
      await stranger.data('query ($name: String!) { namespace(name: $name) { name } }', { name: namespace }),
    ).toEqual({
      namespace: { name: namespace.normalize('NFC') },
    });
    const renamed = await owner.data<{ renameAsset: { asset: { urn: string } } }>(RENAME, {
      input: { ref: byUrn, name: ` ${NFD} 2 ` },
    });
    expect(renamed.renameAsset.asset.urn).toContain(encodeURIComponent(`${ZURICH} 2`));
  });

  it('when a version is published and asked for', async () => {
    const { id } = await seed.dataset('versioned');
    const publish = `mutation ($input: PublishDatasetVersionInput!) {
      publishDatasetVersion(input: $input) { datasetVersion { version } } }`;
    const published = await owner.data(publish, { input: { dataset: id, version: ` ${NFD} ` } });
    expect(published).toEqual({ publishDatasetVersion: { datasetVersion: { version: ZURICH } } });
    expect(await refusal(publish, { dataset: id, version: ZURICH })).toMatch(/^CONFLICT/);
  });

  it('when it is a tag, which has no case', async () => {
    const { id: ref } = await register({ name: 'tagged', tags: ['PII', ' pii ', NFD] });
    const filter = { namespaces: [server.namespace], tags: ['Pii', ZURICH.toUpperCase()] };
    const found = await owner.data('query ($filter: AssetFilter) { assets(filter: $filter) { nodes { id tags } } }', {
      filter,
    });
    expect(found).toEqual({ assets: { nodes: [{ id: ref, tags: ['pii', ZURICH.toLowerCase()] }] } });
    const remove = 'mutation ($input: ChangeTagsInput!) { removeTags(input: $input) { asset { tags } } }';
    expect(await owner.data(remove, { input: { ref, tags: ['PII'] } })).toEqual({
      removeTags: { asset: { tags: [ZURICH.toLowerCase()] } },
    });
  });

  it.each([
    ['name', { name: 'sales\u200borders' }, 'U+200B'],
    ['name', { name: 'in\u202evoice' }, 'U+202E'],
    ['namespace', { name: 'x', namespace: 'a\u0000b' }, 'U+0000'],
    ['tag', { name: 'x', tags: ['ok', 'a\u2066b'] }, 'U+2066'],
    ['field', { name: 'x', fields: [{ name: 'a\u00adb' }] }, 'U+00AD'],
  ])('and refused where its %s holds what nobody sees: %j', async (_, input, character) => {
    expect(await refusal(REGISTER, { namespace: server.namespace, ...input })).toMatch(
      new RegExp(`^BAD_USER_INPUT: .*(?:invisible|control) character ${character.replace('+', '\\+')} at place`),
    );
  });

  it('and refused so of people, teams, versions, environments and looked for names too', async () => {
    const { id: dataset } = await seed.dataset('guarded');
    const bad = 'a\u202eb';
    const admin = await server.user({ role: 'ADMIN' });
    const asked: [string, object, Client][] = [
      [
        'mutation ($input: CreateUserInput!) { createUser(input: $input) { user { id } } }',
        { name: bad, handle: 'x' },
        admin,
      ],
      [
        'mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id } } }',
        { name: bad, members: [] },
        admin,
      ],
      [
        'mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id } } }',
        { dataset, version: bad },
        owner,
      ],
      [
        'mutation ($input: RegisterDeploymentInput!) { registerDeployment(input: $input) { deployment { id } } }',
        { namespace: server.namespace, name: 'd', environment: bad },
        owner,
      ],
      [RENAME, { ref: dataset, name: bad }, owner],
    ];
    for (const [text, input, as] of asked)
      expect(await refusal(text, input, as)).toContain('invisible character U+202E');
  });

  it('and of a batch is told at the one that has it', async () => {
    const item = (name: string, more: object = {}) => ({ dataset: { namespace: server.namespace, name, ...more } });
    const assets = [item('batch-1'), item('batch\u200b'), item('batch-3', { tags: ['\u200b'] }), item(' batch-4 ')];
    const { registerAssets } = await owner.data<{
      registerAssets: { outcomes: { asset: { name: string } | null; error: { code: string } | null }[] };
    }>(BATCH, { input: { assets } });
    expect(registerAssets.outcomes.map(({ asset, error }) => asset?.name ?? error?.code)).toEqual([
      'batch-1',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'batch-4',
    ]);
  });
});

describe('What could be taken for another', () => {
  it('is registered and told, and refused where one is strict', async () => {
    const first = await register({ name: 'payments' });
    const twin = await register({ name: 'p\u0430yments' });
    expect(first.nearTwins).toEqual([]);
    expect(twin.nearTwins).toEqual([{ urn: first.urn }]);
    expect(await refusal(REGISTER, { namespace: server.namespace, name: 'Payments/', strict: true })).toMatch(
      /^CONFLICT: .* could be taken for urn:weft:dataset:/,
    );
    expect((await register({ name: 'payouts', strict: true })).nearTwins).toEqual([]);
  });

  it('is told of namespaces that look alike', async () => {
    const namespace = `S3://${server.namespace}`;
    const one = await register({ namespace, name: 'same' });
    const other = await register({ namespace: `s3://${server.namespace}/`, name: 'same' });
    expect(other.nearTwins).toEqual([{ urn: one.urn }]);
  });

  it('is told of a rename, which is no twin of what it was', async () => {
    const { id: ref } = await register({ name: 'ledger' });
    const kept = await register({ name: 'journal' });
    const rename = (name: string, strict = false) => owner.data(RENAME, { input: { ref, name, strict } });
    expect(await rename('Ledger', true)).toMatchObject({ renameAsset: { asset: { nearTwins: [] } } });
    expect(await refusal(RENAME, { ref, name: 'JOURNAL', strict: true })).toMatch(/^CONFLICT/);
    expect(await rename('JOURNAL')).toMatchObject({ renameAsset: { asset: { nearTwins: [{ urn: kept.urn }] } } });
  });

  it('is told of a batch, where the first of two counts', async () => {
    const item = (name: string, strict: boolean) => ({ dataset: { namespace: server.namespace, name, strict } });
    const input = { assets: [item('Alpha', true), item('alpha', true), item('ALPHA', false), item('beta', true)] };
    const { registerAssets } = await owner.data<{
      registerAssets: { registeredCount: number; outcomes: { error: { code: string } | null }[] };
    }>(BATCH, { input });
    expect(registerAssets.outcomes.map(({ error }) => error?.code ?? null)).toEqual([null, 'CONFLICT', null, null]);
    expect(registerAssets.registeredCount).toBe(3);
  });

  it('says nothing of what the caller may not see', async () => {
    await register({ name: 'Hidden-Twin', visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const theirs = await register({ name: 'hidden-twin', strict: true }, stranger);
    expect(theirs.nearTwins).toEqual([]);
    const owners = await owner.data<{ asset: Registered }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { nearTwins { urn } } }',
      { ref: theirs.id },
    );
    expect(owners.asset.nearTwins).toHaveLength(1);
  });
});
