import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const TEXT = 240_000;

let server: TestWeftline;
let owner: Client;
let ids: string[];
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  const seed = new Seed(owner, server.namespace);
  ids = [];
  for (let index = 0; index < 40; index++) ids.push((await seed.dataset(`old-${index}`)).id);
  // As they could be stored before texts had a limit.
  const { origin } = systemActor('test');
  await server.graph.write(origin, (tx) =>
    tx.run(
      'MATCH (asset:Asset) WHERE asset.id IN $ids SET asset.description = $text, asset.descriptionTokens = $tokens, asset.properties = $deep',
      {
        ids,
        text: `orders ${'lorem ipsum '.repeat(TEXT / 12)}`,
        tokens: 'orders lorem ipsum',
        deep: `{"a":${'['.repeat(2_200)}${']'.repeat(2_200)}}`,
      },
    ),
  );
});
afterAll(() => server.stop());

const aliases = (count: number, field: string): string =>
  `query ($n: [String!]) { ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;
const ASSETS = 'assets(first: 40, filter: { namespaces: $n }) { edges { node { name description } } }';
const variables = (): object => ({ n: [server.namespace] });

/** The same operation where streams are served. */
async function overStream(query: string): Promise<unknown> {
  const { events } = await owner.open(query, { ...variables() });
  return (await events.next()).value as unknown;
}

const tooMuch = { errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] };

describe('texts longer than is accepted today', () => {
  it('are read whole, one by one and by search, and highlighted in their beginning', async () => {
    const { asset } = await owner.data<{ asset: { description: string } }>(
      'query ($id: AssetRef!) { asset(ref: $id) { description } }',
      { id: ids[0] },
    );
    expect(asset.description.length).toBe(TEXT + 7);
    const found = await owner.data<{ search: { edges: { highlights: { field: string; matches: object[] }[] }[] } }>(
      `query ($n: [String!]) { search(query: "lorem", first: 3, filter: { namespaces: $n }) { edges { highlights { field matches { start end } } } } }`,
      { ...variables() },
    );
    const highlights = found.search.edges[0]?.highlights.find(({ field }) => field === 'description');
    expect(highlights?.matches.length).toBe(833);
  });

  it('are refused where an answer would hold more of them than it may, with the limit', async () => {
    expect(await owner.ask(aliases(1, ASSETS), { ...variables() })).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED', limit: 'responseBytes', maximum: 8_388_608 } }],
    });
    expect(await overStream(aliases(1, ASSETS))).toMatchObject(tooMuch);
  });

  it('are not even read where twenty aliases ask for them, on either route', async () => {
    const answer = await owner.ask(aliases(20, ASSETS), { ...variables() });
    expect(answer).toMatchObject(tooMuch);
    expect(answer.errors?.[0]?.message).toContain('reads more than 67108864 characters');
    expect(await overStream(aliases(20, ASSETS))).toMatchObject(tooMuch);
    expect(await owner.data('{ viewer { id } }')).toMatchObject({ viewer: { id: owner.userId } });
  });
});

describe('properties nested deeper than is accepted today', () => {
  const told = { $unreadable: 'What is stored here nests deeper than 200 levels.' };

  it('say so in their place, and nothing else on the page is lost', async () => {
    const { nodes } = await owner.data<{ nodes: { properties: unknown }[] }>(
      'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Dataset { name properties } } }',
      { ids },
    );
    expect(nodes.map(({ properties }) => properties)).toEqual(ids.map(() => told));
  });

  it('can be replaced, after which log and history are told as always', async () => {
    const UPDATE = 'mutation ($i: UpdateAssetInput!) { updateAsset(input: $i) { asset { properties } } }';
    const properties = { mended: randomUUID() };
    const { updateAsset } = await owner.data<{ updateAsset: unknown }>(UPDATE, { i: { ref: ids[1], properties } });
    expect(updateAsset).toEqual({ asset: { properties } });
    await server.sealed();
    const { asset } = await owner.data<{ asset: { audit: { edges: { node: object }[] } } }>(
      'query ($id: AssetRef!) { asset(ref: $id) { audit(first: 3) { edges { node { action before after } } } } }',
      { id: ids[1] },
    );
    expect(asset.audit.edges[0]?.node).toMatchObject({ before: { properties: told }, after: { properties } });
  });
});
