import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const SET = 'mutation ($input: SetFieldsInput!) { setFields(input: $input) { asset { revision } } }';
const UPDATE = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { revision } } }';
const NAMES =
  'query ($ref: AssetRef!) { asset(ref: $ref) { revision ... on Dataset { fields { name type description } } } }';

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let count = 0;

beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_QUERY_TIMEOUT_MS: '120000' } });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

/** So many columns, each with a name of 200 characters. */
const columns = (from: number, to: number): { name: string; type: string }[] =>
  Array.from({ length: to - from }, (_, index) => ({
    name: `column_${from + index}_${'of_the_quarter_before_last_'.repeat(8)}`.slice(0, 200),
    type: 'decimal(10,2)',
  }));
const table = (): Promise<SeededAsset> => seed.dataset(`wide-${++count}`);
const set = (ref: SeededAsset, fields: object[], mode = 'MERGE') =>
  owner.data<{ setFields: { asset: { revision: number } } }>(SET, { input: { ref: ref.id, fields, mode } });
const shown = async (ref: SeededAsset) =>
  (
    await owner.data<{
      asset: { revision: number; fields: { name: string; type: string | null; description: string | null }[] };
    }>(NAMES, { ref: ref.id })
  ).asset;

/** The HTTP status and the first error of a body that is sent as it is. */
async function post(body: string | ReadableStream<Uint8Array>, token: string | null = owner.token) {
  const headers = {
    'content-type': 'application/json',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  });
  const { errors } = (await response.json()) as { errors?: { message: string; extensions: { code: string } }[] };
  return { status: response.status, error: errors?.[0] ?? null };
}
const bodyOf = (query: string, input: object): string => JSON.stringify({ query, variables: { input } });

describe('A table of 10,000 columns with names of 200 characters', () => {
  it('is sent in parts, each of them once', async () => {
    const [wide, all] = [await table(), columns(0, 10_000)];
    for (let start = 0; start < all.length; start += 2_500) await set(wide, all.slice(start, start + 2_500));
    const { revision, fields } = await shown(wide);
    expect(revision).toBe(5);
    expect(fields.map(({ name }) => name)).toEqual(all.map(({ name }) => name));
    expect((await set(wide, all.slice(5_000, 7_500))).setFields.asset.revision).toBe(5);
    const more = await owner.error(SET, { input: { ref: wide.id, mode: 'MERGE', fields: [{ name: 'one more' }] } });
    expect(more.message).toContain('10001 fields are too many; at most 10000 are possible.');
  }, 240_000);

  it('is sent in one body, whatever else is there', async () => {
    const [wide, all] = [await table(), columns(0, 10_000)];
    expect(Buffer.byteLength(JSON.stringify(all))).toBeGreaterThan(2_000_000);
    await set(wide, all, 'REPLACE');
    await set(wide, all.slice(1), 'REPLACE');
    expect((await shown(wide)).fields).toHaveLength(9_999);
  }, 240_000);
});

describe('A merge of fields', () => {
  it('changes what is given of those that are there, adds the others behind them, and leaves the rest', async () => {
    const wide = await table();
    const a = { name: 'a', type: 'int', description: 'of a' };
    await set(wide, [a, { name: 'b', type: 'int' }, { name: 'c' }], 'REPLACE');
    await set(wide, [{ name: 'z' }, { name: 'b', description: 'of b' }, { name: 'a', type: null }, { name: 'y' }]);
    expect((await shown(wide)).fields).toEqual([
      { name: 'a', type: null, description: 'of a' },
      { name: 'b', type: 'int', description: 'of b' },
      { name: 'c', type: null, description: null },
      { name: 'z', type: null, description: null },
      { name: 'y', type: null, description: null },
    ]);
    const query =
      'query ($asset: AssetRef!) { audit(filter: { asset: $asset }, first: 1) { nodes { action before after } } }';
    const { audit } = await owner.data<{ audit: { nodes: unknown[] } }>(query, { asset: wide.id });
    expect(audit.nodes).toEqual([
      {
        action: 'field:set',
        before: { fields: [a, { name: 'b', type: 'int', description: null }] },
        after: {
          fields: [
            { ...a, type: null },
            { name: 'b', type: 'int', description: 'of b' },
            { name: 'z', type: null, description: null },
            { name: 'y', type: null, description: null },
          ],
        },
      },
    ]);
  });

  it('of nothing, or of what is so already, leaves no trace, and a name that is given twice is refused', async () => {
    const wide = await table();
    await set(wide, [{ name: 'a', type: 'int' }]);
    for (const fields of [[], [{ name: 'a' }], [{ name: 'a', type: 'int' }]])
      expect((await set(wide, fields)).setFields.asset.revision).toBe(2);
    const twice = await owner.error(SET, { input: { ref: wide.id, fields: [{ name: 'a' }, { name: 'a' }] } });
    expect(twice.message).toContain('"a" is given twice');
  });
});

describe('A body that is larger than others', () => {
  const padded = 'x'.repeat(1_100_000);

  it.each<[string, () => Promise<Awaited<ReturnType<typeof post>>>, RegExp]>([
    [
      'is refused when it asks for something else',
      async () => post(bodyOf(UPDATE, { ref: (await table()).id, description: padded })),
      /larger than 1048576 bytes\. Send less at once\. Only one setFields by itself may have 8388608\./,
    ],
    [
      'is refused when it asks for something beside',
      async () =>
        post(
          bodyOf(
            `mutation ($input: SetFieldsInput!) { setFields(input: $input) { asset { id } } again: setFields(input: $input) { asset { id } } }`,
            { ref: (await table()).id, fields: columns(0, 6_000) },
          ),
        ),
      /larger than 1048576 bytes/,
    ],
    ['is refused of who has not signed in', () => post(bodyOf(SET, { padded }), null), /larger than 1048576 bytes/],
    [
      'is refused when the text of the request is that long',
      () => post(JSON.stringify({ query: `# ${padded}\n${SET}` })),
      /larger than 1048576 bytes/,
    ],
    [
      'is refused beyond its own limit',
      () => post(bodyOf(SET, { ref: 'x'.repeat(8_400_000), fields: [] })),
      /larger than 8388608 bytes\. Send the fields in parts, by setFields with `mode: MERGE`\./,
    ],
    [
      'is refused when it does not say how long it is',
      () => post(new Blob([bodyOf(SET, { ref: padded, fields: [] })]).stream()),
      /larger than 1048576 bytes/,
    ],
  ])('%s', async (_what, send, message) => {
    const { status, error } = await send();
    expect(error?.message).toMatch(message);
    expect(error?.extensions.code).toBe('LIMIT_EXCEEDED');
    expect(status).toBe(413);
  });

  it('is taken in pieces when it is small', async () => {
    const { status, error } = await post(new Blob([JSON.stringify({ query: '{ viewer { id } }' })]).stream());
    expect({ status, error }).toEqual({ status: 200, error: null });
  });
});
