import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Field {
  id: string;
  name: string;
  type: string | null;
  description: string | null;
}

const RENAME = 'mutation ($input: RenameFieldInput!) { renameField(input: $input) { asset { revision } } }';
const SET = 'mutation ($input: SetFieldsInput!) { setFields(input: $input) { asset { revision } } }';
const FIELDS = `query ($ref: AssetRef!, $asOf: DateTime, $knownAt: DateTime) {
  asset(ref: $ref, asOf: $asOf, knownAt: $knownAt) { revision ... on Dataset { fields { id name type description } } }
}`;
const LINEAGE = `query ($dataset: AssetRef!, $field: String, $direction: Direction! = DOWNSTREAM, $asOf: DateTime, $knownAt: DateTime) {
  fieldLineage(dataset: $dataset, field: $field, direction: $direction, asOf: $asOf, knownAt: $knownAt) {
    roots { name } nodes { name depth }
  }
}`;
const CLAIM = 'mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }';

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
  seed.dataset(`table-${++count}`, { fields: names.map((name) => ({ name })) });
const rename = (ref: SeededAsset, field: string, name: string, more: object = {}) =>
  owner.data<{ renameField: { asset: { revision: number } } }>(RENAME, {
    input: { ref: ref.id, field, name, ...more },
  });
const refusal = (ref: SeededAsset, field: string, name: string) =>
  owner.error(RENAME, { input: { ref: ref.id, field, name } });

async function fieldsOf(ref: SeededAsset, clocks: object = {}): Promise<Field[]> {
  const { asset } = await owner.data<{ asset: { fields: Field[] } }>(FIELDS, { ref: ref.id, ...clocks });
  return asset.fields;
}

async function lineage(dataset: SeededAsset, field: string | null, more: object = {}) {
  type Answer = { roots: { name: string }[]; nodes: { name: string; depth: number }[] };
  const variables = { dataset: dataset.id, field, ...more };
  const { fieldLineage } = await owner.data<{ fieldLineage: Answer }>(LINEAGE, variables);
  return {
    roots: fieldLineage.roots.map(({ name }) => name),
    nodes: Object.fromEntries(fieldLineage.nodes.map(({ name, depth }) => [name, depth])),
  };
}

async function claim(source: SeededAsset, target: SeededAsset, pairs: [string, string][], more: object = {}) {
  const via = await seed.transformation(`job-${++count}`);
  const fields = pairs.map(([from, to]) => ({ source: from, target: to }));
  const flows = [{ source: source.id, target: target.id, via: via.id, fields }];
  await owner.data(CLAIM, { input: { flows, ...more } });
  return flows;
}

async function lastEntry(ref: SeededAsset) {
  const query =
    'query ($asset: AssetRef!) { audit(filter: { asset: $asset }, first: 1) { nodes { action before after } } }';
  const { audit } = await owner.data<{ audit: { nodes: unknown[] } }>(query, { asset: ref.id });
  return audit.nodes[0];
}

const found = async (query: string): Promise<string[]> => {
  const text = 'query ($query: String!) { search(query: $query) { nodes { id } } }';
  const { search } = await owner.data<{ search: { nodes: { id: string }[] } }>(text, { query });
  return search.nodes.map(({ id }) => id);
};

