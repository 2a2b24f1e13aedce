import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** A restricted data set in the middle: before → secret → after, with a version, a run that read it, and audit entries. */
const SECRET = 'top-secret-orders';
const NOWHERE = '00000000-0000-7000-8000-000000000000';

let server: TestWeftline;
let owner: Client;
let stranger: Client;
let before: SeededAsset;
let secret: SeededAsset;
let job: SeededAsset;
let version: string;
let run: string;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, stranger] = [await server.user(), await server.user()];
  await server.team(stranger);
  const seed = new Seed(owner, server.namespace);
  secret = await seed.dataset(SECRET, { visibility: 'RESTRICTED', fields: [{ name: 'iban' }] });
  [before, job] = [await seed.transformation('before'), await seed.transformation('after')];
  await seed.flow([before.id, secret.id], [secret.id, job.id]);
  version = await seed.datasetVersion(secret.id);
  run = await seed.run(job.id, [version], []);
});

afterAll(() => server.stop());

/** Both answers with what was asked for taken out of them: to the stranger there must be no difference. */
async function bothAnswers(query: string, present: string, absent: string): Promise<[string, string]> {
  const answer = async (ref: string): Promise<string> => {
    const { data, errors } = await stranger.ask(query, { ref });
    return JSON.stringify({ data, errors }).replaceAll(ref, 'REF');
  };
  return [await answer(present), await answer(absent)];
}

describe('To a stranger, a restricted asset answers like one that does not exist', () => {
  const absentUrn = (): string => secret.urn.replace(SECRET, 'no-such-orders');

  it.each([
    ['asset', 'query ($ref: AssetRef!) { asset(ref: $ref) { id name } }'],
    ['asset as of now', `query ($ref: AssetRef!) { asset(ref: $ref, asOf: "${new Date().toISOString()}") { id } }`],
    ['lineage', 'query ($ref: AssetRef!) { lineage(of: [$ref], direction: BOTH) { nodes { key } } }'],
    ['updateAsset', 'mutation ($ref: AssetRef!) { updateAsset(input: { ref: $ref, tags: [] }) { asset { id } } }'],
    ['accessGrants', 'query ($ref: AssetRef!) { accessGrants(asset: $ref) { totalCount nodes { id } } }'],
  ])('in %s, by urn and by id', async (_what, query) => {
    const [byUrn, missingUrn] = await bothAnswers(query, secret.urn, absentUrn());
    expect(byUrn).toBe(missingUrn);
    const [byId, missingId] = await bothAnswers(query, secret.id, NOWHERE);
    expect(byId).toBe(missingId);
  });

  it('in node and nodes, with its versions and what else hangs on it', async () => {
    const fields = await owner.data<{ asset: { fields: { id: string }[]; audit: { nodes: { id: string }[] } } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { id } } audit { nodes { id } } } }',
      { ref: secret.id },
    );
    const hung = [...fields.asset.fields, ...fields.asset.audit.nodes].map((each) => each.id);
    expect(hung.length).toBeGreaterThan(1);
    const ids = [secret.id, version, ...hung, NOWHERE];
    expect(await stranger.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })).toEqual({
      nodes: ids.map(() => null),
    });
    expect(await stranger.data('query ($id: ID!) { node(id: $id) { id } }', { id: secret.id })).toEqual({ node: null });
  });

  it('in lists, in their counts and in the audit log', async () => {
    const query = `query ($namespaces: [String!], $target: ID) {
      assets(filter: { namespaces: $namespaces }) { totalCount nodes { name } }
      search(query: "secret", filter: { namespaces: $namespaces }) { totalCount nodes { name } }
      audit(filter: { target: $target }) { totalCount nodes { targetName } }
    }`;
    const variables = { namespaces: [server.namespace], target: secret.id };
    const names = [{ name: 'before' }, { name: 'after' }];
    expect(await stranger.data(query, variables)).toEqual({
      assets: { totalCount: 2, nodes: expect.arrayContaining(names) as unknown },
      search: { totalCount: 0, nodes: [] },
      audit: { totalCount: 0, nodes: [] },
    });
    expect(await owner.data(query, variables)).toMatchObject({ assets: { totalCount: 3 }, search: { totalCount: 1 } });
  });
});

describe('Where a restricted asset would leave a hole, a stranger sees that something is there', () => {
  it('in lineage, as a stub without its id, name or claims', async () => {
    const query = `query ($ref: AssetRef!) { lineage(of: [$ref], direction: DOWNSTREAM) {
      totalCount completeness { complete hiddenNodes } facets { name buckets { value count } }
      nodes { key depth hidden asset { id name } } edges { source target claims { source } }
    } }`;
    interface Answer {
      nodes: { key: string; depth: number; hidden: boolean; asset: { name: string } | null }[];
      edges: { source: string; target: string; claims: unknown[] }[];
      completeness: { complete: boolean; hiddenNodes: number };
    }
    const { lineage } = await stranger.data<{ lineage: Answer }>(query, { ref: before.id });
    expect(lineage.completeness).toEqual({ complete: false, hiddenNodes: 1 });
    expect(lineage.nodes).toEqual([
      { key: expect.any(String) as string, depth: 1, hidden: true, asset: null },
      { key: job.id, depth: 2, hidden: false, asset: { id: job.id, name: 'after' } },
    ]);
    const text = JSON.stringify(lineage);
    for (const told of [secret.id, SECRET, version]) expect(text).not.toContain(told);
    const stub = lineage.nodes[0]?.key;
    const edges = lineage.edges.map(({ source, target, claims }) => ({ source, target, claims: claims.length }));
    expect(edges).toHaveLength(2);
    expect(edges).toContainEqual({ source: before.id, target: stub, claims: 0 });
    expect(edges).toContainEqual({ source: stub, target: job.id, claims: 0 });
  });

  it('under another key in each answer, so that answers cannot be joined', async () => {
    const query =
      'query ($ref: AssetRef!) { lineage(of: [$ref], direction: DOWNSTREAM, depth: 1) { nodes { key hidden } } }';
    const keys = [await stranger.data(query, { ref: before.id }), await stranger.data(query, { ref: before.id })];
    expect(JSON.stringify(keys[0])).not.toBe(JSON.stringify(keys[1]));
  });

  it('in a run, as a count of versions', async () => {
    const query =
      'query ($id: ID!) { node(id: $id) { ... on Run { inputs { __typename } hidden { inputs outputs } transformation { name } } } }';
    const answer = await stranger.data(query, { id: run });
    expect(answer).toEqual({
      node: { inputs: [], hidden: { inputs: 1, outputs: 0 }, transformation: { name: 'after' } },
    });
  });
});
