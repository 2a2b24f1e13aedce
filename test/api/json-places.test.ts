import { getNamedType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JSON_LIMITS } from '../../src/json/limits.js';
import type { Client } from '../support/client.js';
import { type Place, placesOf } from '../support/inputs.js';
import { askBy, WAYS } from '../support/routes.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** Every argument and input field of the schema that takes JSON, found in the schema: a new one is tried without anybody's doing. */
let server: TestWeftline;
let admin: Client;
let places: Place[];
beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_BODY_LIMIT_BYTES: '4000000' } });
  admin = await server.user({ role: 'ADMIN' });
  places = placesOf(server.weftline.schema).filter(({ type }) => getNamedType(type).name === 'JSON');
});
afterAll(() => server.stop());

const { maxDepth, maxBytes, maxEntries } = JSON_LIMITS;
const nested = (depth: number): unknown => {
  let value: unknown = [];
  for (let level = 2; level < depth; level++) value = [value];
  return { a: value };
};
const lists = (count: number): unknown => ({ a: Array.from({ length: count - 1 }, () => 0) });
const keys = (count: number): unknown => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 0]));

/** Each just beyond a limit, with what is said of it. */
const BEYOND: [string, unknown, RegExp][] = [
  ['nests a level too deep', nested(maxDepth + 1), /^ nests deeper than 32 levels at \//],
  [
    'nests too deep by objects',
    { a: JSON.parse('{"b":'.repeat(60) + '0' + '}'.repeat(60)) as unknown },
    /^ nests deeper/,
  ],
  ['is a byte too large', { a: 'x'.repeat(maxBytes - 7) }, /^ is larger than 65,536 bytes/],
  ['is too large in characters of several bytes', { a: '€'.repeat(maxBytes / 3) }, /^ is larger than/],
  ['is too large by its keys', { ['k'.repeat(maxBytes)]: 1 }, /^ is larger than/],
  ['has an item too many', lists(maxEntries + 1), /^ holds more than 5,000 keys and items/],
  ['has a key too many', keys(maxEntries + 1), /^ holds more than 5,000 keys and items/],
  ['has half of a character', { a: '\ud83d' }, /^ holds half of a surrogate pair/],
];

/** Entries of the log that are of the user: whatever is written, or denied, leaves one. */
async function traces(): Promise<number> {
  const rows = await server.graph.read(
    { requestId: 'test', operation: 'test' },
    'MATCH (entry:AuditEntry {actorId: $id}) RETURN count(entry) AS total',
    { id: admin.userId },
  );
  return rows[0]?.int('total') ?? Number.NaN;
}

const isQuery = ({ operation }: Place): boolean => operation.startsWith('query');

describe('JSON that', () => {
  it('is looked for stands in assets, versions, runs and launches', () => {
    expect(new Set(places.map(({ field }) => field))).toEqual(
      new Set([
        'Query.planTraining',
        'Mutation.finishRun',
        'Mutation.launchTraining',
        'Mutation.publishModelVersion',
        'Mutation.registerAssets',
        'Mutation.registerDataset',
        'Mutation.registerDeployment',
        'Mutation.registerModel',
        'Mutation.registerTransformation',
        'Mutation.reportQuality',
        'Mutation.startRun',
        'Mutation.updateAsset',
        'Mutation.updateAssets',
      ]),
    );
  });

  it.each(BEYOND)('%s is refused wherever it may stand, and leaves no trace', async (_, value, fault) => {
    const before = await traces();
    for (const place of places) {
      const asking = { query: place.operation, variables: place.variables(value) };
      const ways = WAYS.filter(({ method, route }) => method === 'POST' && (route === '/graphql' || isQuery(place)));
      for (const way of ways) {
        const { errors } = await askBy(way, server.address, asking, { authorization: `Bearer ${admin.token ?? ''}` });
        const where = `${way.name} ${place.field} ${place.path}`;
        expect(errors, where).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
        const said = errors[0]?.message ?? '';
        expect(said.startsWith(`\`${place.path}\``), `${where}: ${said}`).toBe(true);
        expect(said.slice(place.path.length + 2), where).toMatch(fault);
      }
    }
    expect(await traces()).toBe(before);
  });

  it.each<[string, unknown]>([
    ['nests as deep as it may', nested(maxDepth)],
    ['is as large as it may be', { a: 'x'.repeat(maxBytes - 8) }],
    ['has as many items as it may', lists(maxEntries)],
    ['has as many keys as it may', keys(maxEntries)],
  ])('%s is not refused for that anywhere', async (_, value) => {
    for (const place of places) {
      const { errors = [] } = await admin.ask(place.operation, place.variables(value));
      for (const { message, extensions } of errors) {
        expect(extensions.code, place.field).not.toBe('INTERNAL');
        expect(message).not.toMatch(/nests deeper|is larger than|holds more than/);
      }
    }
  });
});

describe('Facets of a run', () => {
  it('are held to the limits with those it was started with, and end nothing when they are too many', async () => {
    const seed = new Seed(admin, server.namespace);
    const { id: transformation } = await seed.transformation('job');
    const START = 'mutation ($i: StartRunInput!) { startRun(input: $i) { run { id } } }';
    const FINISH = 'mutation ($i: FinishRunInput!) { finishRun(input: $i) { run { state facets } } }';
    const text = 'x'.repeat(maxBytes / 2);
    const { startRun } = await admin.data<{ startRun: { run: { id: string } } }>(START, {
      i: { transformation, facets: { one: text } },
    });
    const run = startRun.run.id;
    for (const facets of [{ other: text }, keys(maxEntries)]) {
      const { errors } = await admin.ask(FINISH, { i: { run, facets } });
      expect(errors).toMatchObject([
        {
          message: expect.stringMatching(/^`facets` together with those that the run was started with/) as string,
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ]);
    }
    expect(await admin.data('query ($id: ID!) { node(id: $id) { ... on Run { state } } }', { id: run })).toEqual({
      node: { state: 'RUNNING' },
    });
    const { finishRun } = await admin.data<{ finishRun: object }>(FINISH, {
      i: { run, facets: { one: 'short', other: text } },
    });
    expect(finishRun).toEqual({ run: { state: 'SUCCEEDED', facets: { one: 'short', other: text } } });
  });
});
