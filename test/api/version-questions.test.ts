import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Provenance {
  versions: { id: string }[];
  runs: { id: string; state: string }[];
  edges: { source: string; target: string }[];
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
}

const PROVENANCE = `query ($id: ID!, $depth: Int, $direction: Direction, $asOf: DateTime, $knownAt: DateTime) { node(id: $id) {
  ... on DatasetVersion { provenance(depth: $depth, direction: $direction, asOf: $asOf, knownAt: $knownAt) { ...P } }
  ... on ModelVersion { provenance(depth: $depth, direction: $direction, asOf: $asOf, knownAt: $knownAt) { ...P } } } }
fragment P on Provenance { versions { ... on Node { id } } runs { id state } edges { source target }
  completeness { complete hiddenNodes cutByDepth cutByPage } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

async function provenance(id: string, args: Record<string, unknown> = {}, as = owner): Promise<Provenance> {
  const variables = { id, depth: 20, direction: 'UPSTREAM', ...args };
  return (await as.data<{ node: { provenance: Provenance } }>(PROVENANCE, variables)).node.provenance;
}

const idsOf = (nodes: readonly { id: string }[]): string[] => nodes.map(({ id }) => id).sort();

/** A run that is reported now, with the times it gives. */
async function lateRun(transformation: string, inputs: string[], outputs: string[], times: [string, string]) {
  const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const begun = { transformation, inputs, startedAt: times[0] };
  const { startRun } = await owner.data<{ startRun: { run: { id: string } } }>(start, { input: begun });
  const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';
  await owner.data(finish, { input: { run: startRun.run.id, outputs, endedAt: times[1] } });
  return startRun.run.id;
}

describe('Provenance on both clocks', () => {
  it(
    'lands a run that is reported late at its own time, and does not know it before',
    { timeout: 300_000 },
    async () => {
      const [data, job, model] = [
        await seed.dataset('late-in'),
        await seed.transformation('late'),
        await seed.model('late-m'),
      ];
      const [input, output] = [await seed.datasetVersion(data.id), await seed.modelVersion(model.id)];
      const unreported = await betweenWrites();
      const run = await lateRun(job.id, [input], [output], ['2020-03-01T00:00:00.000Z', '2020-03-02T00:00:00.000Z']);
      for (const asOf of [undefined, '2020-03-02T00:00:00.000Z', unreported]) {
        const answer = await provenance(output, { asOf });
        expect([idsOf(answer.versions), idsOf(answer.runs)]).toEqual([[input], [run]]);
        expect(answer.edges).toHaveLength(2);
        expect(answer.completeness.complete).toBe(true);
      }
      for (const clocks of [
        { asOf: '2020-03-01T23:00:00.000Z' },
        { asOf: '2020-03-05T00:00:00.000Z', knownAt: unreported },
      ])
        expect(await provenance(output, clocks)).toMatchObject({
          versions: [],
          runs: [],
          completeness: { complete: true },
        });
      const halfway = await provenance(input, { direction: 'DOWNSTREAM', asOf: '2020-03-01T23:00:00.000Z' });
      expect(halfway).toMatchObject({ versions: [], runs: [{ id: run, state: 'RUNNING' }] });
    },
  );

  it('counts depth by the shortest way, and says exactly what it cuts and hides', { timeout: 300_000 }, async () => {
    const secret = await seed.dataset('secret', { visibility: 'RESTRICTED' });
    const [data, job, model] = [
      await seed.dataset('depth-in'),
      await seed.transformation('depth'),
      await seed.model('depth-m'),
    ];
    const [raw, hidden] = [await seed.datasetVersion(data.id), await seed.datasetVersion(secret.id)];
    const middle = await seed.datasetVersion(data.id, '2');
    await seed.run(job.id, [raw, hidden], [middle]);
    const output = await seed.modelVersion(model.id);
    // A diamond: the raw version is 2 hops away as well as 4.
    await seed.run(job.id, [raw, middle], [output]);
    const near = await provenance(output, { depth: 2 });
    expect(idsOf(near.versions)).toEqual([raw, middle].sort());
    expect(near.completeness).toEqual({ complete: false, hiddenNodes: 0, cutByDepth: 1, cutByPage: false });
    const member = await server.user();
    const all = await provenance(output, { depth: 10_000 }, member);
    expect(idsOf(all.versions)).toEqual([raw, middle].sort());
    expect(all.completeness).toEqual({ complete: false, hiddenNodes: 1, cutByDepth: 0, cutByPage: false });
    expect(JSON.stringify(all)).not.toContain(hidden);
  });

  it('refuses a depth out of bounds and a time in the future', async () => {
    const output = await seed.modelVersion((await seed.model('bounds')).id);
    for (const depth of [0, -1, 10_001]) {
      const { message, extensions } = await owner.error(PROVENANCE, { id: output, depth });
      expect(extensions.code).toBe('BAD_USER_INPUT');
      expect(message).toBe(`\`depth\` is ${depth}; it must be from 1 to 10000.`);
    }
    const future = new Date(Date.now() + 3_600_000).toISOString();
    for (const clock of ['asOf', 'knownAt'])
      expect((await owner.error(PROVENANCE, { id: output, depth: 1, [clock]: future })).message).toContain(
        'in the future',
      );
  });
});

