import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Found {
  asset: { id: string; urn: string; name: string; namespace: string } | null;
}

const FIND = 'query ($ref: AssetRef!) { asset(ref: $ref) { id urn name namespace } }';
const REGISTER = 'mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { dataset { id urn } } }';
const RENAME = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id urn revision } } }';

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const find = async (ref: string): Promise<Found['asset']> => (await owner.data<Found>(FIND, { ref })).asset;
const refusal = (name: string, namespace = server.namespace) => owner.error(REGISTER, { input: { namespace, name } });

describe('Names of assets', () => {
  it.each([
    ['slashes', 'warehouse/orders/2026.csv'],
    ['colons', 'db:schema:table'],
    ['percent signs', '100%25 of %2F'],
    ['spaces', 'an order  table'],
    ['quotes and parentheses', `it's "fine" (really!)*`],
    ['other scripts', 'Größe 注文 заказ'],
    ['emoji', '🧵 family 👨‍👩‍👧'],
    ['1,000 characters', 'n'.repeat(1_000)],
    ['1,000 emoji', '🧵'.repeat(1_000)],
  ])('come back as they were given, by urn and by id: %s', async (_what, name) => {
    const made = await seed.dataset(name);
    expect(await find(made.urn)).toEqual({ ...made, name, namespace: server.namespace });
    expect(await find(made.id)).toEqual({ ...made, name, namespace: server.namespace });
  });

  it('are told apart by what they hold, not by how they look when they are joined', async () => {
    const inNamespace = { namespace: `${server.namespace}:a`, name: 'b' };
    const first = await owner.data<{ registerDataset: { dataset: { id: string } } }>(REGISTER, { input: inNamespace });
    const second = await seed.dataset('a:b');
    expect(first.registerDataset.dataset.id).not.toBe(second.id);
  });

  it('are found by a urn that is percent-encoded in another spelling', async () => {
    const made = await seed.dataset('other spelling/ü');
    expect(made.urn).toContain('other%20spelling%2F%C3%BC');
    expect(await find(made.urn.replace('%2F', '%2f').replace('%C3%BC', 'ü').replace('o', '%6F'))).toMatchObject({
      id: made.id,
    });
  });

  it.each([
    ['ASCII characters', 'n'],
    ['emoji', '🧵'],
  ])('have at most 1,000 characters, counted as people count: %s', async (_what, character) => {
    const error = await refusal(character.repeat(1_001));
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('`input.name` has 1001 characters; at most 1000');
  });

  it('live in a namespace of at most 500 characters', async () => {
    const error = await refusal('in a long namespace', 's'.repeat(501));
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('`input.namespace` has 501 characters; at most 500');
  });

  it.each([
    ['an empty name', '', 'The name is empty'],
    ['nothing but spaces', '   ', 'The name is empty'],
    ['a line break', 'two\nlines', 'control character'],
    ['a null character', 'nu\u0000ll', 'control character'],
    ['a lone surrogate', 'half \ud83e', 'lone surrogate'],
  ])('are refused with the reason: %s', async (_what, name, reason) => {
    const error = await refusal(name);
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain(reason);
  });

  it('can be had by one asset of a kind only', async () => {
    await seed.dataset('taken');
    const error = await refusal('taken');
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain(`urn:weft:dataset:${server.namespace}:taken is taken`);
    await expect(seed.model('taken')).resolves.toHaveProperty('id');
  });

  it('go to one of two registrations that come at the same time', async () => {
    const input = { namespace: server.namespace, name: 'wanted by many' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => owner.ask(REGISTER, { input })));
    const codes = answers.map((answer) => answer.errors?.[0]?.extensions.code ?? 'ok').sort();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => 'CONFLICT'), 'ok']);
  });
});

describe('Renaming', () => {
  it('gives a new urn, keeps the id, and the old urn still resolves', async () => {
    const made = await seed.dataset('before');
    const { renameAsset } = await owner.data<{ renameAsset: { asset: { id: string; urn: string; revision: number } } }>(
      RENAME,
      { input: { ref: made.urn, name: 'after' } },
    );
    expect(renameAsset.asset).toEqual({ id: made.id, urn: made.urn.replace('before', 'after'), revision: 2 });
    expect(await find(made.urn)).toMatchObject({ id: made.id, name: 'after', urn: renameAsset.asset.urn });
  });

  it('keeps former names for the asset that had them, which may have them again', async () => {
    const made = await seed.dataset('former');
    await owner.data(RENAME, { input: { ref: made.id, name: 'present' } });
    expect((await refusal('former')).extensions.code).toBe('CONFLICT');
    const other = await seed.dataset('other');
    expect(await owner.code(RENAME, { input: { ref: other.id, name: 'former' } })).toBe('CONFLICT');
    expect(await find(other.id)).toMatchObject({ name: 'other', urn: other.urn });
    await owner.data(RENAME, { input: { ref: made.id, name: 'former' } });
    expect(await find(made.id)).toMatchObject({ name: 'former', urn: made.urn });
  });

  it('moves to another namespace when one is given', async () => {
    const made = await seed.dataset('moving');
    const namespace = `${server.namespace}-elsewhere`;
    await owner.data(RENAME, { input: { ref: made.id, name: 'moving', namespace } });
    expect(await find(`urn:weft:dataset:${namespace}:moving`)).toMatchObject({ id: made.id, namespace });
  });
});
