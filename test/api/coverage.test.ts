import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Orphans {
  edges: { reason: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
}

const ORPHANS = `query ($kinds: [AssetKind!], $first: Int, $after: String) { orphans(kinds: $kinds, first: $first, after: $after) {
  edges { reason node { id } } pageInfo { hasNextPage endCursor } } }`;
const COVERAGE = `query ($namespaces: [String!], $since: DateTime, $days: Int) {
  lineageCoverage(namespaces: $namespaces, since: $since, staleAfterDays: $days) { runs runsWithInputs runsWithOutputs
    runsWithBoth observedOnly declaredOnly observedAndDeclared hiddenFlows sourceCount sources { source liveClaims stale } } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

/** Every orphan of the shared database that is one of the given assets, page by page. */
async function orphansAmong(ids: readonly string[], args: Record<string, unknown> = {}, as = owner) {
  const found = new Map<string, string>();
  let after: string | null = null;
  do {
    const page: Orphans = (await as.data<{ orphans: Orphans }>(ORPHANS, { first: 200, ...args, after })).orphans;
    for (const { node, reason } of page.edges) if (ids.includes(node.id)) found.set(node.id, reason);
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after !== null);
  return found;
}

describe('orphans', () => {
  it('are told with what they lack, by kind, until that is mended', { timeout: 300_000 }, async () => {
    const [lone, read, job, blind, model, used, live, secret, retired] = [
      await seed.dataset('o-lone'),
      await seed.dataset('o-read'),
      await seed.transformation('o-job'),
      await seed.transformation('o-blind'),
      await seed.model('o-model'),
      await seed.model('o-used'),
      await seed.deployment('o-live'),
      await seed.dataset('o-secret', { visibility: 'RESTRICTED' }),
      await seed.dataset('o-retired'),
    ];
    await owner.data(`mutation { retireAsset(input: { ref: "${retired.id}", retired: true }) { asset { id } } }`);
    await seed.flow([read.id, job.id], [job.id, model.id], [used.id, job.id], [read.id, blind.id]);
    const ids = [lone, read, job, blind, model, used, live, secret, retired].map(({ id }) => id);
    const expected = [
      [lone.id, 'UNCONNECTED'],
      [blind.id, 'PRODUCES_NOTHING'],
      [used.id, 'NOT_PRODUCED'],
      [live.id, 'SERVES_NOTHING'],
    ];
    expect([...(await orphansAmong(ids))]).toEqual([...expected, [secret.id, 'UNCONNECTED']]);
    expect([...(await orphansAmong(ids, {}, await server.user()))]).toEqual(expected);
    expect([...(await orphansAmong(ids, { kinds: ['MODEL', 'DEPLOYMENT'] }))]).toEqual(expected.slice(2));
    await seed.flow([used.id, live.id], [lone.id, blind.id], [blind.id, used.id]);
    expect([...(await orphansAmong(ids))]).toEqual([[secret.id, 'UNCONNECTED']]);
    const { orphans } = await owner.data<{ orphans: { totalCount: number } }>('{ orphans { totalCount } }');
    expect(orphans.totalCount).toBeGreaterThan(0);
  });

  it('refuse a page that is none and a cursor of another list', async () => {
    expect(await owner.code(ORPHANS, { first: 0 })).toBe('BAD_USER_INPUT');
    expect(await owner.code(ORPHANS, { first: 201 })).not.toBe('INTERNAL_SERVER_ERROR');
    expect(await owner.code(ORPHANS, { first: 1, after: 'nonsense' })).toBe('BAD_USER_INPUT');
  });
});

describe('lineageCoverage', () => {
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
    const runs = { runs: 3, runsWithInputs: 2, runsWithOutputs: 1, runsWithBoth: 1 };
    expect(await ask(owner)).toEqual({
      ...runs,
      ...{ observedOnly: 1, declaredOnly: 1, observedAndDeclared: 1, hiddenFlows: 0, sourceCount: 2 },
      sources: [
        { source: 'weftline/runs', liveClaims: 2, stale: false },
        { source: 'manual', liveClaims: 2, stale: false },
      ],
    });
    expect(await ask(await server.user())).toMatchObject({
      ...runs,
      ...{ observedOnly: 1, declaredOnly: 0, observedAndDeclared: 1, hiddenFlows: 1 },
    });
    expect(await ask(owner, { since: new Date().toISOString() })).toMatchObject({ runs: 0, observedOnly: 1 });
    expect(await ask(owner, { namespaces: ['there is none'] })).toMatchObject({ runs: 0, sourceCount: 0 });
  });

  it('finds sources that have gone silent', { timeout: 300_000 }, async () => {
    const namespace = `${server.namespace}-stale`;
    const own = new Seed(owner, namespace);
    const [data, job] = [await own.dataset('data'), await own.transformation('job')];
    await own.flow([data.id, job.id]);
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('MATCH (:Asset {id: $id})-[c:FEEDS]->() SET c.recordedAt = $past, c.validFrom = $past', {
        id: data.id,
        past: new Date(Date.now() - 40 * 86_400_000),
      }),
    );
    for (const [days, stale] of [
      [30, true],
      [60, false],
    ] as const) {
      const { lineageCoverage } = await owner.data<{ lineageCoverage: unknown }>(COVERAGE, {
        ...{ namespaces: [namespace], days },
      });
      expect(lineageCoverage).toMatchObject({ sources: [{ source: 'manual', liveClaims: 1, stale }] });
    }
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
  });
});
