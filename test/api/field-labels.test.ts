/** Labels of fields: where columns are known they follow these, else the whole, and the answer says which. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const DECLARE = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';
const CLAIM = 'mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }';
const RETRACT = 'mutation ($input: RetractFieldLineageInput!) { retractFieldLineage(input: $input) { retracted } }';
const REQUEST = `mutation ($input: RequestDeclassificationInput!) { made: requestDeclassification(input: $input) { declassificationGrant { id } } }`;
const APPROVE =
  'mutation ($input: ApproveDeclassificationInput!) { approveDeclassification(input: $input) { __typename } }';
const REVOKE = 'mutation ($input: EndDeclassificationInput!) { revokeDeclassification(input: $input) { __typename } }';
const EFFECTIVE = `effective(dimension: "personalData") { values precision hiddenOrigins
  origins { precision declaration { field } witness { grants steps { hidden urn field } } } }`;
const OF_VERSION = `query ($id: ID!, $knownAt: DateTime) { node(id: $id) { ... on DatasetVersion { labels(knownAt: $knownAt) { ${EFFECTIVE} } } } }`;
const FIELDS = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { id } } } }';
const OF_FIELD = `query ($id: ID!) { node(id: $id) { ... on Field { name labels { declared { field } ${EFFECTIVE} } } } }`;

interface Effective {
  values: string[] | null;
  precision: string;
  hiddenOrigins: number;
  origins: {
    precision: string;
    declaration: { field: string | null };
    witness: { grants: string[]; steps: { hidden: boolean; urn: string | null; field: string | null }[] };
  }[];
}
type Pair = [string, string, Record<string, unknown>?];

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let count = 0;
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

const table = (name: string, fields: string[], more: Record<string, unknown> = {}): Promise<SeededAsset> =>
  seed.dataset(`${name}-${++count}`, { fields: fields.map((each) => ({ name: each })), ...more });
const declare = (input: Record<string, unknown>) =>
  owner.data(DECLARE, { input: { dimension: 'personalData', ...input } });
const claim = (source: SeededAsset, target: SeededAsset, via: SeededAsset, ...pairs: Pair[]) => {
  const fields = pairs.map(([from, to, more = {}]) => ({ source: from, target: to, ...more }));
  return owner.data(CLAIM, { input: { flows: [{ source: source.id, target: target.id, via: via.id, fields }] } });
};
async function of(id: string, knownAt: string | null = null, by = owner): Promise<Effective | undefined> {
  const answer = await by.data<{ node: { labels: { effective: Effective[] } } }>(OF_VERSION, { id, knownAt });
  return answer.node.labels.effective[0];
}

/** raw.email is personal; of raw are made clean, masked, and of that mart, which takes nothing but the age. */
async function chain(more: { raw?: object; clean?: object } = {}) {
  const [raw, clean, mart] = [
    await table('raw', ['email', 'age'], { ...more.raw }),
    await table('clean', ['email_hash', 'age'], { ...more.clean }),
    await table('mart', ['years']),
  ];
  const [tidy, build] = [await seed.transformation(`tidy-${count}`), await seed.transformation(`build-${count}`)];
  const [first, second, third] = [
    await seed.datasetVersion(raw.id),
    await seed.datasetVersion(clean.id),
    await seed.datasetVersion(mart.id),
  ];
  await seed.run(tidy.id, [first], [second]);
  await seed.run(build.id, [second], [third]);
  await declare({ asset: raw.id, values: [] });
  await declare({ asset: raw.id, field: 'email', values: ['email'] });
  const columns = async () => {
    await claim(
      raw,
      clean,
      tidy,
      ['email', 'email_hash', { subtype: 'TRANSFORMATION', masking: true }],
      ['age', 'age'],
    );
    await claim(clean, mart, build, ['age', 'years', { subtype: 'AGGREGATION' }]);
  };
  return { ...{ raw, clean, mart, tidy, build }, ids: [first, second, third] as const, columns };
}

it('follows columns where they are known, masked or not, and tells the field and the way', async () => {
  const { raw, clean, mart, tidy, build, ids, columns } = await chain();
  expect(await of(ids[2])).toMatchObject({ values: ['email'], precision: 'VERSION' });
  const before = new Date().toISOString();
  await columns();
  expect(await of(ids[2])).toMatchObject({ values: [], precision: 'FIELD' });
  expect(await of(ids[2], before)).toMatchObject({ values: ['email'], precision: 'VERSION' });
  const masked = await of(ids[1]);
  expect(masked).toMatchObject({ values: ['email'], precision: 'FIELD' });
  expect(masked?.origins).toMatchObject([{ precision: 'FIELD', declaration: { field: 'email' } }]);
  expect(masked?.origins[0]?.witness.steps).toEqual([
    { hidden: false, urn: raw.urn, field: 'email' },
    { hidden: false, urn: tidy.urn, field: null },
    { hidden: false, urn: clean.urn, field: 'email_hash' },
  ]);
  // By a filter a column decides which rows there are: that tells of it, too.
  await claim(clean, mart, build, ['email_hash', 'years', { subtype: 'FILTER' }]);
  expect(await of(ids[2])).toMatchObject({ values: ['email'], precision: 'FIELD' });
}, 500_000);

