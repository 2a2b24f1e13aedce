/** What policies decide where trainings are launched and models released: kept, seen, made again, and left to people. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/ids.js';
import type { Client } from '../support/client.js';
import { alwaysLater } from '../support/clocks.js';
import { activeId, enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { node, Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

interface Denied {
  rule: string;
  message: string;
  policyDecision: string | null;
  policyApproval: string | null;
}
interface Made {
  __typename: string;
  id?: string;
  reasons?: Denied[];
}
interface Decision {
  id: string;
  outcome: string;
  findings: { id: string; verdict: string; unknownFacts: string[] }[];
  reasons: string[];
  facts: Record<string, unknown>;
  policySetDigest: string;
  policySet: { id: string } | null;
  subjects: { part: string; asset: string | null; version: string | null }[];
  witnesses: {
    fact: string;
    steps: { kind: string; id: string | null; asset: string | null; field: string | null }[];
  }[];
  resource: { id: string } | null;
  allowed: string | null;
  approval: { id: string; state: string } | null;
}

const REASONS = 'reasons { rule message policyDecision policyApproval }';
const LAUNCH = `mutation ($input: LaunchTrainingInput!) { made: launchTraining(input: $input) { __typename
  ... on TrainingJob { id } ... on LaunchDenied { ${REASONS} } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { __typename
  ... on Release { id } ... on DeployDenied { ${REASONS} } } }`;
const DECISION = `query ($id: ID!) { policyDecision(id: $id) { id outcome findings { id verdict unknownFacts } reasons facts policySetDigest
  policySet { id } subjects { part asset version } witnesses { fact steps { kind id asset field } } resource { id } allowed approval { id state } } }`;
const REPLAY = 'query ($id: ID!) { replayDecision(id: $id) { isSame isIntact outcome reasons changedFacts } }';
const APPROVE =
  'mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) { policyApproval { id state } } }';
const REJECT =
  'mutation ($input: DecideApprovalInput!) { rejectDecision(input: $input) { policyApproval { id state } } }';
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';

/** A policy about launches alone: what the tests publish is decided too. */
const forbidsLaunch = (id: string, when: string): string => forbidding(id, when, 'fail', 'launchTraining');
const DIGEST = `sha256:${'0'.repeat(64)}`;
const PROGRAM = node('process.exit(0)');
let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let keys = 0;