interface Edge {
  node: { id: string };
  distance: number;
  runs: { id: string }[];
  hiddenRuns: number;
}

const TRAINED = `query ($model: AssetRef, $version: String, $modelVersion: ID, $asOf: DateTime, $knownAt: DateTime, $first: Int, $after: String) {
  trainedOn(model: $model, version: $version, modelVersion: $modelVersion, asOf: $asOf, knownAt: $knownAt, first: $first, after: $after) {
    edges { node { id } distance runs { id } hiddenRuns } totalCount pageInfo { hasNextPage endCursor }
    completeness { complete hiddenNodes cutByPage } } }`;
const SERVED = `query ($dataset: AssetRef, $version: String, $datasetVersion: ID, $asOf: DateTime, $knownAt: DateTime, $first: Int, $after: String) {
  deploymentsTrainedOn(dataset: $dataset, version: $version, datasetVersion: $datasetVersion, asOf: $asOf, knownAt: $knownAt, first: $first, after: $after) {
    edges { cursor node { id until deployment { id } modelVersion { id } } distance live } totalCount
    completeness { complete hiddenNodes } } }`;
const CONTAMINATION = `query ($train: ID!, $evaluation: ID!, $first: Int) { contamination(train: $train, evaluation: $evaluation, first: $first) {
  verdict totalCount hiddenFindings findings { kind trainDistance evaluationDistance version { ... on Node { id } }
  evaluationVersion { ... on Node { id } } } } }`;

interface Training {
  edges: Edge[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  completeness: { complete: boolean; hiddenNodes: number; cutByPage: boolean };
}
interface Serving {
  edges: { node: { id: string; until: string | null }; distance: number; live: boolean }[];
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number };
}

async function trainedOn(args: Record<string, unknown>, as = owner): Promise<Training> {
  const variables = { first: 25, ...args };
  return (await as.data<{ trainedOn: Training }>(TRAINED, variables)).trainedOn;
}

async function served(args: Record<string, unknown>, as = owner): Promise<Serving> {
  const variables = { first: 25, ...args };
  return (await as.data<{ deploymentsTrainedOn: Serving }>(SERVED, variables)).deploymentsTrainedOn;
}

async function deploy(modelVersion: string, deployment: string): Promise<string> {
  const query = `mutation { deployModel(input: { modelVersion: "${modelVersion}", deployment: "${deployment}" }) { ... on Release { id } } }`;
  return (await owner.data<{ deployModel: { id: string } }>(query)).deployModel.id;
}

/** Raw data is cleaned; a model is trained on it, and another is fine-tuned from that one with secret data. */
async function factory(name: string) {
  const [raw, clean, extra] = [
    await seed.dataset(`${name}-raw`),
    await seed.dataset(`${name}-clean`),
    await seed.dataset(`${name}-extra`, { visibility: 'RESTRICTED' }),
  ];
  const [cleaning, training] = [await seed.transformation(`${name}-clean`), await seed.transformation(`${name}-train`)];
  const [base, tuned] = [await seed.model(`${name}-base`), await seed.model(`${name}-tuned`)];
  const deployment = await seed.deployment(`${name}-live`);
  const v = {
    raw: await seed.datasetVersion(raw.id),
    clean: await seed.datasetVersion(clean.id),
    extra: await seed.datasetVersion(extra.id),
    base: await seed.modelVersion(base.id),
    tuned: await seed.modelVersion(tuned.id),
  };
  const runs = {
    clean: await seed.run(cleaning.id, [v.raw], [v.clean]),
    train: await seed.run(training.id, [v.clean], [v.base]),
    tune: await seed.run(training.id, [v.base, v.extra], [v.tuned]),
  };
  return { raw, clean, extra, cleaning, training, base, tuned, deployment, v, runs };
}

