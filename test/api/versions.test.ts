import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Version {
  id: string;
  version: string;
  digest: string | null;
  uri: string | null;
  rowCount: number | string | null;
  bytes: number | string | null;
}

const PUBLISH = `mutation ($input: PublishDatasetVersionInput!) {
  publishDatasetVersion(input: $input) { datasetVersion { id version digest uri rowCount bytes } }
}`;
const PUBLISH_MODEL = `mutation ($input: PublishModelVersionInput!) {
  publishModelVersion(input: $input) { modelVersion { id version digest metrics parameters } }
}`;
const RETIRE = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { retiredAt } } }';
const HEX = 'ab'.repeat(32);

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let dataset: SeededAsset;
let count = 0;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
  dataset = await seed.dataset('orders');
});

afterAll(() => server.stop());

const inputOf = (more: Record<string, unknown>) => ({
  input: { dataset: dataset.id, version: `v${++count}`, ...more },
});

async function publish(more: Record<string, unknown>): Promise<Version> {
  const answer = await owner.data<{ publishDatasetVersion: { datasetVersion: Version } }>(PUBLISH, inputOf(more));
  return answer.publishDatasetVersion.datasetVersion;
}

describe('Publishing a version', () => {
  it('keeps what it was published with, and makes it the latest', async () => {
    const made = await publish({ version: 'first', uri: 's3://bucket/orders', rowCount: 3, bytes: 12 });
    expect(made).toMatchObject({ version: 'first', uri: 's3://bucket/orders', rowCount: 3, bytes: 12, digest: null });
    const query = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { latestVersion { id } } } }';
    expect(await owner.data(query, { ref: dataset.id })).toEqual({ asset: { latestVersion: { id: made.id } } });
  });

  it('of a model keeps its metrics and parameters', async () => {
    const model = await seed.model('ranker');
    const input = { model: model.urn, version: '1', metrics: { auc: 0.93 }, parameters: { depth: 4, how: ['a'] } };
    const answer = await owner.data<{ publishModelVersion: { modelVersion: object } }>(PUBLISH_MODEL, { input });
    expect(answer.publishModelVersion.modelVersion).toMatchObject({
      metrics: { auc: 0.93 },
      parameters: { depth: 4, how: ['a'] },
    });
  });

  it.each([
    [`sha256:${HEX}`, `sha256:${HEX}`],
    [HEX.toUpperCase(), `sha256:${HEX}`],
    [`SHA256:${HEX}`, `sha256:${HEX}`],
    [`sha512:${HEX}${HEX}`, `sha512:${HEX}${HEX}`],
    ['md5:0123456789abcdef0123456789abcdef', 'md5:0123456789abcdef0123456789abcdef'],
  ])('writes the digest %s in its one spelling', async (given, kept) => {
    expect((await publish({ digest: given })).digest).toBe(kept);
  });

  it.each(['', 'abc', HEX.slice(1), `sha256:${HEX}0`, `sha256:${HEX.slice(2)}zz`, `:${HEX}`])(
    'refuses the digest "%s"',
    async (digest) => {
      const error = await owner.error(PUBLISH, inputOf({ digest }));
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain('sha256:<64 hex digits>');
    },
  );

  it.each([
    ['a number while JavaScript can hold it', 9_007_199_254_740_991, 9_007_199_254_740_991],
    ['a string of digits beyond', '9007199254740993', '9007199254740993'],
    ['up to 63 bits', '9223372036854775807', '9223372036854775807'],
    ['a number given as a string', '42', 42],
  ])('answers counts exactly: %s', async (_what, given, answered) => {
    expect(await publish({ rowCount: given, bytes: given })).toMatchObject({ rowCount: answered, bytes: answered });
  });

  it.each([
    ['negative rows', { rowCount: -1 }],
    ['negative bytes', { bytes: '-1' }],
    ['half a row', { rowCount: 1.5 }],
    ['more than 63 bits', { bytes: '9223372036854775808' }],
    ['an empty version', { version: '  ' }],
    ['a version of 201 characters', { version: 'v'.repeat(201) }],
  ])('refuses %s', async (_what, more) => {
    expect(await owner.code(PUBLISH, inputOf(more))).toBe('BAD_USER_INPUT');
  });

  it('refuses a name that the data set already has a version of, also among several at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => owner.ask(PUBLISH, { input: { dataset: dataset.id, version: 'twice' } })),
    );
    const codes = answers.map((answer) => answer.errors?.[0]?.extensions.code ?? 'ok').sort();
    expect(codes).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'ok']);
    await expect(seed.datasetVersion((await seed.dataset('another')).id, 'twice')).resolves.toBeTypeOf('string');
  });

  it('refuses to add to what is retired, until that is taken back', async () => {
    const retired = await seed.dataset('retired');
    await owner.data(RETIRE, { input: { ref: retired.id } });
    const error = await owner.error(PUBLISH, { input: { dataset: retired.id, version: '1' } });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain('is retired');
    await owner.data(RETIRE, { input: { ref: retired.id, retired: false } });
    await expect(seed.datasetVersion(retired.id)).resolves.toBeTypeOf('string');
  });

  it('refuses an asset of another kind', async () => {
    const model = await seed.model('no data set');
    const error = await owner.error(PUBLISH, { input: { dataset: model.id, version: '1' } });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toContain('is a MODEL; a DATASET is needed here');
  });
});
