import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const DECLARE = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
const WITHDRAW =
  'mutation ($input: WithdrawLabelInput!) { withdrawLabel(input: $input) { labelDeclaration { id validUntil } } }';
const EFFECTIVE = `labels(validAt: $validAt) { declared { dimension values } effective { dimension values unknown conflict precision hiddenOrigins
  origins { depth values witness { grants steps { hidden kind urn } } } } }`;
const OF_VERSION = `query ($id: ID!, $validAt: DateTime) { node(id: $id) { ... on DatasetVersion { ${EFFECTIVE} } ... on ModelVersion { ${EFFECTIVE} } } }`;
const OF_ASSET = `query ($ref: AssetRef!, $validAt: DateTime) { asset(ref: $ref) { ... on Dataset { ${EFFECTIVE} } ... on Deployment { ${EFFECTIVE} } ... on Transformation { ${EFFECTIVE} } } }`;

interface Label {
  [name: string]: unknown;
  dimension: string;
  origins: { depth: number; witness: { steps: { hidden: boolean; kind: string | null; urn: string | null }[] } }[];
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

async function declare(input: Record<string, unknown>): Promise<string> {
  const answer = await owner.data<{ declareLabel: { labelDeclaration: { id: string } } }>(DECLARE, { input });
  return answer.declareLabel.labelDeclaration.id;
}
async function ofVersion(id: string, dimension: string, by = owner, validAt: string | null = null) {
  const { node } = await by.data<{ node: { labels: { effective: Label[] } } }>(OF_VERSION, { id, validAt });
  return node.labels.effective.find((each) => each.dimension === dimension);
}
async function ofAsset(ref: string, dimension: string) {
  const { asset } = await owner.data<{ asset: { labels: { effective: Label[] } } }>(OF_ASSET, { ref });
  return asset.labels.effective.find((each) => each.dimension === dimension);
}

it('lets a label flow to what is made of it, and says by which way, also to who may not see where it is from', async () => {
  const raw = await seed.dataset('raw', { visibility: 'RESTRICTED' });
  const clean = await seed.dataset('clean');
  const job = await seed.transformation('clean-it');
  const [from, made] = [await seed.datasetVersion(raw.id), await seed.datasetVersion(clean.id)];
  expect(await ofVersion(made, 'regions')).toMatchObject({ values: null, unknown: true, hiddenOrigins: 0 });
  await seed.run(job.id, [from], [made]);
  await declare({ asset: raw.id, dimension: 'regions', values: ['US', 'EU'] });
  await declare({ version: made, dimension: 'regions', values: ['EU', 'CH'] });
  await declare({ asset: raw.id, dimension: 'classification', values: ['CONFIDENTIAL'] });
  expect(await ofVersion(made, 'regions')).toMatchObject({
    values: ['EU'],
    unknown: false,
    conflict: false,
    precision: 'VERSION',
  });
  const label = await ofVersion(made, 'classification');
  expect(label?.origins[0]).toMatchObject({ depth: 2, values: ['CONFIDENTIAL'] });
  expect(label?.origins[0]?.witness.steps.map(({ urn }) => urn)).toEqual([raw.urn, job.urn, clean.urn]);

  const stranger = await server.user();
  expect(await ofVersion(made, 'classification', stranger)).toMatchObject({
    ...{ values: ['CONFIDENTIAL'], unknown: false, origins: [], hiddenOrigins: 1 },
  });
  const mine = await declare({ version: made, dimension: 'regions', values: ['CH'] });
  expect(await ofVersion(made, 'regions')).toMatchObject({ values: [], conflict: true });
  await owner.data(WITHDRAW, { input: { label: mine } });
  expect(await ofVersion(made, 'regions')).toMatchObject({ values: ['EU'], conflict: false });
  expect(await ofAsset(clean.id, 'classification')).toMatchObject({ values: ['CONFIDENTIAL'], precision: 'VERSION' });
  expect(await ofAsset(job.id, 'classification')).toMatchObject({ values: ['CONFIDENTIAL'], precision: 'DATASET' });
});

it('ends a label, and still tells that it held before', async () => {
  const data = await seed.dataset('ending', { fields: [{ name: 'email' }] });
  const version = await seed.datasetVersion(data.id);
  const [before, ends, after] = ['2020-03-01T00:00:00.000Z', '2020-06-01T00:00:00.000Z', '2020-09-01T00:00:00.000Z'];
  const label = await declare({
    asset: data.id,
    field: 'email',
    dimension: 'personalData',
    values: ['email'],
    validFrom: '2020-01-01T00:00:00Z',
  });
  expect(await ofVersion(version, 'personalData')).toMatchObject({ values: ['email'], unknown: true });
  const answer = await owner.data(WITHDRAW, { input: { label, from: ends } });
  expect(answer).toMatchObject({ withdrawLabel: { labelDeclaration: { validUntil: ends } } });
  const at = (validAt: string) => ofVersion(version, 'personalData', owner, validAt);
  expect([await at(before), await at(after)]).toMatchObject([{ values: ['email'] }, { values: null }]);
});

it.each([
  [{ dimension: 'colour', values: ['red'] }, 'There is no dimension "colour". There are classification,'],
  [{ dimension: 'licences', values: ['MIT AND'] }, '"MIT AND" is no value of `licences`. Give an expression of SPDX'],
  [{ dimension: 'classification', values: ['SECRET'] }, 'Give one of PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED.'],
  [{ dimension: 'regions', values: ['EU'], field: 'no' }, 'has no field "no"'],
  [
    { dimension: 'regions', values: ['EU'], validFrom: '2026-02-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' },
    '`validUntil` is 2026-01-01T00:00:00.000Z, which is not after',
  ],
  [{ dimension: 'regions', values: ['EU'], version: 'nothing' }, 'Give either `asset` or `version`.'],
])('refuses %j', async (given, why) => {
  const data = await seed.dataset(`refused-${Math.random()}`);
  const { errors } = await owner.ask(DECLARE, { input: { asset: data.id, ...given } });
  expect(errors?.[0]?.message).toContain(why);
});

it('answers of a hidden label as of a missing one, and lets nobody declare who may not EDIT', async () => {
  const data = await seed.dataset('not-yours', { visibility: 'RESTRICTED' });
  const label = await declare({ asset: data.id, dimension: 'quality', values: ['0.5'] });
  const stranger = await server.user();
  const messageFor = async (id: string) =>
    (await stranger.ask(WITHDRAW, { input: { label: id } })).errors?.[0]?.message.replace(id, 'ID');
  expect(await messageFor(label)).toBe(await messageFor('nothing'));
  const open = await seed.dataset('seen-by-all');
  const { errors } = await stranger.ask(DECLARE, { input: { asset: open.id, dimension: 'quality', values: ['0.5'] } });
  expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
});