beforeAll(async () => {
  ({ server, stop } = await policyServer({ now: alwaysLater() }));
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());

const tried = async (bench: Workbench, more: Record<string, unknown> = {}): Promise<Made> => {
  const input = bench.order(PROGRAM, { idempotencyKey: `policy-${(keys += 1)}`, ...more });
  return (await bench.owner.data<{ made: Made }>(LAUNCH, { input })).made;
};
const decisionOf = async (as: Client, id: string | null | undefined): Promise<Decision | null> =>
  (await as.data<{ policyDecision: Decision | null }>(DECISION, { id: id ?? '' })).policyDecision;
const deployed = async (as: Client, deployment: string, modelVersion: string): Promise<Made> =>
  (await as.data<{ made: Made }>(DEPLOY, { input: { deployment, modelVersion } })).made;
const replayed = async (as: Client, id: string) =>
  (
    await as.data<{ replayDecision: { isSame: boolean; isIntact: boolean; outcome: string; changedFacts: string[] } }>(
      REPLAY,
      { id },
    )
  ).replayDecision;

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

describe('A release that wants an approval', () => {
  const FOUR_EYES = forbidding('four-eyes', 'context.approvals.independent < 1', 'approval', 'deployModel');
  let owner: Client;
  let requester: Client;
  let seed: Seed;
  let deployment: SeededAsset;
  let model: SeededAsset;

  beforeEach(async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    [owner, requester] = [await server.user(), await server.user()];
    const team = await server.team(owner, requester);
    const name = `approval-${(keys += 1)}`;
    seed = new Seed(owner, `${server.namespace}-${name}`);
    const owners = [{ owner: team, role: 'OWNER' }];
    [deployment, model] = [
      await seed.deployment(name, { environment: 'Production', owners }),
      await seed.model(name, { owners }),
    ];
    await enforce(admin, { 'a.cedar': PERMIT_ALL + FOUR_EYES });
  });

  /** A version that somebody who takes no part made, so that both owners may approve it but for who asks. */
  const version = async (name: string, by?: Client): Promise<string> => {
    const made = await seed.modelVersion(model.id, name, { digest: DIGEST });
    const author = by ?? (await server.user());
    const trainer = await new Seed(author, `${server.namespace}-code-${(keys += 1)}`).transformation('train');
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run(
        `// test.madeBy
MATCH (v:Version&Node {id: $version}), (t:Asset {id: $trainer})
CREATE (r:Run:Node {id: randomUUID(), state: 'SUCCEEDED'})-[:RUN_OF]->(t)
CREATE (r)-[:GENERATED {since: v.createdAt, recordedAt: v.createdAt}]->(v)`,
        { version: made, trainer: trainer.id },
      ),
    );
    return made;
  };

  it('waits for somebody else, is let through by their word, and by no word on another version', async () => {
    const [one, two] = [await version('1'), await version('2')];
    const denied = await deployed(requester, deployment.id, one);
    expect(denied.reasons?.map(({ rule }) => rule)).toEqual(['POLICY:four-eyes']);
    const approval = denied.reasons?.[0]?.policyApproval;
    expect((await deployed(requester, deployment.id, one)).reasons?.[0]?.policyApproval).toBe(approval);
    expect(await requester.code(APPROVE, { input: { approval } })).toBe('FORBIDDEN');
    const stranger = await server.user();
    expect(await stranger.code(APPROVE, { input: { approval } })).toBe('FORBIDDEN');
    expect(await owner.data(APPROVE, { input: { approval } })).toEqual({
      approveDecision: { policyApproval: { id: approval, state: 'APPROVED' } },
    });
    expect((await deployed(requester, deployment.id, two)).__typename).toBe('DeployDenied');
    const release = await deployed(requester, deployment.id, one);
    expect(release.__typename).toBe('Release');
    const { node: shown } = await owner.data<{ node: { policyDecisions: { nodes: Decision[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Release { policyDecisions { nodes { outcome approval { id state } } } } } }',
      { id: release.id },
    );
    expect(shown.policyDecisions.nodes).toEqual([{ outcome: 'PERMIT', approval: { id: approval, state: 'APPROVED' } }]);
  });

  it('is not approved once what it is of has changed, nor by who wrote the code', async () => {
    const one = await version('1', admin);
    const approval = (await deployed(requester, deployment.id, one)).reasons?.[0]?.policyApproval;
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }', {
      input: { ref: deployment.id, environment: 'elsewhere' },
    });
    expect((await admin.error(APPROVE, { input: { approval } })).message).toContain('code that you wrote');
    const error = await owner.error(APPROVE, { input: { approval } });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain('has changed since');
    expect(await owner.data(REJECT, { input: { approval } })).toMatchObject({
      rejectDecision: { policyApproval: { state: 'REJECTED' } },
    });
    expect(await owner.code(APPROVE, { input: { approval } })).toBe('CONFLICT');
  });
});

describe('An approval', () => {
  it('that has expired is not given any more', async () => {
    const bench = await Workbench.open(server, 'expired');
    const wants = forbidding('eyes', 'context.approvals.independent < 1', 'approval', 'launchTraining');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + wants });
    const approval = (await tried(bench)).reasons?.[0]?.policyApproval;
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('// test.expire\nMATCH (p:PolicyApproval {id: $id}) SET p.expiresAt = $at', {
        id: approval,
        at: new Date(),
      }),
    );
    expect((await admin.error(APPROVE, { input: { approval } })).message).toContain('expired at');
    expect((await tried(bench)).reasons?.[0]?.policyApproval).not.toBe(approval);
  });
});

