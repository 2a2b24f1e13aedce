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
interface Change {
  kind: string;
  changed: string[];
  before: Field | null;
  after: Field | null;
}
interface Page {
  nodes: Change[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null; startCursor: string | null };
}

const ARGUMENTS =
  'from: DateTime, to: DateTime, fromVersion: ID, toVersion: ID, knownAt: DateTime, first: Int, after: String, last: Int, before: String';
const DECLARED = ARGUMENTS.replaceAll(/(\w+):/g, '$$$1:');
const GIVEN = ARGUMENTS.replaceAll(/(\w+): \w+/g, '$1: $$$1');
const CHANGES = `query ($ref: AssetRef!, ${DECLARED}) { asset(ref: $ref) { ... on Dataset { fieldChanges(${GIVEN}) {
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  nodes { kind changed before { id name type description } after { id name type description } }
} } } }`;
const SET = 'mutation ($input: SetFieldsInput!) { setFields(input: $input) { asset { revision } } }';
const RENAME = 'mutation ($input: RenameFieldInput!) { renameField(input: $input) { asset { revision } } }';
const FIELDS = `query ($ref: AssetRef!, $asOf: DateTime) {
  asset(ref: $ref, asOf: $asOf) { ... on Dataset { fields { id name type description } } }
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

type Given = { name: string; type?: string; description?: string };
const table = (...fields: Given[]): Promise<SeededAsset> => seed.dataset(`changes-${++count}`, { fields });
const set = (ref: SeededAsset, ...fields: Given[]) => owner.data(SET, { input: { ref: ref.id, fields } });
const rename = (ref: SeededAsset, field: string, name: string) =>
  owner.data(RENAME, { input: { ref: ref.id, field, name } });

async function changes(ref: SeededAsset, more: object, as = owner): Promise<Page> {
  const answer = await as.data<{ asset: { fieldChanges: Page } }>(CHANGES, { ref: ref.id, ...more });
  return answer.asset.fieldChanges;
}

/** "KIND before → after (what differs)", in the order of the answer. */
const told = ({ nodes }: Page): string[] =>
  nodes.map(({ kind, changed, before, after }) =>
    [`${kind} ${before?.name ?? '-'} → ${after?.name ?? '-'}`, ...changed].join(' '),
  );

describe('The changes of fields', () => {
  it('are what was added, removed, renamed and changed between two times, with before and after', async () => {
    const start = await betweenWrites();
    const data = await table(
      { name: 'a', type: 'int' },
      { name: 'b', description: 'one' },
      { name: 'c' },
      { name: 'd' },
    );
    const made = await betweenWrites();
    await set(data, { name: 'new' }, { name: 'd' }, { name: 'b', description: 'two' }, { name: 'a', type: 'text' });
    await rename(data, 'a', 'z');
    const later = await betweenWrites();
    const both = await changes(data, { from: made });
    expect(told(both)).toEqual([
      'RENAMED a → z name type',
      'CHANGED b → b description',
      'REMOVED c → -',
      'ADDED - → new',
    ]);
    expect(both.nodes[0]).toMatchObject({ before: { name: 'a', type: 'int' }, after: { name: 'z', type: 'text' } });
    expect(both.nodes[0]?.before?.id).toBe(both.nodes[0]?.after?.id);
    expect(both.nodes[1]).toMatchObject({ before: { description: 'one' }, after: { description: 'two' } });
    expect(both.totalCount).toBe(4);
    expect(await changes(data, { from: made, to: later })).toEqual(both);
    expect(told(await changes(data, { from: later }))).toEqual([]);
    expect(told(await changes(data, { from: start, to: made }))).toHaveLength(4);
    // As it had been recorded by then: nothing had changed yet.
    expect(told(await changes(data, { from: start, to: later, knownAt: made }))).toEqual(
      told(await changes(data, { from: start, to: made })),
    );
    expect(told(await changes(data, { from: made, to: later, knownAt: made }))).toEqual([]);
  });

  it('can be asked between versions, and between a version and a time', async () => {
    const data = await table({ name: 'a' });
    const v1 = await seed.datasetVersion(data.id, '1');
    await betweenWrites();
    await rename(data, 'a', 'b');
    await betweenWrites();
    const v2 = await seed.datasetVersion(data.id, '2');
    await betweenWrites();
    await set(data, { name: 'b', type: 'int' });
    expect(told(await changes(data, { fromVersion: v1, toVersion: v2 }))).toEqual(['RENAMED a → b name']);
    expect(told(await changes(data, { fromVersion: v2 }))).toEqual(['CHANGED b → b type']);
    expect(told(await changes(data, { fromVersion: v1 }))).toEqual(['RENAMED a → b name type']);
    const other = await seed.datasetVersion((await table({ name: 'a' })).id, '1');
    const foreign = await owner.error(CHANGES, { ref: data.id, fromVersion: other });
    expect(foreign.extensions.code).toBe('NOT_FOUND');
    const missing = await owner.error(CHANGES, { ref: data.id, fromVersion: 'none' });
    expect(missing.message.replace('none', other)).toBe(foreign.message);
  });

  it('are paged both ways, each once', async () => {
    const data = await table();
    const start = await betweenWrites();
    const names = Array.from({ length: 23 }, (_, index) => `column_${index}`);
    await set(data, ...names.map((name) => ({ name })));
    const forward: string[] = [];
    let after: string | null = null;
    do {
      const page: Page = await changes(data, { from: start, first: 5, after });
      expect(page.totalCount).toBe(23);
      forward.push(...page.nodes.map((each) => each.after?.name ?? ''));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(forward.toSorted()).toEqual(names.toSorted());
    const last = await changes(data, { from: start, last: 4 });
    expect(last.nodes.map((each) => each.after?.name)).toEqual(forward.slice(-4));
    const before = await changes(data, { from: start, last: 4, before: last.pageInfo.startCursor });
    expect(before.nodes.map((each) => each.after?.name)).toEqual(forward.slice(-8, -4));
  });

  it.each<[string, object, RegExp]>([
    [
      'two first states',
      { from: '2026-01-01T00:00:00Z', fromVersion: 'x' },
      /Give either `from` or `fromVersion`, or neither for all\./,
    ],
    ['two second states', { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z', toVersion: 'x' }, /or neither/],
    [
      'states the wrong way round',
      { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      /Give the earlier one/,
    ],
    ['a time to come', { from: '2126-01-01T00:00:00Z' }, /`from` is 2126-01-01T00:00:00.000Z, which is in the future/],
  ])('are refused with %s', async (_what, given, message) => {
    const { id: ref } = await table();
    expect((await owner.error(CHANGES, { ref, ...given })).message).toMatch(message);
  });

  it('are seen by whoever sees the data set, and not told of to others', async () => {
    const data = await seed.dataset(`changes-${++count}`, { fields: [{ name: 'secret' }], visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const from = '2026-01-01T00:00:00Z';
    expect(told(await changes(data, { from }))).toEqual(['ADDED - → secret']);
    expect(await stranger.data(CHANGES, { ref: data.id, from })).toEqual({ asset: null });
    expect(told(await changes(data, {}))).toEqual(['ADDED - → secret']);
    const open = await table({ name: 'open' });
    expect(told(await changes(open, { from }, stranger))).toEqual(['ADDED - → open']);
  });

  it('of many data sets are read by as many statements as those of one', async () => {
    for (let made = 0; made < 3; made += 1) await table({ name: 'a' });
    const query = `query ($n: [String!], $first: Int!) { assets(first: $first, filter: { namespaces: $n, nameContains: "changes-" }) { nodes {
      ... on Dataset { fieldChanges(from: "2026-01-01T00:00:00Z", first: 10) { nodes { kind } } } } } }`;
    const statements = async (first: number): Promise<number> => {
      server.statements.length = 0;
      await owner.data(query, { n: [server.namespace], first });
      return server.statements.length;
    };
    expect(await statements(4)).toBe(await statements(1));
  });
});

it('between any two times are what differs of what is shown as of them', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const field = fc.record({ name, type: fc.constantFrom('int', 'text') });
  const state = fc.uniqueArray(field, { selector: (each) => each.name, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(state, name, name), { minLength: 2, maxLength: 4 }), async (steps) => {
      const data = await table();
      const seen: { at: string; fields: Map<string, Field> }[] = [];
      for (const [fields, from, to] of steps) {
        await set(data, ...fields);
        await owner.ask(RENAME, { input: { ref: data.id, field: from, name: to } });
        const at = await betweenWrites();
        const { asset } = await owner.data<{ asset: { fields: Field[] } }>(FIELDS, { ref: data.id, asOf: at });
        seen.push({ at, fields: new Map(asset.fields.map((each) => [each.id, each])) });
      }
      for (const [index, { at: from, fields: before }] of seen.entries()) {
        for (const { at: to, fields: after } of seen.slice(index)) {
          const { nodes } = await changes(data, { from, to });
          const made = new Map(before);
          for (const each of nodes) {
            expect(each.before ?? null).toEqual(before.get(each.before?.id ?? '') ?? null);
            if (each.after) made.set(each.after.id, each.after);
            else made.delete(each.before?.id ?? '');
          }
          expect(new Set(made.values())).toEqual(new Set(after.values()));
          expect(nodes.every((each) => each.before === null || each.after === null || each.changed.length > 0)).toBe(
            true,
          );
        }
      }
    }),
    { numRuns: 8 },
  );
}, 120_000);
