import { awaitDecisions } from '../../src/governance/gate/gate.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QualityRecorder } from '../../src/catalog/quality/quality-recorder.repository.js';
import type { QualityResult } from '../../src/catalog/quality/quality.js';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added repeated } }';
const RESULT = `kind field measuredAt source assertion success severity name description expected observed params
  metrics { rowCount bytes fileCount lastUpdated nullCount distinctCount count sum min max quantiles { quantile value } }
  dataset { id } version { id } reportedBy { id } run { id }`;
const QUALITY = `query ($ids: [ID!]!, $first: Int, $after: String, $kind: QualityKind, $success: Boolean, $field: String) {
  nodes(ids: $ids) { ... on DatasetVersion {
    qualityStatus { verdict passed warned failed checkedAt }
    quality(first: $first, after: $after, kind: $kind, success: $success, field: $field) {
      totalCount pageInfo { hasNextPage endCursor } nodes { ${RESULT} }
    } } } }`;
const HISTORY = `query ($ref: AssetRef!, $first: Int, $after: String, $last: Int, $assertion: String, $field: String) {
  asset(ref: $ref) { ... on Dataset { qualityHistory(first: $first, after: $after, last: $last, assertion: $assertion, field: $field) {
    totalCount pageInfo { hasNextPage endCursor } nodes { ${RESULT} } } } } }`;
const NOON = '2026-11-01T12:00:00.000Z';
const LATER = '2026-11-02T12:00:00.000Z';

interface Result {
  [name: string]: unknown;
  assertion: string | null;
  measuredAt: string;
}
interface Page {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  nodes: Result[];
}
interface OfVersion {
  qualityStatus: { verdict: string; passed: number; warned: number; failed: number; checkedAt: string | null };
  quality: Page;
}

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

const FIELDS = [{ name: 'id' }, { name: 'amount' }];

async function published(more = {}): Promise<{ dataset: string; version: string }> {
  const dataset = (await seed.dataset(`quality-${(count += 1)}`, { fields: FIELDS, ...more })).id;
  return { dataset, version: await seed.datasetVersion(dataset) };
}

const passed = { assertion: 'not_null', field: 'id', success: true };

async function report(input: object, as = owner): Promise<{ added: number; repeated: number }> {
  const given = { source: 'tests', measuredAt: NOON, ...input };
  return (await as.data<{ reportQuality: { added: number; repeated: number } }>(REPORT, { input: given }))
    .reportQuality;
}

async function refusal(input: object, as = owner): Promise<string> {
  const given = { source: 'tests', measuredAt: NOON, ...input };
  const { message, extensions } = await as.error(REPORT, { input: given });
  return `${extensions.code}: ${message}`;
}

async function qualityOf(version: string, more: object = {}, as = owner): Promise<OfVersion> {
  const { nodes } = await as.data<{ nodes: OfVersion[] }>(QUALITY, { ids: [version], ...more });
  if (!nodes[0]) throw new Error('There is no such version.');
  return nodes[0];
}

async function historyOf(ref: string, more: object = {}, as = owner): Promise<Page> {
  return (await as.data<{ asset: { qualityHistory: Page } }>(HISTORY, { ref, ...more })).asset.qualityHistory;
}

const entriesOf = async (target: string): Promise<number> => {
  const query =
    'query ($target: ID!) { audit(first: 50, filter: { target: $target, actions: ["quality:report"] }) { totalCount } }';
  return (await owner.data<{ audit: { totalCount: number } }>(query, { target })).audit.totalCount;
};

/** An auditor session of now; what is recorded from here on is not there for it. */
async function freeze(): Promise<Client> {
  const admin = await server.user({ role: 'ADMIN' });
  const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret session { id } } }';
  const { openAuditorSession } = await admin.data<{ openAuditorSession: { secret: string; session: { id: string } } }>(
    open,
  );
  return new Client(server.address, openAuditorSession.secret, openAuditorSession.session.id);
}

