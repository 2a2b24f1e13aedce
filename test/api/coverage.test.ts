import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Orphans {
  edges: { reason: string; node: { id: string; name: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

const ORPHANS = `query ($kinds: [AssetKind!], $namespaces: [String!], $lacking: Direction, $asOf: DateTime, $knownAt: DateTime, $first: Int, $after: String) {
  orphans(kinds: $kinds, namespaces: $namespaces, lacking: $lacking, asOf: $asOf, knownAt: $knownAt, first: $first, after: $after) {
    edges { reason node { id name } } totalCount pageInfo { hasNextPage endCursor } } }`;
const COVERAGE = `query ($namespaces: [String!], $since: DateTime, $days: Int) {
  lineageCoverage(namespaces: $namespaces, since: $since, staleAfterDays: $days) { runs runsWithInputs runsWithOutputs
    runsWithBoth inputShare observedOnly declaredOnly observedAndDeclared hiddenFlows } }`;
const SOURCES = `query ($namespaces: [String!], $days: Int! = 30, $staleOnly: Boolean! = false, $first: Int! = 50, $after: String) {
  lineageCoverage(namespaces: $namespaces, staleAfterDays: $days) { sources(staleOnly: $staleOnly, first: $first, after: $after) {
    edges { node { source lastStatedAt liveClaims stale } } totalCount pageInfo { hasNextPage endCursor } } } }`;

interface Sources {
  edges: { node: { source: string; lastStatedAt: string; liveClaims: number; stale: boolean } }[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

let server: TestWeftline;
let owner: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
});
afterAll(() => server.stop());

async function orphansIn(
  namespace: string,
  args: Record<string, unknown> = {},
  as = owner,
): Promise<[string, string][]> {
  const found: [string, string][] = [];
  let after: string | null = null;
  do {
    const variables = { namespaces: [namespace], first: 200, ...args, after };
    const page: Orphans = (await as.data<{ orphans: Orphans }>(ORPHANS, variables)).orphans;
    found.push(...page.edges.map(({ node, reason }): [string, string] => [node.id, reason]));
    expect(page.totalCount).toBeGreaterThanOrEqual(found.length);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

describe('orphans', () => {
  /** A namespace with one asset of each sort. */
  async function holes(word: string) {
    const namespace = `${server.namespace}-${word}`;
    const own = new Seed(owner, namespace);
    const assets = {
      lone: await own.dataset('lone'),
      read: await own.dataset('read'),
      job: await own.transformation('job'),
      blind: await own.transformation('blind'),
      model: await own.model('model'),
      used: await own.model('used'),
      live: await own.deployment('live'),
      secret: await own.dataset('secret', { visibility: 'RESTRICTED' }),
      retired: await own.dataset('retired'),
    };
    const { retired, read, job, model, used, blind } = assets;
    await owner.data(`mutation { retireAsset(input: { ref: "${retired.id}", retired: true }) { asset { id } } }`);
    await own.flow([read.id, job.id], [job.id, model.id], [used.id, job.id], [read.id, blind.id]);
    return { namespace, own, ...assets };
  }

  it('are told with what they lack, by kind, until that is mended', { timeout: 300_000 }, async () => {
    const { namespace, own, lone, blind, used, live, secret } = await holes('told');
    const expected = [
      [lone.id, 'UNCONNECTED'],
      [blind.id, 'NO_DOWNSTREAM'],
      [used.id, 'NO_UPSTREAM'],
      [live.id, 'UNCONNECTED'],
    ];
    expect(await orphansIn(namespace)).toEqual([...expected, [secret.id, 'UNCONNECTED']]);
    expect(await orphansIn(namespace, { first: 1 })).toEqual([...expected, [secret.id, 'UNCONNECTED']]);
    expect(await orphansIn(namespace, {}, await server.user())).toEqual(expected);
    expect(await orphansIn(namespace, { kinds: ['MODEL', 'DEPLOYMENT'] })).toEqual(expected.slice(2));
    expect(await orphansIn(`${namespace}-not-there`)).toEqual([]);
    await own.flow([used.id, live.id], [lone.id, blind.id], [blind.id, used.id]);
    expect(await orphansIn(namespace)).toEqual([[secret.id, 'UNCONNECTED']]);
  });

  it('are those that lack one side, when that is asked', { timeout: 300_000 }, async () => {
    const { namespace, lone, read, blind, model, used, live, secret } = await holes('sides');
    const sides: [string, [string, string][]][] = [
      [
        'UPSTREAM',
        [
          [lone.id, 'UNCONNECTED'],
          [read.id, 'NO_UPSTREAM'],
          [used.id, 'NO_UPSTREAM'],
          [live.id, 'UNCONNECTED'],
          [secret.id, 'UNCONNECTED'],
        ],
      ],
      [
        'DOWNSTREAM',
        [
          [lone.id, 'UNCONNECTED'],
          [blind.id, 'NO_DOWNSTREAM'],
          [model.id, 'NO_DOWNSTREAM'],
          [live.id, 'UNCONNECTED'],
          [secret.id, 'UNCONNECTED'],
        ],
      ],
      ['BOTH', [lone.id, live.id, secret.id].map((id): [string, string] => [id, 'UNCONNECTED'])],
    ];
    for (const [lacking, expected] of sides) expect(await orphansIn(namespace, { lacking })).toEqual(expected);
  });

  it('obey both clocks, with the names of then', { timeout: 300_000 }, async () => {
    const before = await betweenWrites();
    const { namespace, own, lone, blind, read, job } = await holes('clocks');
    const then = await betweenWrites();
    await own.flow([lone.id, blind.id]);
    await owner.data(`mutation { renameAsset(input: { ref: "${lone.id}", name: "renamed" }) { asset { id } } }`);
    const ids = async (args: object) => (await orphansIn(namespace, { kinds: ['DATASET'], ...args })).map(([id]) => id);
    expect(await ids({})).not.toContain(lone.id);
    for (const clocks of [{ asOf: then }, { knownAt: then }]) {
      expect(await ids(clocks)).toContain(lone.id);
      const { orphans } = await owner.data<{ orphans: { edges: { node: { name: string } }[] } }>(ORPHANS, {
        ...{ namespaces: [namespace], first: 1, ...clocks },
      });
      expect(orphans.edges[0]?.node.name).toBe('lone');
      expect(await ids({ [Object.keys(clocks)[0] ?? '']: before })).toEqual([]);
    }
    // Claimed to be so long ago, and known since now.
    const early = {
      flows: [{ source: read.id, target: job.id }],
      claimSource: 'late',
      validFrom: '2020-01-01T00:00:00Z',
    };
    const claim = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
    await owner.data(claim, { input: early });
    expect(await ids({ asOf: '2021-01-01T00:00:00Z' })).toEqual([]);
  });

  it('refuse what cannot be asked', async () => {
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const many = Array.from({ length: 51 }, (_each, index) => `n${index}`);
    const refusals: [Record<string, unknown>, string, string][] = [
      [{ first: 0 }, 'BAD_USER_INPUT', '"first" of Query.orphans is 0'],
      [{ first: 201 }, 'LIMIT_EXCEEDED', '"first" of Query.orphans is 201'],
      [{ after: 'nonsense' }, 'BAD_USER_INPUT', 'is not a cursor'],
      [{ kinds: [] }, 'BAD_USER_INPUT', 'Name at least one kind'],
      [{ namespaces: [] }, 'BAD_USER_INPUT', 'Name at least one namespace'],
      [{ namespaces: many }, 'LIMIT_EXCEEDED', '`namespaces` has 51 items; at most 50'],
      [{ asOf: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ knownAt: future }, 'BAD_USER_INPUT', 'in the future'],
    ];
    for (const [args, code, words] of refusals) {
      const { message, extensions } = await owner.error(ORPHANS, { first: 25, ...args });
      expect([extensions.code, message]).toEqual([code, expect.stringContaining(words)]);
    }
  });
});

describe('lineageCoverage', () => {
  const sources = async (args: Record<string, unknown>, as = owner): Promise<Sources> =>
    (await as.data<{ lineageCoverage: { sources: Sources } }>(SOURCES, args)).lineageCoverage.sources;
  const claim = (flows: { source: string; target: string }[], claimSource: string): Promise<unknown> =>
    owner.data('mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }', {
      input: { flows, claimSource },
    });

  it('counts runs with their data, and flows that were seen and said', { timeout: 300_000 }, async () => {
    const namespace = `${server.namespace}-coverage`;
    const own = new Seed(owner, namespace);
    const [data, job, model, secret] = [
      await own.dataset('data'),
      await own.transformation('job'),
      await own.model('model'),
      await own.dataset('secret', { visibility: 'RESTRICTED' }),
    ];
    const [input, output] = [await own.datasetVersion(data.id), await own.modelVersion(model.id)];
    await own.run(job.id, [input], [output]);
    await own.run(job.id, [input], []);
    await own.run(job.id, [], []);
    await own.flow([data.id, job.id], [job.id, secret.id]);
    const ask = async (as: Client, more: Record<string, unknown> = {}) =>
      (
        await as.data<{ lineageCoverage: Record<string, unknown> }>(COVERAGE, {
          ...{ namespaces: [namespace], days: 30, ...more },
        })
      ).lineageCoverage;
    const runs = { runs: 3, runsWithInputs: 2, runsWithOutputs: 1, runsWithBoth: 1, inputShare: 2 / 3 };
    expect(await ask(owner)).toEqual({
      ...runs,
      ...{ observedOnly: 1, declaredOnly: 1, observedAndDeclared: 1, hiddenFlows: 0 },
    });
    const stranger = await server.user();
    expect(await ask(stranger)).toEqual({
      ...runs,
      ...{ observedOnly: 1, declaredOnly: 0, observedAndDeclared: 1, hiddenFlows: 1 },
    });
    expect(await ask(owner, { since: new Date().toISOString() })).toMatchObject({ runs: 0, inputShare: null });
    expect(await ask(owner, { namespaces: ['there is none'] })).toMatchObject({ runs: 0, observedOnly: 0 });
    const sourcesFor = async (as: Client) =>
      (await sources({ namespaces: [namespace] }, as)).edges.map(({ node }) => [node.source, node.liveClaims]);
    expect(await sourcesFor(owner)).toEqual([
      ['weftline/runs', 2],
      ['manual', 2],
    ]);
    await claim([{ source: job.id, target: secret.id }], 'only/secret');
    expect(await sourcesFor(owner)).toHaveLength(3);
    expect(await sourcesFor(stranger)).toEqual([
      ['weftline/runs', 2],
      ['manual', 1],
    ]);
  });

  it('finds sources that have gone silent, by what they stated last', { timeout: 300_000 }, async () => {
    const namespace = `${server.namespace}-stale`;
    const own = new Seed(owner, namespace);
    const [data, job] = [await own.dataset('data'), await own.transformation('job')];
    const flows = [{ source: data.id, target: job.id }];
    for (const source of ['a', 'b', 'c']) await claim(flows, source);
    const past = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    for (const [source, days] of [
      ['a', 40],
      ['b', 50],
    ] as const) {
      await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
        tx.run(
          `MATCH (:Asset {id: $id})-[c:FEEDS {source: $source}]->() SET c.recordedAt = $past, c.validFrom = $past
           WITH DISTINCT $source AS source
           MATCH (s:ClaimStream {source: source})
           MATCH (f:ClaimedFlow {streamId: s.id, sourceId: $id})<-[st:STATES]-(r)
           SET st.recordedAt = $past, st.validFrom = $past, r.recordedAt = $past, r.validFrom = $past`,
          { id: data.id, source, past: past(days) },
        ),
      );
    }
    const stale = async (args: Record<string, unknown>) =>
      (await sources({ namespaces: [namespace], staleOnly: true, ...args })).edges.map(({ node }) => node.source);
    expect(await stale({ days: 30 })).toEqual(['b', 'a']);
    expect(await stale({ days: 45 })).toEqual(['b']);
    expect(await stale({ days: 60 })).toEqual([]);
    const page = await sources({ namespaces: [namespace], first: 1 });
    expect(page).toMatchObject({ edges: [{ node: { source: 'b', stale: true } }], totalCount: 3 });
    const rest = await sources({ namespaces: [namespace], first: 2, after: page.pageInfo.endCursor });
    expect(rest.edges.map(({ node }) => [node.source, node.stale])).toEqual([
      ['a', true],
      ['c', false],
    ]);
    expect(rest.pageInfo.hasNextPage).toBe(false);
    // Saying the same again makes no new claim, and is heard.
    await claim(flows, 'b');
    expect(await stale({ days: 30 })).toEqual(['a']);
    // So is a report that there is nothing any more: what it ended holds no longer, so its source is not stale.
    const nothing = { flows: [], claimSource: 'a', scope: 'TRANSFORMATION', transformation: job.id };
    await owner.data('mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }', {
      input: nothing,
    });
    expect(await stale({ days: 30 })).toEqual([]);
  });

  it('refuses bounds that make no sense', async () => {
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const refusals: [Record<string, unknown>, string][] = [
      [{ namespaces: [] }, 'BAD_USER_INPUT'],
      [{ namespaces: Array.from({ length: 51 }, (_, index) => `n${index}`) }, 'LIMIT_EXCEEDED'],
      [{ since: future }, 'BAD_USER_INPUT'],
      [{ days: 0 }, 'BAD_USER_INPUT'],
      [{ days: 3_651 }, 'BAD_USER_INPUT'],
    ];
    for (const [args, code] of refusals) expect(await owner.code(COVERAGE, { days: 30, ...args })).toBe(code);
    const orphan = await owner.data<{ orphans: { edges: { cursor: string }[] } }>(
      '{ orphans(first: 1) { edges { cursor } } }',
    );
    const pages: [Record<string, unknown>, string][] = [
      [{ first: 0 }, 'BAD_USER_INPUT'],
      [{ first: 201 }, 'LIMIT_EXCEEDED'],
      [{ after: 'nonsense' }, 'BAD_USER_INPUT'],
      [{ after: orphan.orphans.edges[0]?.cursor ?? '' }, 'BAD_USER_INPUT'],
    ];
    for (const [args, code] of pages) expect(await owner.code(SOURCES, args)).toBe(code);
  });
});
