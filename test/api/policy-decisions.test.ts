/** What policies decide where trainings are launched: kept, seen, and made again. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { alwaysLater } from '../support/clocks.js';
import { enforce, PERMIT_ALL, policyServer } from '../support/policies.js';
import {
  decisionOf,
  type Denied,
  DIGEST,
  forbidsLaunch,
  LABEL,
  LAUNCH,
  type Made,
  PROGRAM,
  REASONS,
  REPLAY,
  replayed,
  tried,
} from '../support/policy-decisions.js';
import { Seed } from '../support/seed.js';
import { Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let keys = 0;

beforeAll(async () => {
  ({ server, stop } = await policyServer({ now: alwaysLater() }));
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());

describe('Without an active set', () => {
  it('nothing is enforced, and no decision is kept', async () => {
    const bench = await Workbench.open(server, 'free');
    expect((await tried(bench)).__typename).toBe('TrainingJob');
    const { asset } = await bench.owner.data<{ asset: { policyDecisions: { totalCount: number } } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { policyDecisions { totalCount } } }',
      { ref: bench.trainer.id },
    );
    expect(asset.policyDecisions.totalCount).toBe(0);
  });
});

describe('A launch', () => {
  let bench: Workbench;
  beforeEach(async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    bench = await Workbench.open(server, `launch-${(keys += 1)}`);
  });

  it('of what is not pinned is forbidden, and the decision shows the version that it is for', async () => {
    const set = await enforce(admin, {
      'a.cedar': PERMIT_ALL + forbidsLaunch('inputs-pinned', 'context.inputs.unpinned > 0'),
    });
    const denied = await tried(bench);
    expect(denied.__typename).toBe('LaunchDenied');
    expect(denied.reasons).toEqual([expect.objectContaining({ rule: 'POLICY:inputs-pinned' })]);
    const [reason] = denied.reasons ?? [];
    expect(reason?.message).toContain('Reason of inputs-pinned.');
    const decision = await decisionOf(bench.owner, reason?.policyDecision);
    expect(decision).toMatchObject({
      ...{ outcome: 'FORBID', policySetDigest: set.digest, policySet: { id: set.id }, allowed: null, approval: null },
      ...{ resource: { id: bench.trainer.id }, facts: { inputs: { count: 1, unpinned: 1 } } },
    });
    expect(decision?.witnesses).toContainEqual({
      fact: 'inputs.unpinned',
      steps: [{ kind: 'VERSION', id: bench.version, asset: bench.data.id, field: null }],
    });
    const pinned = await bench.seed.datasetVersion(bench.data.id, '2', { digest: DIGEST });
    const job = await tried(bench, { inputs: [pinned] });
    expect(job.__typename).toBe('TrainingJob');
    const answer = await bench.owner.data<{
      trainingJob: { policyDecisions: { nodes: { outcome: string; allowed: string }[] } };
    }>('query ($id: ID!) { trainingJob(id: $id) { policyDecisions { nodes { outcome allowed } } } }', { id: job.id });
    expect(answer.trainingJob.policyDecisions.nodes).toEqual([{ outcome: 'PERMIT', allowed: job.id }]);
  });

  it('is told by its plan what it would be told, and the plan keeps nothing', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('inputs-pinned', 'context.inputs.unpinned > 0') });
    const input = bench.order(PROGRAM, { idempotencyKey: `policy-${(keys += 1)}` });
    const { planTraining } = await bench.owner.data<{ planTraining: { accepted: boolean; reasons: Denied[] } }>(
      `query ($input: LaunchTrainingInput!) { planTraining(input: $input) { accepted ${REASONS} } }`,
      { input },
    );
    expect(planTraining).toMatchObject({
      accepted: false,
      reasons: [{ rule: 'POLICY:inputs-pinned', policyDecision: null }],
    });
  });

  it('whose purpose the labels do not permit is forbidden with the way that says why', async () => {
    const policy = forbidsLaunch('purpose', '!context.labels.purposes.contains(context.purpose)');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + policy });
    const unlabelled = await tried(bench, { purpose: 'research' });
    expect((await decisionOf(bench.owner, unlabelled.reasons?.[0]?.policyDecision))?.findings).toContainEqual(
      expect.objectContaining({ id: 'purpose', verdict: 'UNKNOWN', unknownFacts: ['labels.purposes'] }),
    );
    const raw = await bench.seed.dataset(`raw-${(keys += 1)}`);
    const rawVersion = await bench.seed.datasetVersion(raw.id);
    await bench.seed.run((await bench.seed.transformation(`clean-${keys}`)).id, [rawVersion], [bench.version]);
    await bench.owner.data(LABEL, { input: { asset: raw.id, dimension: 'purposes', values: ['research'] } });
    expect((await tried(bench, { purpose: 'research' })).__typename).toBe('TrainingJob');
    const denied = await tried(bench, { purpose: 'marketing' });
    expect(denied.reasons?.map(({ rule }) => rule)).toEqual(['POLICY:purpose']);
    const decision = await decisionOf(bench.owner, denied.reasons?.[0]?.policyDecision);
    const way = decision?.witnesses.find(({ fact }) => fact === 'labels.purposes')?.steps.map(({ id }) => id);
    expect(way?.[0]).toBe(bench.version);
    expect(way?.at(-1)).toBe(rawVersion);
  });

  it('tells its purpose, its quota and what of hidden data it read to those alone for whom they are', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('none', 'true') });
    const [viewer, editor, auditor] = [
      await server.user(),
      await server.user(),
      await server.user({ role: 'AUDITOR' }),
    ];
    await bench.owner.data(
      `mutation { grantAccess(input: { asset: "${bench.model.id}", grantee: "${editor.userId}", actions: [EDIT], purpose: "a test", until: "${new Date(Date.now() + 3_600_000).toISOString()}" }) { __typename } }`,
    );
    await bench.owner.data(
      `mutation { updateAsset(input: { ref: "${bench.data.id}", visibility: RESTRICTED }) { __typename } }`,
    );
    const denied = await tried(bench, { purpose: 'fraud-xq' });
    const id = denied.reasons?.[0]?.policyDecision;
    const ask = `{ policyDecision(id: "${id ?? ''}") { facts withheldFacts factsDigest subjects { part asset version digest } } }`;
    const told = async (as: Client) =>
      (
        await as.data<{
          policyDecision: {
            facts: Record<string, unknown>;
            withheldFacts: string[];
            factsDigest: string | null;
            subjects: { part: string; digest: string | null }[];
          };
        }>(ask)
      ).policyDecision;
    const own = await told(bench.owner);
    expect(own).toMatchObject({ facts: { purpose: 'fraud-xq', quota: { limited: false } }, withheldFacts: [] });
    expect(await told(auditor)).toEqual(own);
    expect(await told(admin)).toEqual(own);
    const { purpose: _purpose, quota, ...others } = own.facts;
    const seen = await told(viewer);
    expect(seen).toMatchObject({ withheldFacts: ['purpose', 'quota'], factsDigest: null });
    expect(seen.facts).toEqual(others);
    expect(seen.subjects.find(({ part }) => part === 'INPUT')).toEqual({
      ...{ part: 'INPUT', asset: null, version: null, digest: null },
    });
    expect(own.subjects.every(({ digest }) => digest !== null)).toBe(true);
    const edited = await told(editor);
    expect(edited).toMatchObject({ facts: { purpose: 'fraud-xq' }, withheldFacts: ['quota'], factsDigest: null });
    expect([seen, edited].some((each) => JSON.stringify(each).includes(JSON.stringify(quota)))).toBe(false);
  });

  it('by a set without a policy is denied, and the answer says so', async () => {
    await enforce(admin, {});
    const denied = await tried(bench);
    expect(denied.reasons).toEqual([expect.objectContaining({ rule: 'POLICY' })]);
    expect(denied.reasons?.[0]?.message).toContain('has no policy');
  });

  it('is not decided while the gates, or the active set, are gone from the database', async () => {
    const asked = () => ({ input: bench.order(PROGRAM, { idempotencyKey: `policy-${(keys += 1)}` }) });
    const change = async (text: string): Promise<void> => {
      await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) => tx.run(`// test.change\n${text}`, {}));
    };
    const [gates, set] = ['MATCH (g:PolicyGate) SET g.number = g.number', 'MATCH (s:PolicySet) SET s.id = '];
    for (const [gone, back] of [
      [`${gates} + 1000`, `${gates} - 1000`],
      [`${set} 'gone ' + s.id`, `${set} substring(s.id, 5)`],
    ] as const) {
      await change(gone);
      try {
        expect(await bench.owner.code(LAUNCH, asked())).toBe('INTERNAL');
      } finally {
        await change(back);
      }
    }
    expect(await bench.owner.data(LAUNCH, asked())).toMatchObject({ made: { __typename: 'TrainingJob' } });
  });

  it('of data whose last test failed is forbidden', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('quality', 'context.inputs.qualityFailed > 0') });
    await bench.owner.data('mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { __typename } }', {
      input: {
        version: bench.version,
        source: 'tests',
        measuredAt: new Date().toISOString(),
        assertions: [{ assertion: 'not_null', success: false }],
      },
    });
    expect((await tried(bench)).reasons?.map(({ rule }) => rule)).toEqual(['POLICY:quality']);
  });
});

describe('A decision', () => {
  beforeEach(() => enforce(admin, { 'a.cedar': PERMIT_ALL }));

  it('comes out the same when it is made again after policies, names and facts have changed, and says what differs', async () => {
    const bench = await Workbench.open(server, 'replay');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('quality', 'context.inputs.qualityFailed > 0') });
    const job = await tried(bench);
    const { trainingJob } = await bench.owner.data<{ trainingJob: { policyDecisions: { nodes: { id: string }[] } } }>(
      'query ($id: ID!) { trainingJob(id: $id) { policyDecisions { nodes { id } } } }',
      { id: job.id },
    );
    const id = trainingJob.policyDecisions.nodes[0]?.id ?? '';
    expect(await replayed(bench.owner, id)).toMatchObject({
      isSame: true,
      isIntact: true,
      outcome: 'PERMIT',
      changedFacts: [],
    });
    await enforce(admin, {});
    await bench.owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { __typename } }', {
      input: { ref: bench.trainer.id, name: 'replay.renamed' },
    });
    await bench.owner.data(LABEL, { input: { asset: bench.data.id, dimension: 'regions', values: ['eu'] } });
    expect(await replayed(bench.owner, id)).toMatchObject({
      ...{ isSame: true, isIntact: true, outcome: 'PERMIT' },
      changedFacts: ['labels.regions', 'unknown'],
    });
  });

  it('that was changed behind its back is not the same', async () => {
    const bench = await Workbench.open(server, 'forged');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('pinned', 'context.inputs.unpinned > 0') });
    const id = (await tried(bench)).reasons?.[0]?.policyDecision ?? '';
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run("// test.forge\nMATCH (d:PolicyDecision {id: $id}) SET d.outcome = 'PERMIT'", { id }),
    );
    expect(await replayed(bench.owner, id)).toMatchObject({ isSame: false, outcome: 'FORBID' });
  });

  it('is seen by who sees what it is about, with hidden assets as hidden, and by nobody else', async () => {
    const [owner, reader, stranger] = [await server.user(), await server.user(), await server.user()];
    const seed = new Seed(owner, `${server.namespace}-seen`);
    const data = await seed.dataset('data', { visibility: 'RESTRICTED' });
    const version = await seed.datasetVersion(data.id);
    const [trainer, model] = [await seed.transformation('train'), await seed.model('model')];
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidsLaunch('pinned', 'context.inputs.unpinned > 0') });
    const input = {
      idempotencyKey: 'seen',
      transformation: trainer.id,
      output: model.id,
      inputs: [version],
      command: ['true'],
    };
    const { made } = await owner.data<{ made: Made }>(LAUNCH, { input: { ...input, resources: { gpus: 0 } } });
    const id = made.reasons?.[0]?.policyDecision;
    const part = async (as: Client) => (await decisionOf(as, id))?.subjects.find((each) => each.part === 'INPUT');
    expect(await part(owner)).toEqual({ part: 'INPUT', asset: data.id, version });
    expect(await part(reader)).toEqual({ part: 'INPUT', asset: null, version: null });
    expect((await decisionOf(reader, id))?.witnesses[0]?.steps).toEqual([
      { kind: 'VERSION', id: null, asset: null, field: null },
    ]);
    const hidden = await seed.transformation('hidden', { visibility: 'RESTRICTED' });
    const second = { ...input, idempotencyKey: 'seen-2', transformation: hidden.id, resources: { gpus: 0 } };
    const other = (await owner.data<{ made: Made }>(LAUNCH, { input: second })).made.reasons?.[0]?.policyDecision;
    expect(await decisionOf(owner, other)).not.toBeNull();
    expect(await decisionOf(stranger, other)).toBeNull();
    expect((await stranger.data<{ replayDecision: unknown }>(REPLAY, { id: other })).replayDecision).toBeNull();
    expect(await admin.data('query ($id: ID!) { node(id: $id) { __typename } }', { id: other })).toEqual({
      node: { __typename: 'PolicyDecision' },
    });
  });
});

describe('The witness of a decision', () => {
  it('goes along columns where the label did, with the field of each step, as `labels` tells it', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const bench = await Workbench.open(server, 'columns');
    const { owner, seed } = bench;
    const [raw, clean] = [
      await seed.dataset('columns.raw', { fields: [{ name: 'email' }, { name: 'age' }] }),
      await seed.dataset('columns.clean', { fields: [{ name: 'email_hash' }, { name: 'years' }] }),
    ];
    const tidy = await seed.transformation('columns.tidy');
    const [before, after] = [await seed.datasetVersion(raw.id), await seed.datasetVersion(clean.id)];
    const run = await seed.run(tidy.id, [before], [after]);
    const fields = [
      { source: 'email', target: 'email_hash', subtype: 'TRANSFORMATION', masking: true },
      { source: 'age', target: 'years' },
    ];
    await owner.data('mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }', {
      input: { flows: [{ source: raw.id, target: clean.id, via: tidy.id, fields }] },
    });
    const declare = (more: Record<string, unknown>) =>
      owner.data(LABEL, { input: { asset: raw.id, dimension: 'personalData', ...more } });
    await declare({ values: [] });
    await declare({ field: 'email', values: ['email'] });
    await enforce(admin, {
      'a.cedar': PERMIT_ALL + forbidsLaunch('no-mail', 'context.labels.personalData.contains("email")'),
    });
    const denied = await tried(bench, { inputs: [after] });
    expect(denied.reasons?.map(({ rule }) => rule)).toEqual(['POLICY:no-mail']);
    const decision = await decisionOf(owner, denied.reasons?.[0]?.policyDecision);
    expect(decision?.witnesses.filter(({ steps }) => steps.some(({ field }) => field !== null))).toEqual([
      {
        fact: 'labels.personalData',
        steps: [
          { kind: 'VERSION', id: after, asset: clean.id, field: 'email_hash' },
          { kind: 'RUN', id: run, asset: tidy.id, field: null },
          { kind: 'VERSION', id: before, asset: raw.id, field: 'email' },
        ],
      },
    ]);
    expect(await replayed(owner, decision?.id ?? '')).toMatchObject({ isSame: true, isIntact: true });
  });
});