describe('A field that is renamed', () => {
  it('keeps its id, its lineage and what is claimed of it, and is shown by its former name as of before', async () => {
    const [raw, mart] = [await table('mail', 'age'), await table('contact')];
    await claim(raw, mart, [['mail', 'contact']]);
    const [mail] = await fieldsOf(raw);
    const before = await betweenWrites();
    const { renameField } = await rename(raw, 'mail', 'email');
    expect(renameField.asset.revision).toBe(2);
    expect(await fieldsOf(raw)).toMatchObject([{ id: mail?.id, name: 'email' }, { name: 'age' }]);
    expect(await fieldsOf(raw, { asOf: before })).toMatchObject([{ id: mail?.id, name: 'mail' }, { name: 'age' }]);
    expect(await fieldsOf(raw, { knownAt: before })).toMatchObject([{ id: mail?.id, name: 'mail' }, { name: 'age' }]);
    expect(await lineage(raw, 'email')).toEqual({ roots: ['email'], nodes: { contact: 1 } });
    const up = { direction: 'UPSTREAM' };
    expect((await lineage(mart, 'contact', up)).nodes).toEqual({ email: 1 });
    expect((await lineage(mart, 'contact', { ...up, knownAt: before })).nodes).toEqual({ mail: 1 });
    for (const clock of [{ asOf: before }, { knownAt: before }]) {
      expect(await lineage(raw, 'mail', clock)).toEqual({ roots: ['mail'], nodes: { contact: 1 } });
      const asked = await owner.error(LINEAGE, { dataset: raw.id, field: 'email', ...clock });
      expect(asked.message).toMatch(/The field "email" of .* is called "mail" at that time\. Ask for it by that\./);
    }
    const now = await owner.error(LINEAGE, { dataset: raw.id, field: 'mail' });
    expect(now.message).toMatch(/The field "mail" of .* is called "email" at that time/);
  });

  it('is told by the audit log and found by its new name only', async () => {
    const [old, young] = [`alt${server.namespace}`, `neu${server.namespace}`].map((each) => each.replaceAll(/\W/g, ''));
    const raw = await seed.dataset(`searched-${++count}`, {
      fields: [{ name: old, type: 'text', description: 'of people' }, { name: 'b' }],
    });
    await rename(raw, old ?? '', young ?? '', { reason: 'why' });
    const told = { type: 'text', description: 'of people' };
    expect(await lastEntry(raw)).toEqual({
      action: 'field:rename',
      before: { fields: [{ name: old, ...told }] },
      after: { fields: [{ name: young, ...told }] },
    });
    await expect.poll(() => found(young ?? '')).toEqual([raw.id]);
    await expect.poll(() => found(old ?? '')).toEqual([]);
  });

  it('takes along what lies in it, and nothing else', async () => {
    const raw = await table('address', 'address.city', 'address.geo.lat', 'address_2', 'addressed.to', 'id');
    const before = await fieldsOf(raw);
    await rename(raw, 'address', 'home');
    const names = ['home', 'home.city', 'home.geo.lat', 'address_2', 'addressed.to', 'id'];
    const after = await fieldsOf(raw);
    expect(after.map(({ name }) => name)).toEqual(names);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    // Into itself, where the new names are in part those of before.
    await rename(raw, 'home', 'home.city');
    expect((await fieldsOf(raw)).map(({ name }) => name).slice(0, 3)).toEqual([
      'home.city',
      'home.city.city',
      'home.city.geo.lat',
    ]);
  });

  it('leaves no trace when it has the name already', async () => {
    const raw = await table('a', 'b');
    const entry = await lastEntry(raw);
    const { renameField } = await rename(raw, 'a', 'a');
    expect(renameField.asset.revision).toBe(1);
    expect(await lastEntry(raw)).toEqual(entry);
  });

  it.each<[string, string, string, string, RegExp]>([
    [
      'a name that another field has',
      'a',
      'b',
      'CONFLICT',
      /has a field "b" already\. Rename or remove that one first/,
    ],
    ['a name that a part would share', 's', 't', 'CONFLICT', /has a field "t\.x" already/],
    ['a field that is not there', 'A2', 'c', 'NOT_FOUND', /has no field "A2"\. Did you mean "a"/],
    ['an empty name', 'a', '  ', 'BAD_USER_INPUT', /has an empty name/],
    ['a part whose path grows too long', 's', 'n'.repeat(999), 'BAD_USER_INPUT', /longer than 1,000 characters/],
  ])('is refused %s', async (_what, field, name, code, message) => {
    const raw = await table('a', 'b', 's', 's.x', 't.x');
    const error = await refusal(raw, field, name);
    expect(error.extensions.code).toBe(code);
    expect(error.message).toMatch(message);
    expect((await fieldsOf(raw)).map((each) => each.name)).toEqual(['a', 'b', 's', 's.x', 't.x']);
  });

  it('is refused of a model, at another revision, and to who may not edit', async () => {
    const raw = await table('a');
    const input = { ref: raw.id, field: 'a', name: 'b' };
    expect((await owner.error(RENAME, { input: { ...input, ifRevision: 7 } })).extensions.code).toBe('STALE_REVISION');
    const stranger = await server.user();
    expect((await stranger.error(RENAME, { input })).extensions.code).toBe('FORBIDDEN');
    const model = await seed.model(`model-${++count}`);
    expect((await owner.error(RENAME, { input: { ...input, ref: model.id } })).message).toMatch(/Only data sets have/);
  });

  it('can take the name of a field that was removed, which is then found by it in the past only', async () => {
    const [raw, mart] = [await table('a', 'b'), await table('x', 'y')];
    await claim(raw, mart, [
      ['a', 'x'],
      ['b', 'y'],
    ]);
    const start = await betweenWrites();
    await owner.data(SET, { input: { ref: raw.id, fields: [{ name: 'b' }] } });
    await rename(raw, 'b', 'a');
    expect((await lineage(raw, 'a')).nodes).toEqual({ y: 1 });
    expect((await lineage(raw, 'a', { asOf: start })).nodes).toEqual({ x: 1 });
    expect((await lineage(raw, 'b', { asOf: start })).nodes).toEqual({ y: 1 });
    // A new field of the former name is another one.
    await owner.data(SET, { input: { ref: raw.id, mode: 'MERGE', fields: [{ name: 'b' }] } });
    expect((await lineage(raw, 'b')).nodes).toEqual({});
    expect((await lineage(raw, 'b', { asOf: start })).nodes).toEqual({ y: 1 });
  });

  it('is named in late reports as it was called then, and afterwards as it is called now', async () => {
    const [raw, mart] = [await table('a'), await table('x', 'y', 'z')];
    const start = await betweenWrites();
    await rename(raw, 'a', 'b');
    await owner.data(SET, { input: { ref: raw.id, mode: 'MERGE', fields: [{ name: 'a' }] } });
    await claim(raw, mart, [['a', 'x']], { validFrom: start });
    await claim(raw, mart, [['b', 'y']]);
    await claim(raw, mart, [['a', 'z']]);
    expect((await lineage(raw, 'b')).nodes).toEqual({ x: 1, y: 1 });
    expect((await lineage(raw, 'a')).nodes).toEqual({ z: 1 });
    await owner.data(SET, { input: { ref: raw.id, fields: [{ name: 'b' }] } });
    await rename(raw, 'b', 'c');
    const via = await seed.transformation(`job-${++count}`);
    const flows = [{ source: raw.id, target: mart.id, via: via.id, fields: [{ source: 'b', target: 'x' }] }];
    expect((await owner.error(CLAIM, { input: { flows } })).message).toMatch(
      /The field "b" of .* is called "c" since .* Name it so, or state with `validFrom` before that\./,
    );
  });
});

