/** Reports of quality: what they say, who may send them, and what is wrong with them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOON, passed, QualityWorld, REPORT } from '../support/quality.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let world: QualityWorld;

beforeAll(async () => {
  server = await startTestWeftline();
  world = await QualityWorld.of(server);
});
afterAll(() => server.stop());

describe('A report of quality', () => {
  it('is told of the version and in the history of the data set as it was given', async () => {
    const { dataset, version } = await world.published();
    const job = (await world.seed.transformation(world.named('measures'))).id;
    const run = await world.seed.run(job, [version], []);
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
    const answer = await world.report({ version, run, assertions: [full], metrics });
    expect(answer).toEqual({ added: 3, repeated: 0 });
    const { quality, qualityStatus } = await world.qualityOf(version);
    const nothing = { rowCount: null, bytes: null, fileCount: null, lastUpdated: null };
    const noValues = { nullCount: null, distinctCount: null, count: null, sum: null, min: null, max: null };
    const about = {
      ...{ measuredAt: NOON, source: 'tests', dataset: { id: dataset }, version: { id: version } },
      ...{ reportedBy: { id: world.owner.userId }, run: { id: run } },
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
    expect((await world.historyOf(dataset)).nodes).toEqual(quality.nodes);
  });

  it('adds nothing and leaves no trace when it is repeated, by whomever', async () => {
    const { dataset, version } = await world.published();
    const input = { version, assertions: [passed], metrics: { rowCount: 1 } };
    expect(await world.report(input)).toEqual({ added: 2, repeated: 0 });
    expect(await world.report(input)).toEqual({ added: 0, repeated: 2 });
    const admin = await world.server.user({ role: 'ADMIN' });
    expect(await world.report(input, admin)).toEqual({ added: 0, repeated: 2 });
    expect(await world.report({ ...input, assertions: [passed, passed, { ...passed, observed: '0' }] })).toEqual({
      added: 1,
      repeated: 3,
    });
    expect((await world.historyOf(dataset)).totalCount).toBe(3);
    expect(await world.entriesOf(version)).toBe(2);
  });

  it('is kept once by two who send it at the same time', async () => {
    const { dataset, version } = await world.published();
    const assertions = Array.from({ length: 20 }, (_, n) => ({ assertion: `test_${n}`, success: true }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        world.report({ version, assertions: n % 2 === 0 ? assertions : [...assertions].reverse() }),
      ),
    );
    expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(20);
    expect((await world.historyOf(dataset)).totalCount).toBe(20);
  });

  it('needs EDIT, and a data set that is seen, in use and known', async () => {
    const { dataset, version } = await world.published();
    const hidden = await world.published({ visibility: 'RESTRICTED' });
    const stranger = await world.server.user();
    expect(await world.refusal({ version, assertions: [passed] }, stranger)).toMatch(/^FORBIDDEN: You may not EDIT /);
    expect(await world.refusal({ version: hidden.version, assertions: [passed] }, stranger)).toMatch(/^NOT_FOUND: /);
    expect(await world.refusal({ dataset: hidden.dataset, assertions: [passed] }, stranger)).toMatch(/^NOT_FOUND: /);
    const model = (await world.seed.model(world.named('model'))).id;
    expect(await world.refusal({ dataset: model, assertions: [passed] })).toMatch(/a DATASET is needed/);
    expect(await world.refusal({ version: await world.seed.modelVersion(model), assertions: [passed] })).toMatch(
      /DATASET/,
    );
    await world.owner.data(`mutation { retireAsset(input: { ref: "${dataset}" }) { asset { id } } }`);
    expect(await world.refusal({ version, assertions: [passed] })).toMatch(/^CONFLICT: .* is retired/);
  });

  it('names a run that the caller may see', async () => {
    const { version } = await world.published();
    const job = (await world.seed.transformation(world.named('hidden'), { visibility: 'RESTRICTED' })).id;
    const run = await world.seed.run(job, [version], []);
    const other = await world.server.user();
    const elsewhere = new Seed(other, `${world.server.namespace}-other`);
    const { id } = await elsewhere.dataset('theirs');
    const input = { dataset: id, run, assertions: [{ assertion: 'unique', success: true }] };
    expect(await world.refusal(input, other)).toBe(`NOT_FOUND: There is no run ${run}, or you may not know of it.`);
    expect(await world.report({ version, run, assertions: [passed] })).toMatchObject({ added: 1 });
    expect((await world.qualityOf(version)).quality.nodes[0]?.['run']).toEqual({ id: run });
    expect((await world.qualityOf(version, {}, other)).quality.nodes[0]?.['run']).toBeNull();
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
    const { dataset, version } = await world.published();
    expect(await world.refusal({ version, ...input })).toMatch(fault);
    expect((await world.historyOf(dataset)).totalCount).toBe(0);
    expect(await world.entriesOf(version)).toBe(0);
  });

  it('is refused where a number is too large to be one', async () => {
    const { version } = await world.published();
    const body = JSON.stringify({
      query: REPORT,
      variables: { input: { version, source: 's', measuredAt: NOON, ...field({ sum: 12345 }) } },
    }).replace('12345', '1e999');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${world.owner.token ?? ''}` };
    const response = await fetch(`${world.server.address}/graphql`, { method: 'POST', headers, body });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect((await world.qualityOf(version)).quality.totalCount).toBe(0);
  });

  it('names the version or the data set, and not both', async () => {
    const { dataset, version } = await world.published();
    for (const of of [{}, { dataset, version }])
      expect(await world.refusal({ ...of, assertions: [passed] })).toBe(
        'BAD_USER_INPUT: Give either `dataset` or `version`.',
      );
    expect(await world.refusal({ version: 'nothing', assertions: [passed] })).toMatch(
      /^NOT_FOUND: There is no version/,
    );
  });

  it('takes a thousand results at once, and fields of a data set that has none, or had them', async () => {
    const { id } = await world.seed.dataset(world.named('no-fields'));
    const assertions = Array.from({ length: 1_000 }, (_, n) => ({ ...passed, field: `f${n}` }));
    expect(await world.report({ dataset: id, assertions })).toEqual({ added: 1_000, repeated: 0 });
    const { dataset, version } = await world.published();
    await world.owner.data(
      `mutation { setFields(input: { ref: "${dataset}", fields: [{ name: "amount" }] }) { asset { id } } }`,
    );
    expect(await world.report({ version, assertions: [passed] })).toMatchObject({ added: 1 });
  });
});