describe('A report of quality', () => {
  it('is told of the version and in the history of the data set as it was given', async () => {
    const { dataset, version } = await published();
    const job = (await seed.transformation(`measures-${count}`)).id;
    const run = await seed.run(job, [version], []);
    const full = {
      ...{ assertion: 'accepted_values', field: 'id', success: false, severity: 'WARN', name: ' ids ' },
      ...{ description: 'Ids are known.', expected: '1000', observed: '999', params: { values: [1, 'two'] } },
    };
    const metrics = {
      ...{ rowCount: 344, bytes: '9007199254740993', fileCount: 2, lastUpdated: NOON },
      fields: [
        {
          ...{ field: 'amount', nullCount: 0, distinctCount: 7, count: 344, sum: -1.5e300, min: -0.25, max: 12 },
          quantiles: [
            { quantile: 0.75, value: 9 },
            { quantile: 0.5, value: 4.5 },
          ],
        },
      ],
    };
    const answer = await report({ version, run, assertions: [full], metrics });
    expect(answer).toEqual({ added: 3, repeated: 0 });
    const { quality, qualityStatus } = await qualityOf(version);
    const nothing = { rowCount: null, bytes: null, fileCount: null, lastUpdated: null };
    const noValues = { nullCount: null, distinctCount: null, count: null, sum: null, min: null, max: null };
    const about = {
      ...{ measuredAt: NOON, source: 'tests', dataset: { id: dataset }, version: { id: version } },
      ...{ reportedBy: { id: owner.userId }, run: { id: run } },
    };
    const measured = {
      ...{ kind: 'METRIC', assertion: null, success: null, severity: null, name: null, description: null },
      ...{ expected: null, observed: null, params: null },
    };
    const byField = new Map(quality.nodes.map((node) => [node['field'], node]));
    expect(byField.get('id')).toEqual({ ...about, ...full, kind: 'ASSERTION', name: 'ids', metrics: null });
    expect(byField.get(null)).toEqual({
      ...{ ...about, ...measured, field: null },
      metrics: {
        ...{ rowCount: 344, bytes: '9007199254740993', fileCount: 2, lastUpdated: NOON },
        ...{ ...noValues, quantiles: [] },
      },
    });
    const [{ field: _field, quantiles, ...ofAmount }] = metrics.fields as [(typeof metrics.fields)[0]];
    expect(byField.get('amount')).toEqual({
      ...{ ...about, ...measured, field: 'amount' },
      metrics: { ...nothing, ...ofAmount, quantiles: [...quantiles].reverse() },
    });
    expect(qualityStatus).toEqual({ verdict: 'WARNED', passed: 0, warned: 1, failed: 0, checkedAt: NOON });
    expect((await historyOf(dataset)).nodes).toEqual(quality.nodes);
  });

  it('adds nothing and leaves no trace when it is repeated, by whomever', async () => {
    const { dataset, version } = await published();
    const input = { version, assertions: [passed], metrics: { rowCount: 1 } };
    expect(await report(input)).toEqual({ added: 2, repeated: 0 });
    expect(await report(input)).toEqual({ added: 0, repeated: 2 });
    const admin = await server.user({ role: 'ADMIN' });
    expect(await report(input, admin)).toEqual({ added: 0, repeated: 2 });
    expect(await report({ ...input, assertions: [passed, passed, { ...passed, observed: '0' }] })).toEqual({
      added: 1,
      repeated: 3,
    });
    expect((await historyOf(dataset)).totalCount).toBe(3);
    expect(await entriesOf(version)).toBe(2);
  });

  it('is kept once by two who send it at the same time', async () => {
    const { dataset, version } = await published();
    const assertions = Array.from({ length: 20 }, (_, n) => ({ assertion: `test_${n}`, success: true }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        report({ version, assertions: n % 2 === 0 ? assertions : [...assertions].reverse() }),
      ),
    );
    expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(20);
    expect((await historyOf(dataset)).totalCount).toBe(20);
  });

  it('needs EDIT, and a data set that is seen, in use and known', async () => {
    const { dataset, version } = await published();
    const hidden = await published({ visibility: 'RESTRICTED' });
    const stranger = await server.user();
    expect(await refusal({ version, assertions: [passed] }, stranger)).toMatch(/^FORBIDDEN: You may not EDIT /);
    expect(await refusal({ version: hidden.version, assertions: [passed] }, stranger)).toMatch(/^NOT_FOUND: /);
    expect(await refusal({ dataset: hidden.dataset, assertions: [passed] }, stranger)).toMatch(/^NOT_FOUND: /);
    const model = (await seed.model(`model-${count}`)).id;
    expect(await refusal({ dataset: model, assertions: [passed] })).toMatch(/a DATASET is needed/);
    expect(await refusal({ version: await seed.modelVersion(model), assertions: [passed] })).toMatch(/DATASET/);
    await owner.data(`mutation { retireAsset(input: { ref: "${dataset}" }) { asset { id } } }`);
    expect(await refusal({ version, assertions: [passed] })).toMatch(/^CONFLICT: .* is retired/);
  });

  it('names a run that the caller may see', async () => {
    const { version } = await published();
    const job = (await seed.transformation(`hidden-${count}`, { visibility: 'RESTRICTED' })).id;
    const run = await seed.run(job, [version], []);
    const other = await server.user();
    const elsewhere = new Seed(other, `${server.namespace}-other`);
    const { id } = await elsewhere.dataset('theirs');
    const input = { dataset: id, run, assertions: [{ assertion: 'unique', success: true }] };
    expect(await refusal(input, other)).toBe(`NOT_FOUND: There is no run ${run}, or you may not know of it.`);
    expect(await report({ version, run, assertions: [passed] })).toMatchObject({ added: 1 });
    expect((await qualityOf(version)).quality.nodes[0]?.['run']).toEqual({ id: run });
    expect((await qualityOf(version, {}, other)).quality.nodes[0]?.['run']).toBeNull();
  });
});