type Step =
  | { kind: 'set'; mode: 'REPLACE' | 'MERGE'; fields: { name: string; type?: string | null; description?: string }[] }
  | { kind: 'rename'; from: string; to: string };
type Model = { key: number; name: string; type: string | null; description: string | null }[];

const NAMES = ['a', 'b', 'c', 'a.x', 'a.x.y', 'b.x', 'c.element', '`a.x`'];
const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    mode: fc.constantFrom('REPLACE' as const, 'MERGE' as const),
    fields: fc.uniqueArray(
      fc.record(
        { name, type: fc.constantFrom('int', 'text', null), description: fc.constantFrom('one', 'two') },
        { requiredKeys: ['name'] },
      ),
      { selector: (field) => field.name, maxLength: 5 },
    ),
  }),
  fc.record({ kind: fc.constant('rename' as const), from: name, to: name }),
);

/** What the same steps make of a list in memory; `keys` remembers which field a name came back as. */
class Reference {
  fields: Model = [];
  private readonly keys = new Map<string, number>();
  private next = 0;

  apply(given: Step): boolean {
    return given.kind === 'set' ? this.set(given) : this.rename(given);
  }

  private set({ mode, fields }: Extract<Step, { kind: 'set' }>): boolean {
    const made = (field: (typeof fields)[number]): Model[number] => {
      const key = this.keys.get(field.name) ?? this.next++;
      this.keys.set(field.name, key);
      return { key, name: field.name, type: field.type ?? null, description: field.description ?? null };
    };
    if (mode === 'REPLACE') this.fields = fields.map(made);
    else {
      const change = new Map(fields.map((field) => [field.name, field]));
      this.fields = this.fields.map((field) => ({ ...field, ...change.get(field.name) }));
      const known = new Set(this.fields.map((field) => field.name));
      this.fields.push(...fields.filter((field) => !known.has(field.name)).map(made));
    }
    return true;
  }

  private rename({ from, to }: Extract<Step, { kind: 'rename' }>): boolean {
    if (!this.fields.some((field) => field.name === from)) return false;
    const isMoved = (field: { name: string }): boolean => field.name === from || field.name.startsWith(`${from}.`);
    const after = this.fields.map((field) =>
      isMoved(field) ? { ...field, name: to + field.name.slice(from.length) } : field,
    );
    if (new Set(after.map((field) => field.name)).size < after.length) return false;
    for (const field of this.fields) this.keys.delete(field.name);
    this.fields = after;
    for (const field of this.fields) this.keys.set(field.name, field.key);
    return true;
  }
}

it('any sequence of replacing, merging and renaming is what it is in a list, now and as of each time between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const reference = new Reference();
      const dataset = await table();
      const ids = new Map<number, string>();
      const seen: { at: string; fields: Model }[] = [];
      for (const each of steps) {
        const { kind, ...input } = each;
        const given =
          kind === 'set' ? input : { field: (each as { from: string }).from, name: (each as { to: string }).to };
        const answer = await owner.ask(kind === 'set' ? SET : RENAME, { input: { ref: dataset.id, ...given } });
        expect(answer.errors === undefined).toBe(reference.apply(each));
        seen.push({ at: await betweenWrites(), fields: [...reference.fields] });
        const now = await fieldsOf(dataset);
        expect(now.map(({ id: _, ...rest }) => rest)).toEqual(reference.fields.map(({ key: _, ...rest }) => rest));
        for (const [index, { key }] of reference.fields.entries()) {
          expect(ids.get(key) ?? now[index]?.id).toBe(now[index]?.id);
          ids.set(key, now[index]?.id ?? '');
        }
        expect(new Set(ids.values()).size).toBe(ids.size);
      }
      for (const { at, fields } of seen) {
        const expected = fields.map(({ key, ...rest }) => ({ id: ids.get(key), ...rest }));
        expect(await fieldsOf(dataset, { asOf: at })).toEqual(expected);
        expect(await fieldsOf(dataset, { knownAt: at })).toEqual(expected);
        const asked = fields.at(-1)?.name;
        if (asked !== undefined) expect((await lineage(dataset, asked, { asOf: at })).roots).toContain(asked);
      }
    }),
    { numRuns: 10 },
  );
}, 120_000);
