/** What was approved goes on by itself: once, as who asked, by what they may then; and it tells what came of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { node, Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

interface Approval {
  id: string;
  state: string;
  continuation: string;
  stoppedBecause: string | null;
  allowed: string | null;
  request: { mutation: string; input: Record<string, unknown> } | null;
  decision: { id: string } | null;
  resource: { id: string } | null;
}
const FIELDS = 'id state continuation stoppedBecause allowed request decision { id } resource { id }';
const APPROVE = `mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) { policyApproval { ${FIELDS} } } }`;
const REJECT = `mutation ($input: DecideApprovalInput!) { rejectDecision(input: $input) { policyApproval { ${FIELDS} } } }`;
const LIST = `query ($filter: PolicyApprovalFilter) { policyApprovals(first: 50, filter: $filter) { totalCount nodes { ${FIELDS} } } }`;
const SHOWN = `query ($id: ID!) { node(id: $id) { ... on PolicyApproval { ${FIELDS} } } }`;
const PUBLISH =
  'mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id } } }';
const RETIRE = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { retiredAt } } }';
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';
const VERSIONS =
  'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { versions { nodes { id version bytes } } } } }';
const LAUNCH = `mutation ($input: LaunchTrainingInput!) { made: launchTraining(input: $input) { __typename ... on TrainingJob { id }
  ... on LaunchDenied { reasons { rule message policyApproval } } } }`;
const PUBLISH_MODEL =
  'mutation ($input: PublishModelVersionInput!) { publishModelVersion(input: $input) { modelVersion { id } } }';
const RELEASED =
  '__typename ... on Release { id modelVersion { id } promotedFrom { id } rolledBackTo { id } } ... on DeployDenied { reasons { rule message policyApproval } }';
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { ${RELEASED} } }`;
const PROMOTE = `mutation ($input: PromoteReleaseInput!) { made: promoteRelease(input: $input) { ${RELEASED} } }`;
const ROLL_BACK = `mutation ($input: RollbackReleaseInput!) { made: rollbackRelease(input: $input) { ${RELEASED} } }`;
const SERVES = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment { current { id modelVersion { id } promotedFrom { id } rolledBackTo { id } }
  releases { totalCount } } } }`;
const DIGEST = `sha256:${'5'.repeat(64)}`;
const ORIGIN = { requestId: 'test', operation: 'test' };
const ASKS = forbidding('asks', 'context.approvals.independent < 1', 'approval');

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let owner: Client;
let requester: Client;
let data: SeededAsset;
let keys = 0;

beforeAll(async () => {
  ({ server, stop } = await policyServer());
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());
beforeEach(async () => {
  [owner, requester] = [await server.user(), await server.user()];
  const team = await server.team(owner, requester);
  const seed = new Seed(owner, `${server.namespace}-a${(keys += 1)}`);
  data = await seed.dataset('data', { owners: [{ owner: team, role: 'OWNER' }] });
  await enforce(admin, { 'a.cedar': PERMIT_ALL + ASKS });
});

const input = (version = '1') => ({ dataset: data.id, version, digest: DIGEST, bytes: '9007199254740993' });
const asked = async (as: Client, version = '1'): Promise<string> => {
  const error = await as.error(PUBLISH, { input: input(version) });
  return String(error.extensions['policyApproval']);
};
const given = async (as: Client, approval: string): Promise<Approval> =>
  (await as.data<{ approveDecision: { policyApproval: Approval } }>(APPROVE, { input: { approval } })).approveDecision
    .policyApproval;
const shown = async (as: Client, id: string): Promise<Approval | null> =>
  (await as.data<{ node: Approval | null }>(SHOWN, { id })).node;
const versions = async (): Promise<{ id: string; version: string; bytes: string }[]> =>
  (await owner.data<{ asset: { versions: { nodes: never[] } } }>(VERSIONS, { ref: data.id })).asset.versions.nodes;
const written = (cypher: string, parameters: Record<string, unknown>) =>
  server.graph.write(ORIGIN, (tx) => tx.run(cypher, parameters as never));

describe('What was approved', () => {
  it('is done at once, as it was asked for, and the approval tells what came of it', async () => {
    const approval = await asked(requester);
    expect(await shown(requester, approval)).toMatchObject({ state: 'REQUESTED', continuation: 'WAITING' });
    expect((await shown(owner, approval))?.request).toMatchObject({
      mutation: 'publishDatasetVersion',
      input: { dataset: data.id, version: '1', bytes: '9007199254740993' },
    });
    const done = await given(owner, approval);
    const [version, ...others] = await versions();
    expect(others).toEqual([]);
    expect(version?.bytes).toBe('9007199254740993');
    expect(done).toMatchObject({
      ...{ state: 'APPROVED', continuation: 'DONE', allowed: version?.id, stoppedBecause: null, request: null },
    });
    expect(
      await owner.data('query ($id: ID!) { node(id: $id) { ... on DatasetVersion { version } } }', { id: version?.id }),
    ).toEqual({
      node: { version: '1' },
    });
    // Sent again, it finds what was done.
    expect(await requester.code(PUBLISH, { input: input() })).toBe('CONFLICT');
    expect(await versions()).toHaveLength(1);
  });

  it('is done once when it is approved and sent again at the same moment', { timeout: 300_000 }, async () => {
    for (let round = 0; round < 10; round += 1) {
      const approval = await asked(requester, `r${round}`);
      await Promise.all([given(owner, approval), requester.ask(PUBLISH, { input: input(`r${round}`) })]);
      expect(await shown(owner, approval)).toMatchObject({ continuation: 'DONE' });
    }
    expect(await versions()).toHaveLength(10);
  });

  it('is done by a later look when the server broke off between', async () => {
    const approval = await asked(requester);
    await written(
      `// test.crash
MATCH (p:PolicyApproval {id: $id}) SET p.state = 'APPROVED', p.deciderId = $by, p.decidedAt = $at, p.continuation = 'DUE', p.dueAt = $at`,
      { id: approval, by: owner.userId, at: new Date() },
    );
    await Promise.all([server.weftline.goingOn.look(), server.weftline.goingOn.look()]);
    const [version, ...others] = await versions();
    expect(others).toEqual([]);
    expect(await shown(owner, approval)).toMatchObject({ continuation: 'DONE', allowed: version?.id });
  });

  it('is done at once, however many wait longer', async () => {
    const waiting = await asked(requester, 'v2');
    await written(
      `// test.queue
MATCH (p:PolicyApproval {id: $id}) WITH properties(p) AS asked UNWIND range(1, 100) AS number
CREATE (q:PolicyApproval) SET q = asked {.*, id: $id + number, state: 'APPROVED', continuation: 'DUE', dueAt: $at}`,
      { id: waiting, at: new Date(0) },
    );
    const approval = await asked(requester);
    expect(await given(owner, approval)).toMatchObject({ continuation: 'DONE' });
    await written('// test.unqueue\nMATCH (p:PolicyApproval) WHERE p.id STARTS WITH $id AND p.id <> $id DELETE p', {
      id: waiting,
    });
  });

  it('is not done any more where who asked has no right to it, and says so', async () => {
    const approval = await asked(requester);
    await owner.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { __typename } }', {
      input: { ref: data.id, owners: [{ owner: owner.userId, role: 'OWNER' }] },
    });
    const stopped = await given(owner, approval);
    expect(stopped).toMatchObject({ state: 'APPROVED', continuation: 'STOPPED', allowed: null });
    expect(stopped.stoppedBecause).toContain('You may not EDIT');
    expect(await versions()).toEqual([]);
  });

  it('is decided anew: a label that came between is in the way, and the approval says so', async () => {
    const secret = forbidding('secret', 'context.labels.classification.rank > 1');
    await owner.data(LABEL, { input: { asset: data.id, dimension: 'classification', values: ['PUBLIC'] } });
    await enforce(admin, { 'a.cedar': PERMIT_ALL + ASKS + secret });
    const approval = await asked(requester);
    await owner.data(LABEL, { input: { asset: data.id, dimension: 'classification', values: ['RESTRICTED'] } });
    const stopped = await given(owner, approval);
    expect(stopped).toMatchObject({ continuation: 'STOPPED' });
    expect(stopped.stoppedBecause).toContain('POLICY:secret');
    expect(await versions()).toEqual([]);
  });

  it('of an asset that is retired waits no longer than its refusal', async () => {
    const error = await requester.error(RETIRE, { input: { ref: data.id } });
    const approval = String(error.extensions['policyApproval']);
    const refused = await owner.data<{ rejectDecision: { policyApproval: Approval } }>(REJECT, { input: { approval } });
    expect(refused.rejectDecision.policyApproval).toMatchObject({
      state: 'REJECTED',
      continuation: 'ASK_AGAIN',
      request: null,
    });
    expect(await owner.data('query ($ref: AssetRef!) { asset(ref: $ref) { retiredAt } }', { ref: data.id })).toEqual({
      asset: { retiredAt: null },
    });
  });

  it('of a launch is launched once, also when the launch is sent again', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const bench = await Workbench.open(server, `going-on-${keys}`);
    await enforce(admin, { 'a.cedar': PERMIT_ALL + ASKS });
    const order = bench.order(node('process.exit(0)'), { idempotencyKey: `going-on-${keys}` });
    interface Made {
      made: { __typename: string; id?: string; reasons?: { policyApproval: string }[] };
    }
    const { made } = await bench.owner.data<Made>(LAUNCH, { input: order });
    const approval = made.reasons?.[0]?.policyApproval ?? '';
    const [done, again] = await Promise.all([given(admin, approval), bench.owner.data<Made>(LAUNCH, { input: order })]);
    expect(done.continuation).toBe('DONE');
    const last = await bench.owner.data<Made>(LAUNCH, { input: order });
    expect(last.made).toEqual({ __typename: 'TrainingJob', id: done.allowed });
    expect([last.made.id, undefined]).toContain(again.made.id);
  });
});

describe('A release that was approved', () => {
  interface Served {
    id: string;
    modelVersion: { id: string };
    promotedFrom: { id: string } | null;
    rolledBackTo: { id: string } | null;
  }
  interface Made {
    made: Served & { __typename: string; reasons?: { policyApproval: string }[] };
  }
  let bench: Workbench;
  let versionIds: string[];
  let [staging, production] = [{ id: '' }, { id: '' }];

  beforeEach(async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    bench = await Workbench.open(server, `released-${keys}`);
    versionIds = [];
    for (const [name, digit] of [
      ['1', '1'],
      ['2', '2'],
    ] as const) {
      const version = await bench.seed.modelVersion(bench.model.id, name, { digest: `sha256:${digit.repeat(64)}` });
      // Who wrote the code of it is known by its run, and so who may approve.
      await bench.seed.run(bench.trainer.id, [bench.version], [version]);
      versionIds.push(version);
    }
    [staging, production] = [
      await bench.seed.deployment(`staging-${keys}`),
      await bench.seed.deployment(`production-${keys}`),
    ];
  });
  const asking = () => enforce(admin, { 'a.cedar': PERMIT_ALL + ASKS });
  const made = async (mutation: string, input: Record<string, unknown>) =>
    (await bench.owner.data<Made>(mutation, { input })).made;
  const serving = async (deployment: string): Promise<{ current: Served | null; releases: { totalCount: number } }> =>
    (
      await bench.owner.data<{ asset: { current: Served | null; releases: { totalCount: number } } }>(SERVES, {
        ref: deployment,
      })
    ).asset;

  it('by a promotion is promoted by itself, once, with where it came from', async () => {
    const first = await made(DEPLOY, { deployment: staging.id, modelVersion: versionIds[0] });
    await asking();
    const input = { from: staging.id, to: production.id };
    const denied = await made(PROMOTE, input);
    const approval = denied.reasons?.[0]?.policyApproval ?? '';
    expect(await shown(bench.owner, approval)).toMatchObject({ continuation: 'WAITING' });
    expect((await serving(production.id)).current).toBeNull();
    const done = await given(admin, approval);
    const { current, releases } = await serving(production.id);
    expect(current).toMatchObject({ modelVersion: { id: versionIds[0] }, promotedFrom: { id: first.id } });
    expect(done).toMatchObject({ continuation: 'DONE', allowed: current?.id });
    expect(await made(PROMOTE, input)).toMatchObject({ __typename: 'Release', id: current?.id });
    expect(releases.totalCount).toBe(1);
  });

  it('by a promotion stops where another version serves at its source by then, and nothing is promoted', async () => {
    await made(DEPLOY, { deployment: staging.id, modelVersion: versionIds[0] });
    await asking();
    const denied = await made(PROMOTE, { from: staging.id, to: production.id });
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    await made(DEPLOY, { deployment: staging.id, modelVersion: versionIds[1] });
    await asking();
    const stopped = await given(admin, denied.reasons?.[0]?.policyApproval ?? '');
    expect(stopped).toMatchObject({ state: 'APPROVED', continuation: 'STOPPED', allowed: null });
    expect(stopped.stoppedBecause).toContain('What was approved has changed since');
    expect((await serving(production.id)).current).toBeNull();
  });

  it('by a rollback goes back by itself, and stops where something else serves by then than was expected', async () => {
    const [first, second] = [
      await made(DEPLOY, { deployment: production.id, modelVersion: versionIds[0] }),
      await made(DEPLOY, { deployment: production.id, modelVersion: versionIds[1] }),
    ];
    await asking();
    const denied = await made(ROLL_BACK, { deployment: production.id, expectedCurrent: second.id });
    const done = await given(admin, denied.reasons?.[0]?.policyApproval ?? '');
    const { current } = await serving(production.id);
    expect(current).toMatchObject({ modelVersion: { id: versionIds[0] }, rolledBackTo: { id: first.id } });
    expect(done).toMatchObject({ continuation: 'DONE', allowed: current?.id });

    const forth = await made(ROLL_BACK, { deployment: production.id, to: second.id, expectedCurrent: current?.id });
    await bench.owner.data('mutation ($input: EndReleaseInput!) { endRelease(input: $input) { release { id } } }', {
      input: { deployment: production.id },
    });
    const stopped = await given(admin, forth.reasons?.[0]?.policyApproval ?? '');
    expect(stopped).toMatchObject({ continuation: 'STOPPED', allowed: null });
    expect(stopped.stoppedBecause).toMatch(/serves|expected/);
    expect((await serving(production.id)).current).toBeNull();
  });

  it('is one of a model version that is published by itself, and of an asset that is retired by itself', async () => {
    await asking();
    const asksFor = async (mutation: string, input: Record<string, unknown>): Promise<string> =>
      String((await bench.owner.error(mutation, { input })).extensions['policyApproval']);
    const publishing = { model: bench.model.id, version: 'approved', digest: DIGEST, metrics: { loss: 0.5 } };
    const published = await given(admin, await asksFor(PUBLISH_MODEL, publishing));
    expect(published.continuation).toBe('DONE');
    expect(
      await bench.owner.data('query ($id: ID!) { node(id: $id) { ... on ModelVersion { version metrics } } }', {
        id: published.allowed,
      }),
    ).toEqual({ node: { version: 'approved', metrics: { loss: 0.5 } } });
    const retired = await given(admin, await asksFor(RETIRE, { ref: staging.id }));
    expect(retired).toMatchObject({ continuation: 'DONE', allowed: staging.id });
    expect(
      await bench.owner.data('query ($ref: AssetRef!) { asset(ref: $ref) { retiredAt } }', { ref: staging.id }),
    ).toEqual({ asset: { retiredAt: expect.any(String) as string } });
  });
});

describe('An export that was approved', () => {
  it('does not leave by itself, and leaves when it is asked for again', async () => {
    const fetched = (): Promise<Response> =>
      fetch(`${owner.address}/api/v1/export/openlineage?asset=${data.id}`, {
        headers: { authorization: `Bearer ${requester.token ?? ''}` },
      });
    const denied = await fetched();
    expect(denied.status).toBe(403);
    const { errors } = (await denied.json()) as { errors: { extensions: Record<string, string> }[] };
    const approval = errors[0]?.extensions['policyApproval'] ?? '';
    expect(await given(owner, approval)).toMatchObject({ state: 'APPROVED', continuation: 'ASK_AGAIN', allowed: null });
    expect((await fetched()).status).toBe(200);
  });
});

describe('Approvals', () => {
  it('are listed for who asked and who may answer, and to others they are not there', async () => {
    const approval = await asked(requester);
    const [stranger, auditor] = [await server.user(), await server.user({ role: 'AUDITOR' })];
    const listed = async (as: Client, filter: Record<string, unknown> | null): Promise<string[]> => {
      const { policyApprovals } = await as.data<{ policyApprovals: { totalCount: number; nodes: Approval[] } }>(LIST, {
        filter,
      });
      expect(policyApprovals.totalCount).toBe(policyApprovals.nodes.length);
      return policyApprovals.nodes.map(({ id }) => id);
    };
    expect(await listed(requester, null)).toEqual([approval]);
    expect(await listed(owner, { open: true, states: ['REQUESTED'] })).toEqual([approval]);
    expect(await listed(owner, { askedByMe: true })).toEqual([]);
    expect(await listed(requester, { askedByMe: true })).toEqual([approval]);
    expect(await listed(stranger, null)).toEqual([]);
    expect(await listed(admin, { open: true })).toContain(approval);
    expect(await listed(auditor, null)).toContain(approval);
    expect((await shown(stranger, approval))?.request).toBeNull();
    expect((await shown(auditor, approval))?.request).toBeNull();
    await given(owner, approval);
    expect(await listed(owner, { open: true })).toEqual([]);
    expect(await listed(owner, { states: ['APPROVED'] })).toEqual([approval]);
  });
});