describe('Bad input', () => {
  const field = (more: object) => ({ metrics: { fields: [{ field: 'id', ...more }] } });
  const BAD: [string, object, RegExp][] = [
    ['no result', {}, /^BAD_USER_INPUT: The report holds no result/],
    ['empty lists', { assertions: [], metrics: { fields: [] } }, /`metrics` holds no number/],
    ['no source', { source: '  ', assertions: [passed] }, /`source` is empty/],
    ['an empty test', { assertions: [passed, { ...passed, assertion: ' ' }] }, /`assertions\[1\]\.assertion` is empty/],
    ['an empty field', { assertions: [{ ...passed, field: '' }] }, /`assertions\[0\]\.field` is empty/],
    ['an empty name', { assertions: [{ ...passed, name: '\t' }] }, /name/],
    ['a name nobody sees', { assertions: [{ ...passed, assertion: 'a\u0000' }] }, /control character U\+0000/],
    ['half a character', { assertions: [{ ...passed, observed: '\ud800' }] }, /surrogate/],
    ['a field it has not', { assertions: [{ ...passed, field: 'idd' }] }, /^NOT_FOUND: .*no field "idd".*"id"/],
    ['parameters that are a list', { assertions: [{ ...passed, params: [1] }] }, /params` must be a JSON object/],
    ['a time to come', { measuredAt: '2999-01-01T00:00:00Z', assertions: [passed] }, /`measuredAt` .* in the future/],
    ['data of the future', { metrics: { lastUpdated: '2999-01-01T00:00:00Z' } }, /lastUpdated` .* in the future/],
    ['no time', { measuredAt: 'yesterday', assertions: [passed] }, /^BAD_USER_INPUT: .*DateTime/],
    ['a word for NaN', field({ sum: 'NaN' }), /^BAD_USER_INPUT: /],
    ['a count below zero', field({ nullCount: -1 }), /`metrics\.fields\[0\]\.nullCount` is -1/],
    ['a count of halves', field({ count: 1.5 }), /^BAD_USER_INPUT: .*BigInt/],
    ['a count beyond 64 bits', { metrics: { rowCount: '99999999999999999999' } }, /^BAD_USER_INPUT: .*BigInt/],
    ['a field of no number', field({}), /`metrics\.fields\[0\]` holds no number/],
    ['a quantile above one', field({ quantiles: [{ quantile: 1.01, value: 1 }] }), /quantile 1\.01/],
    [
      'a quantile twice',
      field({ quantiles: [0.5, 0.1, 0.5].map((quantile) => ({ quantile, value: 1 })) }),
      /quantile 0\.5 twice/,
    ],
    [
      'a field twice',
      { metrics: { fields: [1, 2].map((nullCount) => ({ field: 'id', nullCount })) } },
      /the field "id" twice/,
    ],
    [
      '1,001 tests',
      { assertions: Array.from({ length: 1_001 }, (_, n) => ({ ...passed, assertion: `t${n}` })) },
      /^LIMIT_EXCEEDED: /,
    ],
    [
      '1,000 tests and a number',
      {
        assertions: Array.from({ length: 1_000 }, (_, n) => ({ ...passed, assertion: `t${n}` })),
        metrics: { rowCount: 1 },
      },
      /^LIMIT_EXCEEDED: The report holds 1001 results/,
    ],
  ];

  it.each(BAD)('is refused with what is wrong: %s', async (_what, input, fault) => {
    const { dataset, version } = await published();
    expect(await refusal({ version, ...input })).toMatch(fault);
    expect((await historyOf(dataset)).totalCount).toBe(0);
    expect(await entriesOf(version)).toBe(0);
  });

  it('is refused where a number is too large to be one', async () => {
    const { version } = await published();
    const body = JSON.stringify({
      query: REPORT,
      variables: { input: { version, source: 's', measuredAt: NOON, ...field({ sum: 12345 }) } },
    }).replace('12345', '1e999');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${owner.token ?? ''}` };
    const response = await fetch(`${server.address}/graphql`, { method: 'POST', headers, body });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect((await qualityOf(version)).quality.totalCount).toBe(0);
  });

  it('names the version or the data set, and not both', async () => {
    const { dataset, version } = await published();
    for (const of of [{}, { dataset, version }])
      expect(await refusal({ ...of, assertions: [passed] })).toBe(
        'BAD_USER_INPUT: Give either `dataset` or `version`.',
      );
    expect(await refusal({ version: 'nothing', assertions: [passed] })).toMatch(/^NOT_FOUND: There is no version/);
  });

  it('takes a thousand results at once, and fields of a data set that has none, or had them', async () => {
    const { id } = await seed.dataset(`no-fields-${(count += 1)}`);
    const assertions = Array.from({ length: 1_000 }, (_, n) => ({ ...passed, field: `f${n}` }));
    expect(await report({ dataset: id, assertions })).toEqual({ added: 1_000, repeated: 0 });
    const { dataset, version } = await published();
    await owner.data(
      `mutation { setFields(input: { ref: "${dataset}", fields: [{ name: "amount" }] }) { asset { id } } }`,
    );
    expect(await report({ version, assertions: [passed] })).toMatchObject({ added: 1 });
  });
});

describe('The history', () => {
  it('goes over all versions and those not known, newest first, page by page in both directions', async () => {
    const { dataset, version } = await published();
    const second = await seed.datasetVersion(dataset, '2');
    const days = [3, 1, 4, 5, 2, 6];
    for (const day of days) {
      const of = day % 3 === 0 ? { dataset } : { version: day % 3 === 1 ? version : second };
      const failed = { ...passed, assertion: 'unique', success: false };
      await report({ ...of, measuredAt: `2026-10-0${day}T00:00:00.000Z`, assertions: [passed, failed] });
    }
    const all = await historyOf(dataset);
    expect(all.totalCount).toBe(12);
    expect(all.nodes.map(({ measuredAt }) => Number(measuredAt.slice(8, 10)))).toEqual([
      6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1,
    ]);
    const paged: Result[] = [];
    for (let after: string | null = null; ;) {
      const page: Page = await historyOf(dataset, { first: 5, after });
      paged.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(paged).toEqual(all.nodes);
    expect((await historyOf(dataset, { last: 4 })).nodes).toEqual(all.nodes.slice(-4));
    const unique = await historyOf(dataset, { assertion: 'unique' });
    expect([unique.totalCount, new Set(unique.nodes.map((node) => node.assertion))]).toEqual([6, new Set(['unique'])]);
    expect((await historyOf(dataset, { field: 'amount' })).totalCount).toBe(0);
    const mine = await qualityOf(second, { success: false });
    expect(mine.quality.nodes.map(({ measuredAt }) => measuredAt.slice(0, 10))).toEqual(['2026-10-05', '2026-10-02']);
    expect((await qualityOf(second, { kind: 'METRIC' })).quality.totalCount).toBe(0);
    const foreign = all.pageInfo.endCursor;
    expect(await owner.code(QUALITY, { ids: [second], after: foreign })).toBe('BAD_USER_INPUT');
  });

  it('is told to who sees the data set, and to an auditor as it was recorded by then', async () => {
    const { dataset, version } = await published({ visibility: 'RESTRICTED' });
    await report({ version, assertions: [passed] });
    const stranger = await server.user();
    expect(await stranger.data('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [version] })).toEqual({
      nodes: [null],
    });
    const auditor = await freeze();
    const then = [await qualityOf(version, {}, auditor), await historyOf(dataset, {}, auditor)];
    expect(then[0]).toMatchObject({ qualityStatus: { verdict: 'PASSED' }, quality: { totalCount: 1 } });
    await report({ version, measuredAt: LATER, assertions: [{ ...passed, success: false }] });
    // Measured before, and recorded later: not known then either.
    await report({ version, measuredAt: '2026-01-01T00:00:00Z', assertions: [{ ...passed, assertion: 'unique' }] });
    expect([await qualityOf(version, {}, auditor), await historyOf(dataset, {}, auditor)]).toEqual(then);
    expect(await qualityOf(version)).toMatchObject({
      qualityStatus: { verdict: 'FAILED' },
      quality: { totalCount: 3 },
    });
  });

  it('is told as it stood when it was used: by what was measured, and recorded, by then', async () => {
    const { version } = await published();
    await report({ version, assertions: [passed] });
    const recorded = new Date().toISOString();
    await expect.poll(() => new Date().toISOString()).not.toBe(recorded);
    await report({ version, measuredAt: LATER, assertions: [{ ...passed, success: false }] });
    const query = `query ($ids: [ID!]!, $asOf: DateTime, $knownAt: DateTime) { nodes(ids: $ids) { ... on DatasetVersion {
      qualityStatus(asOf: $asOf, knownAt: $knownAt) { verdict checkedAt } } } }`;
    const then = async (clocks: { asOf?: string; knownAt?: string }) =>
      (await owner.data<{ nodes: { qualityStatus: unknown }[] }>(query, { ids: [version], ...clocks })).nodes[0]
        ?.qualityStatus;
    expect(await then({})).toEqual({ verdict: 'FAILED', checkedAt: LATER });
    expect(await then({ asOf: NOON })).toEqual({ verdict: 'PASSED', checkedAt: NOON });
    expect(await then({ knownAt: recorded })).toEqual({ verdict: 'PASSED', checkedAt: NOON });
    expect(await then({ asOf: '2020-01-01T00:00:00Z' })).toEqual({ verdict: 'NOT_CHECKED', checkedAt: null });
    expect(await owner.code(query, { ids: [version], asOf: '2999-01-01T00:00:00Z' })).toBe('BAD_USER_INPUT');
  });

  it('has each result by its id, for who sees it', async () => {
    const { dataset } = await published({ visibility: 'RESTRICTED' });
    await report({ dataset, assertions: [passed] });
    const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { qualityHistory { nodes { id } } } } }`;
    const { asset } = await owner.data<{ asset: { qualityHistory: { nodes: { id: string }[] } } }>(query, {
      ref: dataset,
    });
    const id = asset.qualityHistory.nodes[0]?.id ?? '';
    const byId = 'query ($id: ID!) { node(id: $id) { ... on QualityResult { assertion version { id } } } }';
    expect(await owner.data(byId, { id })).toEqual({ node: { assertion: 'not_null', version: null } });
    expect(await (await server.user()).data(byId, { id })).toEqual({ node: null });
  });
});