it('tells the labels of a field', async () => {
  const { raw, clean, columns } = await chain();
  await columns();
  const ofFields = async (ref: string) => {
    const { asset } = await owner.data<{ asset: { fields: { id: string }[] } }>(FIELDS, { ref });
    const told: unknown[] = [];
    for (const { id } of asset.fields) {
      const { node } = await owner.data<{
        node: { name: string; labels: { declared: object[]; effective: Effective[] } };
      }>(OF_FIELD, { id });
      told.push([node.name, node.labels.declared.length, node.labels.effective[0]?.values]);
    }
    return told;
  };
  expect(await ofFields(clean.id)).toEqual([
    ['email_hash', 0, ['email']],
    ['age', 0, []],
  ]);
  expect(await ofFields(raw.id)).toEqual([
    ['email', 1, ['email']],
    ['age', 0, []],
  ]);
});

it('counts for the whole as soon as of one column nothing is said', async () => {
  const { mart, build, ids, columns } = await chain();
  await columns();
  const update = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }';
  await owner.data(update, { input: { ref: mart.id, fields: [{ name: 'years' }, { name: 'unheard-of' }] } });
  expect(await of(ids[2])).toMatchObject({ values: ['email'], precision: 'VERSION' });
  await owner.data(update, { input: { ref: mart.id, fields: [{ name: 'years' }] } });
  await owner.data(RETRACT, { input: { transformation: build.id } });
  expect(await of(ids[2])).toMatchObject({ values: ['email'], precision: 'VERSION' });
});

it('lowers a column that is masked by a grant, and never one that is passed on', async () => {
  const codeRef = { repository: 'https://example.org/code', revision: 'b'.repeat(40), path: 'mask.py' };
  const raw = await table('raw', ['email']);
  const [masked, kept] = [await table('masked', ['hash']), await table('kept', ['email'])];
  const job = await seed.transformation(`mask-${count}`, { codeRef });
  const from = await seed.datasetVersion(raw.id);
  const [hashed, passed] = [await seed.datasetVersion(masked.id), await seed.datasetVersion(kept.id)];
  await seed.run(job.id, [from], [hashed, passed]);
  await declare({ asset: raw.id, field: 'email', values: ['email'] });
  await claim(raw, masked, job, ['email', 'hash', { subtype: 'TRANSFORMATION', masking: true }]);
  await claim(raw, kept, job, ['email', 'email', { subtype: 'IDENTITY' }]);
  expect(await of(hashed)).toMatchObject({ values: ['email'], precision: 'FIELD' });
  const { made } = await owner.data<{ made: { declassificationGrant: { id: string } } }>(REQUEST, {
    input: {
      ...{ transformation: job.id, dimension: 'personalData', from: ['email'], to: [], reason: 'hashed' },
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    },
  });
  const grant = made.declassificationGrant.id;
  for (const admin of [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })])
    await admin.data(APPROVE, { input: { grant } });
  const lowered = await of(hashed);
  expect(lowered).toMatchObject({ values: [], precision: 'FIELD' });
  expect(lowered?.origins[0]?.witness.grants).toEqual([grant]);
  expect(await of(passed)).toMatchObject({ values: ['email'], precision: 'FIELD' });
  await owner.data(REVOKE, { input: { grant, reason: 'not so' } });
  expect(await of(hashed)).toMatchObject({ values: ['email'] });
});

it('counts what is hidden, and names neither it nor its columns', async () => {
  const stranger = await server.user();
  const above = await chain({ raw: { visibility: 'RESTRICTED' } });
  await above.columns();
  expect(await of(above.ids[1], null, stranger)).toMatchObject({ values: ['email'], hiddenOrigins: 1, origins: [] });
  const between = await chain({ clean: { visibility: 'RESTRICTED' } });
  await between.columns();
  await claim(between.clean, between.mart, between.build, ['email_hash', 'years', { subtype: 'FILTER' }]);
  const told = await of(between.ids[2], null, stranger);
  expect(told?.origins[0]?.witness.steps.map(({ hidden, field }) => [hidden, field])).toEqual([
    ...[
      [false, 'email'],
      [false, null],
      [true, null],
      [false, null],
      [false, 'years'],
    ],
  ]);
  expect(JSON.stringify(told)).not.toContain('email_hash');
});