describe('trainedOn', () => {
  it(
    'tells the data at any remove, through models and which runs, nearest first, by pages',
    { timeout: 300_000 },
    async () => {
      const { v, runs, tuned } = await factory('told');
      const expected = [
        { node: { id: v.extra }, distance: 2, runs: [{ id: runs.tune }], hiddenRuns: 0 },
        { node: { id: v.clean }, distance: 4, runs: [{ id: runs.train }], hiddenRuns: 0 },
        { node: { id: v.raw }, distance: 6, runs: [{ id: runs.clean }], hiddenRuns: 0 },
      ];
      const whole = await trainedOn({ modelVersion: v.tuned });
      expect(whole).toMatchObject({ edges: expected, totalCount: 3, completeness: { complete: true } });
      for (const of of [{ model: tuned.urn }, { model: tuned.id, version: '1' }])
        expect((await trainedOn(of)).edges).toEqual(expected);
      const other = await seed.modelVersion(tuned.id, '2');
      expect((await trainedOn({ model: tuned.urn, version: '2' })).edges).toEqual([]);
      expect((await trainedOn({ modelVersion: other })).edges).toEqual([]);
      const page = await trainedOn({ modelVersion: v.tuned, first: 1 });
      expect(page).toMatchObject({ edges: expected.slice(0, 1), totalCount: 3, completeness: { cutByPage: true } });
      const rest = await trainedOn({ modelVersion: v.tuned, after: page.pageInfo.endCursor });
      expect(rest.edges).toEqual(expected.slice(1));
    },
  );

  it('counts hidden data and names none of it', { timeout: 300_000 }, async () => {
    const { v } = await factory('hidden');
    const answer = await trainedOn({ modelVersion: v.tuned }, await server.user());
    expect(answer.edges.map(({ node }) => node.id)).toEqual([v.clean, v.raw]);
    expect(answer.completeness).toMatchObject({ complete: false, hiddenNodes: 1 });
    expect(JSON.stringify(answer)).not.toContain(v.extra);
  });

  it('obeys both clocks', { timeout: 300_000 }, async () => {
    const [data, job, model] = [await seed.dataset('tc'), await seed.transformation('tc'), await seed.model('tc')];
    const [input, output] = [await seed.datasetVersion(data.id), await seed.modelVersion(model.id)];
    const before = await betweenWrites();
    await lateRun(job.id, [input], [output], ['2021-03-01T00:00:00.000Z', '2021-03-02T00:00:00.000Z']);
    const countAt = async (clocks: object) => (await trainedOn({ modelVersion: output, ...clocks })).totalCount;
    expect(await countAt({ asOf: '2021-03-02T00:00:00.000Z' })).toBe(1);
    expect(await countAt({ asOf: '2021-03-01T12:00:00.000Z' })).toBe(0);
    expect(await countAt({ knownAt: before })).toBe(0);
  });

  it('refuses what it cannot start from', { timeout: 300_000 }, async () => {
    const { v, raw, tuned } = await factory('refused');
    const secret = await seed.model('refused-secret', { visibility: 'RESTRICTED' });
    const secretVersion = await seed.modelVersion(secret.id);
    const stranger = await server.user();
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const unknown = '00000000-0000-7000-8000-000000000000';
    const refusals: [Record<string, unknown>, string, string][] = [
      [{}, 'BAD_USER_INPUT', 'Give either `model`'],
      [{ model: tuned.id, modelVersion: v.tuned }, 'BAD_USER_INPUT', 'Give either `model`'],
      [{ modelVersion: v.tuned, version: '1' }, 'BAD_USER_INPUT', 'Give `version` beside `model`'],
      [{ model: tuned.urn, version: '9' }, 'NOT_FOUND', `There is no version "9" of ${tuned.urn}.`],
      [{ model: secret.urn, version: '1' }, 'NOT_FOUND', `There is no asset ${secret.urn}, or you may not know of it.`],
      [{ modelVersion: v.raw }, 'BAD_USER_INPUT', 'a version of a DATASET; a version of a MODEL is needed'],
      [{ model: raw.urn }, 'BAD_USER_INPUT', 'is a DATASET; a MODEL is needed'],
      [{ modelVersion: v.tuned, first: 0 }, 'BAD_USER_INPUT', '"first" of Query.trainedOn is 0'],
      [{ modelVersion: v.tuned, first: 201 }, 'LIMIT_EXCEEDED', '"first" of Query.trainedOn is 201'],
      [{ modelVersion: v.tuned, after: 'nonsense' }, 'BAD_USER_INPUT', 'is not a cursor'],
      [{ modelVersion: v.tuned, asOf: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ modelVersion: v.tuned, knownAt: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ modelVersion: unknown }, 'NOT_FOUND', `There is no version ${unknown}, or you may not know of it.`],
      [
        { modelVersion: secretVersion },
        'NOT_FOUND',
        `There is no version ${secretVersion}, or you may not know of it.`,
      ],
      [{ model: secret.urn }, 'NOT_FOUND', `There is no asset ${secret.urn}, or you may not know of it.`],
    ];
    for (const [args, code, words] of refusals) {
      const { message, extensions } = await stranger.error(TRAINED, { first: 25, ...args });
      expect([extensions.code, message]).toEqual([code, expect.stringContaining(words)]);
    }
  });
});

