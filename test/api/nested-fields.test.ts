import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Field {
  id: string;
  name: string;
  parent: { name: string; parent: { name: string } | null } | null;
  children: { name: string; parent: { name: string } | null }[];
}

const KIN = 'id name parent { name parent { name } } children { name parent { name } }';
const FIELDS = `query ($ref: AssetRef!, $asOf: DateTime) { asset(ref: $ref, asOf: $asOf) { ... on Dataset { fields { ${KIN} } } } }`;
const SET = 'mutation ($input: SetFieldsInput!) { setFields(input: $input) { asset { revision } } }';
const RENAME = 'mutation ($input: RenameFieldInput!) { renameField(input: $input) { asset { revision } } }';
const CLAIM = 'mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }';
const LINEAGE = `query ($dataset: AssetRef!, $field: String, $direction: Direction! = DOWNSTREAM, $depth: Int! = 5, $asOf: DateTime, $knownAt: DateTime) {
  fieldLineage(dataset: $dataset, field: $field, direction: $direction, depth: $depth, asOf: $asOf, knownAt: $knownAt) {
    roots { name } nodes { name depth parent { name } } edges { source target } steps { key field { id } }
  }
}`;

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

const table = (...names: string[]): Promise<SeededAsset> =>
  seed.dataset(`nested-${++count}`, { fields: names.map((name) => ({ name })) });
const set = (ref: SeededAsset, mode: string, ...names: string[]) =>
  owner.data(SET, { input: { ref: ref.id, mode, fields: names.map((name) => ({ name })) } });

/** How the fields lie in each other: parent and children by name. */
async function kin(ref: SeededAsset, clocks: object = {}): Promise<Record<string, [string | null, string[]]>> {
  const { asset } = await owner.data<{ asset: { fields: Field[] } }>(FIELDS, { ref: ref.id, ...clocks });
  return Object.fromEntries(
    asset.fields.map(({ name, parent, children }) => {
      expect(children.every((child) => child.parent?.name === name)).toBe(true);
      return [name, [parent?.name ?? null, children.map((child) => child.name)]];
    }),
  );
}

async function claim(source: SeededAsset, target: SeededAsset, ...pairs: [string, string][]) {
  const via = await seed.transformation(`job-${++count}`);
  const fields = pairs.map(([from, to]) => ({ source: from, target: to }));
  await owner.data(CLAIM, { input: { flows: [{ source: source.id, target: target.id, via: via.id, fields }] } });
}

interface Answer {
  roots: { name: string }[];
  nodes: { name: string; depth: number }[];
  edges: { source: string; target: string }[];
  steps: { key: string; field: { id: string } | null }[];
}

async function lineage(dataset: SeededAsset, field: string | null, more: object = {}): Promise<Answer> {
  return (await owner.data<{ fieldLineage: Answer }>(LINEAGE, { dataset: dataset.id, field, ...more })).fieldLineage;
}

const reached = async (...asked: Parameters<typeof lineage>): Promise<Record<string, number>> =>
  Object.fromEntries((await lineage(...asked)).nodes.map(({ name, depth }) => [name, depth]));
const UP = { direction: 'UPSTREAM' };

describe('Nested fields', () => {
  it('know what they lie in and what lies in them, in structs, arrays and maps, and dots between backticks', async () => {
    const raw = await table(
      ...['id', 'address', 'address.city', 'address.geo', 'address.geo.lat', 'orders', 'orders.element'],
      ...['orders.element.price', 'tags', 'tags.key', 'tags.value', '`unit.price`', '`unit.price`.amount', 'a.b'],
    );
    expect(await kin(raw)).toEqual({
      id: [null, []],
      address: [null, ['address.city', 'address.geo']],
      'address.city': ['address', []],
      'address.geo': ['address', ['address.geo.lat']],
      'address.geo.lat': ['address.geo', []],
      orders: [null, ['orders.element']],
      'orders.element': ['orders', ['orders.element.price']],
      'orders.element.price': ['orders.element', []],
      tags: [null, ['tags.key', 'tags.value']],
      'tags.key': ['tags', []],
      'tags.value': ['tags', []],
      '`unit.price`': [null, ['`unit.price`.amount']],
      '`unit.price`.amount': ['`unit.price`', []],
      'a.b': [null, []],
    });
  });

  it('lie in the nearest that is there, at each time in those of then, also asked for alone', async () => {
    const raw = await table('a.b.c', 'a');
    const first = await betweenWrites();
    await set(raw, 'MERGE', 'a.b');
    const second = await betweenWrites();
    await set(raw, 'REPLACE', 'a.b.c', 'a.b');
    const third = await betweenWrites();
    await owner.data(RENAME, { input: { ref: raw.id, field: 'a.b', name: 'z' } });
    expect(await kin(raw)).toEqual({ 'z.c': ['z', []], z: [null, ['z.c']] });
    expect(await kin(raw, { asOf: third })).toEqual({ 'a.b.c': ['a.b', []], 'a.b': [null, ['a.b.c']] });
    const deep = { 'a.b.c': ['a.b', []], a: [null, ['a.b']], 'a.b': ['a', ['a.b.c']] };
    expect(await kin(raw, { asOf: second })).toEqual(deep);
    expect(await kin(raw, { asOf: first })).toEqual({ 'a.b.c': ['a', []], a: [null, ['a.b.c']] });
    const { asset } = await owner.data<{ asset: { fields: Field[] } }>(FIELDS, { ref: raw.id });
    const alone = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Field { ${KIN} } } }`;
    const { nodes } = await owner.data<{ nodes: Field[] }>(alone, { ids: asset.fields.map(({ id }) => id) });
    expect(nodes).toEqual(asset.fields);
  });

  it('are asked for their lineage with the struct that they lie in, and a struct with its parts, in one statement', async () => {
    const raw = await table('address', 'address.city', 'address.zip', 'id');
    const mart = await table('town', 'postcode', 'place', 'key');
    await claim(raw, mart, ['address.city', 'town'], ['address.zip', 'postcode'], ['address', 'place'], ['id', 'key']);
    expect(await reached(raw, 'address')).toEqual({ town: 1, postcode: 1, place: 1 });
    expect(await reached(raw, 'address.city')).toEqual({ town: 1, place: 1 });
    expect(await reached(mart, 'town', UP)).toEqual({ 'address.city': 1 });
    expect((await lineage(raw, 'address')).roots.map(({ name }) => name)).toEqual([
      ...['address', 'address.city', 'address.zip'],
    ]);
    server.statements.length = 0;
    await lineage(raw, 'address');
    expect(server.statements.filter((name) => name.startsWith('lineage.'))).toEqual(['lineage.traceFields']);
  });

  it('have the lineage of the struct that they lay in at the time that is asked for', async () => {
    const [raw, mart] = [await table('s', 's.a', 't'), await table('of_s', 'of_t')];
    await claim(raw, mart, ['s', 'of_s'], ['t', 'of_t']);
    const before = await betweenWrites();
    await owner.data(RENAME, { input: { ref: raw.id, field: 's.a', name: 't.a' } });
    expect(await reached(raw, 't.a')).toEqual({ of_t: 1 });
    expect(await reached(raw, 't')).toEqual({ of_t: 1 });
    expect(await reached(raw, 's')).toEqual({ of_s: 1 });
    for (const clock of [{ asOf: before }, { knownAt: before }])
      expect(await reached(raw, 's.a', clock)).toEqual({ of_s: 1 });
    await set(raw, 'REPLACE', 't.a');
    expect(await reached(raw, 't.a')).toEqual({});
  });
});