describe('Five hundred times', () => {
  const LANES = 5;
  const ROUNDS = 100;
  const ORIGIN = { requestId: 'test', operation: 'test' };
  const restricted = (bench: Workbench, version: string) =>
    bench.owner.data(LABEL, { input: { version, dimension: 'classification', values: ['RESTRICTED'] } });

  /** As many versions more of the data of the bench, made at once. */
  const versionsOf = async ({ version }: Workbench, count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, newId);
    await server.graph.write(ORIGIN, (tx) =>
      tx.run(
        `// test.versions
MATCH (v:Version {id: $version})-[:VERSION_OF]->(a:Asset)
UNWIND $ids AS id
CREATE (n:Node:Version:DatasetVersion)-[:VERSION_OF]->(a)
SET n = v {.*, id: id, version: id, key: a.id + ':' + id}`,
        { version, ids },
      ),
    );
    return ids;
  };

  /** Launches of one version after the other, each beside a label of it; how many were let through. */
  const race = async (bench: Workbench, versions: readonly string[]): Promise<number> => {
    let [through, took] = [0, 0];
    for (const [round, version] of versions.entries()) {
      // One is sent before the other, by up to the time that a launch takes here and now: so they meet at each point of their way.
      const lead = took * ((2 * round) / ROUNDS - 1);
      const launched = delay(Math.max(0, -lead)).then(async () => {
        const began = performance.now();
        const made = await tried(bench, { inputs: [version] });
        took = performance.now() - began;
        return made;
      });
      const [made] = await Promise.all([launched, delay(Math.max(0, lead)).then(() => restricted(bench, version))]);
      const isThrough = made.__typename === 'TrainingJob';
      expect(made.reasons?.map(({ rule }) => rule)).toEqual(isThrough ? undefined : ['POLICY:holds']);
      if (isThrough) through += 1;
    }
    return through;
  };

  it(
    'a label that is declared beside a launch lets none through that ends after it',
    { timeout: 900_000 },
    async () => {
      const holds = forbidsLaunch('holds', 'context.labels.classification.rank > 1');
      await enforce(admin, { 'a.cedar': PERMIT_ALL + holds });
      expect(await activeId(admin)).not.toBeNull();
      const lanes = await Promise.all(
        Array.from({ length: LANES }, async (_, lane) => {
          const bench = await Workbench.open(server, `race-${lane}`);
          const input = { asset: bench.data.id, dimension: 'classification', values: ['PUBLIC'] };
          await bench.owner.data(LABEL, { input });
          // The first launch is planned, and takes longer than all others.
          expect((await tried(bench)).__typename).toBe('TrainingJob');
          return { bench, versions: await versionsOf(bench, ROUNDS) };
        }),
      );
      const through = await Promise.all(lanes.map(({ bench, versions }) => race(bench, versions)));
      // A launch looks at the clock once more when it has been decided, and a label once no decision is under way: recorded between, it would
      // have been left out of a launch that ended after it.
      const [row] = await server.graph.read(
        ORIGIN,
        `// test.order
UNWIND $versions AS id
MATCH (l:LabelDeclaration)-[:LABELS]->(v:Version {id: id})
OPTIONAL MATCH (d:PolicyDecision {outcome: 'PERMIT'})-[:DECIDED_ON]->(v)
OPTIONAL MATCH (j:TrainingJob {id: d.allowedId})
RETURN count(l) AS labels, count(j) AS launched, count(CASE WHEN l.recordedAt < j.createdAt THEN 1 END) AS wrong`,
        { versions: lanes.flatMap(({ versions }) => versions) },
      );
      expect(row?.int('wrong')).toBe(0);
      expect(row?.int('labels')).toBe(LANES * ROUNDS);
      expect(row?.int('launched')).toBe(through.reduce((sum, each) => sum + each, 0));
      for (const { bench, versions } of lanes)
        expect((await tried(bench, { inputs: [versions[0]] })).__typename).toBe('LaunchDenied');
    },
  );
});