describe('deploymentsTrainedOn', () => {
  it(
    'tells every release at any remove, which of them is live, and what served at a time',
    { timeout: 300_000 },
    async () => {
      const { v, raw, deployment } = await factory('served');
      const first = await deploy(v.base, deployment.id);
      const then = await betweenWrites();
      const second = await deploy(v.tuned, deployment.id);
      for (const of of [{ datasetVersion: v.raw }, { dataset: raw.urn }, { dataset: raw.urn, version: '1' }]) {
        const ever = await served(of);
        expect(ever).toMatchObject({ totalCount: 2, completeness: { complete: true, hiddenNodes: 0 } });
        expect(ever.edges).toMatchObject([
          {
            node: { id: second, until: null, deployment: { id: deployment.id }, modelVersion: { id: v.tuned } },
            distance: 6,
            live: true,
          },
          { node: { id: first }, distance: 4, live: false },
        ]);
        expect(ever.edges[1]?.node.until).not.toBeNull();
      }
      const at = await served({ datasetVersion: v.raw, asOf: then });
      expect(at.edges).toMatchObject([{ node: { id: first }, live: false }]);
      const known = await served({ datasetVersion: v.raw, knownAt: then });
      expect(known.edges).toMatchObject([{ node: { id: first, until: null }, live: true }]);
      expect((await served({ datasetVersion: v.extra })).edges).toMatchObject([{ node: { id: second } }]);
    },
  );

  it('counts releases on hidden deployments, and hides what it starts from', { timeout: 300_000 }, async () => {
    const { v, raw } = await factory('sd');
    const secret = await seed.deployment('sd-secret', { visibility: 'RESTRICTED' });
    await deploy(v.base, secret.id);
    const stranger = await server.user();
    const answer = await served({ dataset: raw.id }, stranger);
    expect(answer).toMatchObject({ edges: [], totalCount: 0, completeness: { complete: false, hiddenNodes: 1 } });
    const { message, extensions } = await stranger.error(SERVED, { first: 25, datasetVersion: v.extra });
    expect([extensions.code, message]).toEqual([
      'NOT_FOUND',
      `There is no version ${v.extra}, or you may not know of it.`,
    ]);
    expect(await owner.code(SERVED, { first: 25, datasetVersion: v.base })).toBe('BAD_USER_INPUT');
  });
});