describe('The status', () => {
  it('is NOT_CHECKED without tests, and counts the newest of each test of each source', async () => {
    const { dataset, version } = await published();
    await report({ version, metrics: { rowCount: 1 } });
    await report({ dataset, assertions: [{ ...passed, success: false }] });
    const unchecked = { verdict: 'NOT_CHECKED', passed: 0, warned: 0, failed: 0, checkedAt: null };
    expect((await qualityOf(version)).qualityStatus).toEqual(unchecked);
    const failing = { ...passed, success: false };
    await report({ version, assertions: [failing, { ...failing, field: 'amount', severity: 'WARN' }] });
    await report({ version, source: 'others', assertions: [passed, { ...passed, name: 'another' }] });
    const status = { passed: 2, warned: 1, failed: 1, checkedAt: NOON };
    expect((await qualityOf(version)).qualityStatus).toEqual({ verdict: 'FAILED', ...status });
    await report({ version, measuredAt: LATER, assertions: [passed] });
    const mended = { verdict: 'WARNED', passed: 3, warned: 1, failed: 0, checkedAt: LATER };
    expect((await qualityOf(version)).qualityStatus).toEqual(mended);
    // What comes late is history, and decides nothing.
    await report({ version, measuredAt: '2026-11-01T13:00:00Z', assertions: [failing] });
    expect((await qualityOf(version)).qualityStatus).toEqual(mended);
    await report({ version, measuredAt: LATER, assertions: [{ ...passed, field: 'amount' }] });
    expect((await qualityOf(version)).qualityStatus).toMatchObject({ verdict: 'PASSED', passed: 4 });
  });

  it('takes the worst of what one source says of one test at one time', async () => {
    const { version } = await published();
    await report({ version, assertions: [{ ...passed, success: false, observed: '3' }, passed] });
    expect((await qualityOf(version)).qualityStatus).toMatchObject({ verdict: 'FAILED', passed: 0, failed: 1 });
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
        const [one, other] = [await published(), await published()];
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

  type Place = Awaited<ReturnType<typeof published>>;
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
    { dataset, version }: Place,
    { place, source, at, field, test, severity, sum }: Saying,
  ): QualityResult {
    const about = {
      ...{ datasetId: dataset, versionId: place === 0 ? null : version, field, source, runId: null },
      ...{ measuredAt: new Date(at), reportedById: owner.userId },
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
    server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      new QualityRecorder(() => new Date(), awaitDecisions).record(tx, results),
    );

  /** All that is told, of whichever data set: without the ids of it, and in an order that is its own where these decide it. */
  async function told({ dataset, version }: Place): Promise<unknown> {
    const [ofVersion, history] = [await qualityOf(version, { first: 200 }), await historyOf(dataset, { first: 200 })];
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
    const [one, other] = [await published(), await published()];
    const saying: Saying = {
      ...{ place: 1, source: 'a', at: NOON, field: null, severity: null, sum: 0 },
      test: { assertion: 'unique', success: true },
    };
    const gone = { dataset: '00000000-0000-7000-8000-000000000000', version: '00000000-0000-7000-8000-000000000001' };
    const results = [one, other, gone].map((place) => resultOf(place, saying));
    expect(await record(results)).toBe(2);
    expect(await record(results)).toBe(0);
    for (const { version } of [one, other]) expect((await qualityOf(version)).quality.totalCount).toBe(1);
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
