/** What reports of quality come to: the history of a data set, the status of a version, in whatever order they came. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QualityRecorder } from '../../src/catalog/quality/quality-recorder.repository.js';
import type { QualityResult } from '../../src/catalog/quality/quality.js';
import { awaitDecisions } from '../../src/governance/gate/gate.js';
import {
  LATER,
  NOON,
  type Page,
  passed,
  type Published,
  QUALITY,
  QualityWorld,
  type Result,
} from '../support/quality.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let world: QualityWorld;

beforeAll(async () => {
  server = await startTestWeftline();
  world = await QualityWorld.of(server);
});
afterAll(() => server.stop());

describe('The history', () => {
  it('goes over all versions and those not known, newest first, page by page in both directions', async () => {
    const { dataset, version } = await world.published();
    const second = await world.seed.datasetVersion(dataset, '2');
    const days = [3, 1, 4, 5, 2, 6];
    for (const day of days) {
      const of = day % 3 === 0 ? { dataset } : { version: day % 3 === 1 ? version : second };
      const failed = { ...passed, assertion: 'unique', success: false };
      await world.report({ ...of, measuredAt: `2026-10-0${day}T00:00:00.000Z`, assertions: [passed, failed] });
    }
    const all = await world.historyOf(dataset);
    expect(all.totalCount).toBe(12);
    expect(all.nodes.map(({ measuredAt }) => Number(measuredAt.slice(8, 10)))).toEqual([
      6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1,
    ]);
    const paged: Result[] = [];
    for (let after: string | null = null; ;) {
      const page: Page = await world.historyOf(dataset, { first: 5, after });
      paged.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(all.nodes);
    expect((await world.historyOf(dataset, { last: 4 })).nodes).toEqual(all.nodes.slice(-4));
    const unique = await world.historyOf(dataset, { assertion: 'unique' });
    expect([unique.totalCount, new Set(unique.nodes.map((node) => node.assertion))]).toEqual([6, new Set(['unique'])]);
    expect((await world.historyOf(dataset, { field: 'amount' })).totalCount).toBe(0);
    const mine = await world.qualityOf(second, { success: false });
    expect(mine.quality.nodes.map(({ measuredAt }) => measuredAt.slice(0, 10))).toEqual(['2026-10-05', '2026-10-02']);
    expect((await world.qualityOf(second, { kind: 'METRIC' })).quality.totalCount).toBe(0);
    const foreign = all.pageInfo.endCursor;
    expect(await world.owner.code(QUALITY, { ids: [second], after: foreign })).toBe('BAD_USER_INPUT');
  });

  it('is told to who sees the data set, and to an auditor as it was recorded by then', async () => {
    const { dataset, version } = await world.published({ visibility: 'RESTRICTED' });
    await world.report({ version, assertions: [passed] });
    const stranger = await world.server.user();
    expect(await stranger.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [version] })).toEqual({
      nodes: [null],
    });
    const auditor = await world.freeze();
    const then = [await world.qualityOf(version, {}, auditor), await world.historyOf(dataset, {}, auditor)];
    expect(then[0]).toMatchObject({ qualityStatus: { verdict: 'PASSED' }, quality: { totalCount: 1 } });
    await world.report({ version, measuredAt: LATER, assertions: [{ ...passed, success: false }] });
    // Measured before, and recorded later: not known then either.
    await world.report({
      version,
      measuredAt: '2026-01-01T00:00:00Z',
      assertions: [{ ...passed, assertion: 'unique' }],
    });
    expect([await world.qualityOf(version, {}, auditor), await world.historyOf(dataset, {}, auditor)]).toEqual(then);
    expect(await world.qualityOf(version)).toMatchObject({
      qualityStatus: { verdict: 'FAILED' },
      quality: { totalCount: 3 },
    });
  });

  it('is told as it stood when it was used: by what was measured, and recorded, by then', async () => {
    const { version } = await world.published();
    await world.report({ version, assertions: [passed] });
    const recorded = new Date().toISOString();
    await expect.poll(() => new Date().toISOString()).not.toBe(recorded);
    await world.report({ version, measuredAt: LATER, assertions: [{ ...passed, success: false }] });
    const query = `query ($ids: [ID!]!, $asOf: DateTime, $knownAt: DateTime) { nodes(ids: $ids) { ... on DatasetVersion {
      qualityStatus(asOf: $asOf, knownAt: $knownAt) { verdict checkedAt } } } }`;
    const then = async (clocks: { asOf?: string; knownAt?: string }) =>
      (await world.owner.data<{ nodes: { qualityStatus: unknown }[] }>(query, { ids: [version], ...clocks })).nodes[0]
        ?.qualityStatus;
    expect(await then({})).toEqual({ verdict: 'FAILED', checkedAt: LATER });
    expect(await then({ asOf: NOON })).toEqual({ verdict: 'PASSED', checkedAt: NOON });
    expect(await then({ knownAt: recorded })).toEqual({ verdict: 'PASSED', checkedAt: NOON });
    expect(await then({ asOf: '2020-01-01T00:00:00Z' })).toEqual({ verdict: 'NOT_CHECKED', checkedAt: null });
    expect(await world.owner.code(query, { ids: [version], asOf: '2999-01-01T00:00:00Z' })).toBe('BAD_USER_INPUT');
  });

  it('has each result by its id, for who sees it', async () => {
    const { dataset } = await world.published({ visibility: 'RESTRICTED' });
    await world.report({ dataset, assertions: [passed] });
    const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { qualityHistory { nodes { id } } } } }`;
    const { asset } = await world.owner.data<{ asset: { qualityHistory: { nodes: { id: string }[] } } }>(query, {
      ref: dataset,
    });
    const id = asset.qualityHistory.nodes[0]?.id ?? '';
    const byId = 'query ($id: ID!) { node(id: $id) { ... on QualityResult { assertion version { id } } } }';
    expect(await world.owner.data(byId, { id })).toEqual({ node: { assertion: 'not_null', version: null } });
    expect(await (await world.server.user()).data(byId, { id })).toEqual({ node: null });
  });
});

describe('The status', () => {
  it('is NOT_CHECKED without tests, and counts the newest of each test of each source', async () => {
    const { dataset, version } = await world.published();
    await world.report({ version, metrics: { rowCount: 1 } });
    await world.report({ dataset, assertions: [{ ...passed, success: false }] });
    const unchecked = { verdict: 'NOT_CHECKED', passed: 0, warned: 0, failed: 0, checkedAt: null };
    expect((await world.qualityOf(version)).qualityStatus).toEqual(unchecked);
    const failing = { ...passed, success: false };
    await world.report({ version, assertions: [failing, { ...failing, field: 'amount', severity: 'WARN' }] });
    await world.report({ version, source: 'others', assertions: [passed, { ...passed, name: 'another' }] });
    const status = { passed: 2, warned: 1, failed: 1, checkedAt: NOON };
    expect((await world.qualityOf(version)).qualityStatus).toEqual({ verdict: 'FAILED', ...status });
    await world.report({ version, measuredAt: LATER, assertions: [passed] });
    const mended = { verdict: 'WARNED', passed: 3, warned: 1, failed: 0, checkedAt: LATER };
    expect((await world.qualityOf(version)).qualityStatus).toEqual(mended);
    // What comes late is history, and decides nothing.
    await world.report({ version, measuredAt: '2026-11-01T13:00:00Z', assertions: [failing] });
    expect((await world.qualityOf(version)).qualityStatus).toEqual(mended);
    await world.report({ version, measuredAt: LATER, assertions: [{ ...passed, field: 'amount' }] });
    expect((await world.qualityOf(version)).qualityStatus).toMatchObject({ verdict: 'PASSED', passed: 4 });
  });

  it('takes the worst of what one source says of one test at one time', async () => {
    const { version } = await world.published();
    await world.report({ version, assertions: [{ ...passed, success: false, observed: '3' }, passed] });
    expect((await world.qualityOf(version)).qualityStatus).toMatchObject({ verdict: 'FAILED', passed: 0, failed: 1 });
  });
});

describe('Results that come within the transaction of another', () => {
  const times = [NOON, LATER];

  it('give the same answers in whatever order and however often they come', { timeout: 300_000 }, async () => {
    const said = fc.record({
      place: fc.nat(2),
      source: fc.constantFrom('a', 'b'),
      at: fc.constantFrom(...times),
      field: fc.constantFrom(null, 'id', 'amount'),
      test: fc.option(fc.record({ assertion: fc.constantFrom('not_null', 'unique'), success: fc.boolean() })),
      severity: fc.constantFrom(null, 'ERROR' as const, 'WARN' as const),
      sum: fc.double({ noNaN: true, noDefaultInfinity: true }),
    });
    const batches = fc.array(fc.array(said, { maxLength: 8 }), { minLength: 1, maxLength: 4 });
    const worlds = fc.record({ batches, order: fc.infiniteStream(fc.nat()) });
    await fc.assert(
      fc.asyncProperty(worlds, async ({ batches: given, order }) => {
        const [one, other] = [await world.published(), await world.published()];
        const shuffled = shuffle(
          [...given, ...given].map((batch) => shuffle(batch, order)),
          order,
        );
        for (const batch of given) await record(batch.map((each) => resultOf(one, each)));
        for (const batch of shuffled) await record(batch.map((each) => resultOf(other, each)));
        expect(await told(other)).toEqual(await told(one));
      }),
      { numRuns: 15 },
    );
  });

  interface Saying {
    place: number;
    source: string;
    at: string;
    field: string | null;
    test: { assertion: string; success: boolean } | null;
    severity: 'ERROR' | 'WARN' | null;
    sum: number;
  }

  function resultOf(
    { dataset, version }: Published,
    { place, source, at, field, test, severity, sum }: Saying,
  ): QualityResult {
    const about = {
      ...{ datasetId: dataset, versionId: place === 0 ? null : version, field, source, runId: null },
      ...{ measuredAt: new Date(at), reportedById: world.owner.userId },
    };
    if (test) {
      const unsaid = { name: null, description: null, expected: null, observed: null, params: {} };
      return { kind: 'ASSERTION', ...about, ...test, ...unsaid, severity };
    }
    const none = { rowCount: null, bytes: null, fileCount: null, lastUpdated: null, nullCount: null };
    const metrics = { ...none, distinctCount: null, count: 9_007_199_254_740_993n, sum, min: null, max: null };
    return { kind: 'METRIC', ...about, metrics: { ...metrics, quantiles: [] } };
  }

  const record = (results: QualityResult[]): Promise<number> =>
    world.server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      new QualityRecorder(() => new Date(), awaitDecisions).record(tx, results),
    );

  /** All that is told, of whichever data set: without the ids of it, and in an order that is its own where these decide it. */
  async function told({ dataset, version }: Published): Promise<unknown> {
    const [ofVersion, history] = [
      await world.qualityOf(version, { first: 200 }),
      await world.historyOf(dataset, { first: 200 }),
    ];
    const plain = ({ nodes, totalCount }: Page) => ({
      totalCount,
      times: nodes.map(({ measuredAt }) => measuredAt),
      results: nodes
        .map(({ dataset: _dataset, version: of, ...node }) => JSON.stringify({ ...node, known: of !== null }))
        .sort(),
    });
    return { status: ofVersion.qualityStatus, quality: plain(ofVersion.quality), history: plain(history) };
  }

  it('are of several data sets at once, and of none that is not there', async () => {
    const [one, other] = [await world.published(), await world.published()];
    const saying: Saying = {
      ...{ place: 1, source: 'a', at: NOON, field: null, severity: null, sum: 0 },
      test: { assertion: 'unique', success: true },
    };
    const gone = { dataset: '00000000-0000-7000-8000-000000000000', version: '00000000-0000-7000-8000-000000000001' };
    const results = [one, other, gone].map((place) => resultOf(place, saying));
    expect(await record(results)).toBe(2);
    expect(await record(results)).toBe(0);
    for (const { version } of [one, other]) expect((await world.qualityOf(version)).quality.totalCount).toBe(1);
  });
});

function shuffle<T>(items: readonly T[], order: Iterator<number>): T[] {
  const left = [...items];
  const shuffled: T[] = [];
  while (left.length > 0) {
    const next: unknown = order.next().value;
    shuffled.push(...left.splice((typeof next === 'number' ? next : 0) % left.length, 1));
  }
  return shuffled;
}