describe('deploymentsTrainedOn, asked badly', () => {
  it('refuses what it cannot start from, and cursors of other lists', { timeout: 300_000 }, async () => {
    const { v, raw, tuned } = await factory('badly');
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const { trainedOn: other } = await owner.data<{ trainedOn: { edges: { cursor: string }[] } }>(
      `{ trainedOn(modelVersion: "${v.tuned}", first: 1) { edges { cursor } } }`,
    );
    const refusals: [Record<string, unknown>, string, string][] = [
      [{}, 'BAD_USER_INPUT', 'Give either `dataset`'],
      [{ dataset: raw.id, datasetVersion: v.raw }, 'BAD_USER_INPUT', 'Give either `dataset`'],
      [{ datasetVersion: v.raw, version: '1' }, 'BAD_USER_INPUT', 'Give `version` beside `dataset`'],
      [{ dataset: raw.urn, version: '9' }, 'NOT_FOUND', `There is no version "9" of ${raw.urn}.`],
      [{ dataset: tuned.urn }, 'BAD_USER_INPUT', 'is a MODEL; a DATASET is needed'],
      [{ dataset: raw.id, first: 0 }, 'BAD_USER_INPUT', '"first" of Query.deploymentsTrainedOn is 0'],
      [{ dataset: raw.id, first: 201 }, 'LIMIT_EXCEEDED', '"first" of Query.deploymentsTrainedOn is 201'],
      [{ dataset: raw.id, after: other.edges[0]?.cursor }, 'BAD_USER_INPUT', 'belongs to another list'],
      [{ dataset: raw.id, asOf: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ dataset: raw.id, knownAt: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ dataset: 'urn:weft:dataset:no:no' }, 'NOT_FOUND', 'There is no asset urn:weft:dataset:no:no'],
    ];
    for (const [args, code, words] of refusals) {
      const { message, extensions } = await owner.error(SERVED, { first: 25, ...args });
      expect([extensions.code, message]).toEqual([code, expect.stringContaining(words)]);
    }
    // Nothing was known before the first record.
    expect((await served({ dataset: raw.id, knownAt: '2020-01-01T00:00:00.000Z' })).totalCount).toBe(0);
    expect((await trainedOn({ modelVersion: v.tuned, knownAt: '2020-01-01T00:00:00.000Z' })).totalCount).toBe(0);
  });
});

describe('contamination', () => {
  interface Page {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    endCursor: string | null;
  }
  interface Answer {
    verdict: string;
    totalCount: number;
    hiddenFindings: number;
    findings: {
      kind: string;
      trainDistance: number;
      evaluationDistance: number;
      version: { id: string };
      evaluationVersion: { id: string };
    }[];
  }
  const between = async (train: string, evaluation: string, as = owner): Promise<Answer> =>
    (await as.data<{ contamination: Answer }>(CONTAMINATION, { train, evaluation, first: 50 })).contamination;

  it(
    'finds the evaluation itself, shared ancestors and the same bytes, and gives a verdict',
    { timeout: 300_000 },
    async () => {
      const { v, cleaning, clean, raw } = await factory('con');
      const itself = await between(v.tuned, v.clean);
      expect(itself.verdict).toBe('CONTAMINATED');
      expect(
        itself.findings.map(({ kind, version, trainDistance, evaluationDistance }) => [
          kind,
          version.id,
          trainDistance,
          evaluationDistance,
        ]),
      ).toEqual([
        ['EVALUATION_ITSELF', v.clean, 4, 0],
        ['SHARED_ANCESTOR', v.raw, 6, 2],
      ]);
      const page = async (after: string | null) =>
        (
          await owner.data<{ contamination: { findings: { version: { id: string } }[]; pageInfo: Page } }>(
            `query ($train: ID!, $evaluation: ID!, $after: String) { contamination(train: $train, evaluation: $evaluation, first: 1, after: $after) {
              findings { version { ... on Node { id } } } pageInfo { hasNextPage hasPreviousPage endCursor } } }`,
            { train: v.tuned, evaluation: v.clean, after },
          )
        ).contamination;
      const nearest = await page(null);
      expect(nearest).toMatchObject({ findings: [{ version: { id: v.clean } }], pageInfo: { hasNextPage: true } });
      expect(await page(nearest.pageInfo.endCursor)).toMatchObject({
        findings: [{ version: { id: v.raw } }],
        pageInfo: { hasNextPage: false, hasPreviousPage: true },
      });
      const { cursor } = (
        await owner.data<{ trainedOn: { edges: { cursor: string }[] } }>(
          `{ trainedOn(modelVersion: "${v.tuned}", first: 1) { edges { cursor } } }`,
        )
      ).trainedOn.edges[0] ?? { cursor: '' };
      await expect(page(cursor)).rejects.toThrow('belongs to another list');
      const otherQuestion = `{ trainedOn(modelVersion: "${v.tuned}", asOf: "${new Date().toISOString()}", after: "${cursor}") { totalCount } }`;
      expect((await owner.error(otherQuestion)).message).toContain('belongs to another question');
      const held = await seed.datasetVersion(clean.id, 'held-out');
      await seed.run(cleaning.id, [v.raw], [held]);
      expect(await between(v.base, held)).toMatchObject({
        verdict: 'RELATED',
        totalCount: 1,
        findings: [{ kind: 'SHARED_ANCESTOR', version: { id: v.raw } }],
      });
      const digest = `sha256:${'ab'.repeat(32)}`;
      const [copy, other] = [await seed.datasetVersion(raw.id, 'copy', { digest }), await seed.dataset('con-other')];
      const renamed = await seed.datasetVersion(other.id, '1', { digest });
      const model = await seed.modelVersion((await seed.model('con-m')).id);
      await seed.run(cleaning.id, [copy], [model]);
      expect(await between(model, renamed)).toMatchObject({
        verdict: 'CONTAMINATED',
        findings: [
          {
            kind: 'SAME_CONTENT',
            version: { id: copy },
            evaluationVersion: { id: renamed },
            trainDistance: 2,
            evaluationDistance: 0,
          },
        ],
      });
      const fresh = await seed.datasetVersion((await seed.dataset('con-fresh')).id);
      expect(await between(v.tuned, fresh)).toEqual({
        verdict: 'NOTHING_FOUND',
        totalCount: 0,
        hiddenFindings: 0,
        findings: [],
      });
      const unexplained = await seed.modelVersion((await seed.model('con-dropped')).id);
      expect((await between(unexplained, fresh)).verdict).toBe('UNKNOWN');
    },
  );

  it('counts hidden findings in the verdict and names none', { timeout: 300_000 }, async () => {
    const { v, cleaning } = await factory('conh');
    const evaluation = await seed.datasetVersion((await seed.dataset('conh-eval')).id);
    await seed.run(cleaning.id, [v.extra], [evaluation]);
    const answer = await between(v.tuned, evaluation, await server.user());
    expect(answer).toEqual({ verdict: 'RELATED', totalCount: 0, hiddenFindings: 1, findings: [] });
  });

  it('refuses a model as evaluation, and hides what the caller may not know', { timeout: 300_000 }, async () => {
    const { v } = await factory('conr');
    const stranger = await server.user();
    const { message, extensions } = await owner.error(CONTAMINATION, { train: v.tuned, evaluation: v.base, first: 50 });
    expect([extensions.code, message]).toEqual(['BAD_USER_INPUT', expect.stringContaining('is a version of a model')]);
    for (const evaluation of [v.extra, '00000000-0000-7000-8000-000000000000']) {
      const refused = await stranger.error(CONTAMINATION, { train: v.tuned, evaluation, first: 50 });
      expect([refused.extensions.code, refused.message]).toEqual([
        'NOT_FOUND',
        `There is no version ${v.tuned} or no version ${evaluation}, or you may not know of it.`,
      ]);
    }
    expect(await owner.code(CONTAMINATION, { train: v.tuned, evaluation: v.raw, first: 0 })).toBe('BAD_USER_INPUT');
    expect(await owner.code(CONTAMINATION, { train: v.tuned, evaluation: v.raw, first: 201 })).toBe('LIMIT_EXCEEDED');
    const at = (clock: string, time: string) =>
      `{ contamination(train: "${v.tuned}", evaluation: "${v.raw}", ${clock}: "${time}") { verdict } }`;
    for (const clock of ['asOf', 'knownAt']) {
      expect((await owner.error(at(clock, new Date(Date.now() + 3_600_000).toISOString()))).message).toContain(
        'future',
      );
      // The run that made the model was not known of, or had not been: so whether it is clean cannot be told.
      expect(await owner.data(at(clock, '2020-01-01T00:00:00.000Z'))).toEqual({
        contamination: { verdict: 'UNKNOWN' },
      });
    }
  });
});
