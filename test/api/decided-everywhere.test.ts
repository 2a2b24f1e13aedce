/** What policies decide beside launches and releases: publishing, retiring, what leaves; and what a dry run tells of all of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed } from '../support/seed.js';
import { node, Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

const DRY = 'dryRun { accepted wouldAskApproval reasons { rule policyDecision policyApproval } }';
const PUBLISH_DATA = `mutation ($input: PublishDatasetVersionInput!) { done: publishDatasetVersion(input: $input) {
  datasetVersion { id } ${DRY} } }`;
const PUBLISH_MODEL = `mutation ($input: PublishModelVersionInput!) { done: publishModelVersion(input: $input) {
  modelVersion { id } ${DRY} } }`;
const RETIRE = `mutation ($input: RetireAssetInput!) { done: retireAsset(input: $input) { asset { id revision retiredAt } ${DRY} } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { done: deployModel(input: $input) { __typename ... on Release { id }
  ... on DeployDenied { reasons { rule } } ... on DryRun { accepted wouldAskApproval reasons { rule policyDecision } } } }`;
const PROMOTE = DEPLOY.replace('DeployModelInput', 'PromoteReleaseInput').replace('deployModel', 'promoteRelease');
const ROLL_BACK = DEPLOY.replace('DeployModelInput', 'RollbackReleaseInput').replace('deployModel', 'rollbackRelease');
const LAUNCH = `mutation ($input: LaunchTrainingInput!) { done: launchTraining(input: $input) { __typename ... on TrainingJob { id }
  ... on LaunchDenied { reasons { rule } } ... on DryRun { accepted wouldAskApproval reasons { rule policyDecision } } } }`;
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';
const DECISION =
  'query ($id: ID!) { policyDecision(id: $id) { action outcome allowed findings { id verdict } facts } }';
const DIGEST = `sha256:${'7'.repeat(64)}`;

interface Done {
  done: Record<string, unknown> & { dryRun: { accepted: boolean; reasons: { rule: string }[] } | null };
}
let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let owner: Client;
let seed: Seed;
let keys = 0;

beforeAll(async () => {
  ({ server, stop } = await policyServer());
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());
beforeEach(async () => {
  owner = await server.user();
  seed = new Seed(owner, `${server.namespace}-e${(keys += 1)}`);
});

const decisions = async (asset: string): Promise<{ outcome: string; action: string; allowed: string | null }[]> => {
  const { asset: found } = await owner.data<{ asset: { policyDecisions: { nodes: never[] } } }>(
    'query ($ref: AssetRef!) { asset(ref: $ref) { policyDecisions { nodes { outcome action allowed } } } }',
    { ref: asset },
  );
  return found.policyDecisions.nodes;
};
const entries = async (): Promise<number> => {
  const [row] = await server.graph.read(
    { requestId: 'test', operation: 'test' },
    '// test.count\nMATCH (n:Node) RETURN count(n) AS total',
    {},
  );
  return row?.int('total') ?? 0;
};

describe('A version', () => {
  it('of data is published when policies permit it, and else the error names policy and decision', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('pinned', 'context.inputs.unpinned > 0') });
    const data = await seed.dataset('data');
    const error = await owner.error(PUBLISH_DATA, { input: { dataset: data.id, version: '1' } });
    expect(error.extensions).toMatchObject({
      ...{ code: 'FORBIDDEN', policyApproval: null, reasons: [{ rule: 'POLICY:pinned' }] },
    });
    expect(error.message).toContain('POLICY:pinned: Reason of pinned.');
    const id = String(error.extensions['policyDecision']);
    expect(await owner.data(DECISION, { id })).toMatchObject({
      policyDecision: { action: 'publishDatasetVersion', outcome: 'FORBID', allowed: null },
    });
    const { done } = await owner.data<Done>(PUBLISH_DATA, {
      input: { dataset: data.id, version: '1', digest: DIGEST },
    });
    const version = done['datasetVersion'] as { id: string };
    expect(done.dryRun).toBeNull();
    expect((await decisions(data.id))[0]).toEqual({
      ...{ outcome: 'PERMIT', action: 'publishDatasetVersion', allowed: version.id },
    });
  });

  it('of a model is decided by the labels of the model, in which what is not said is not known', async () => {
    const secret = forbidding('secret', 'context.labels.classification.rank > 1', 'fail', 'publishModelVersion');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + secret });
    const model = await seed.model('model');
    const input = { model: model.id, version: '1', digest: DIGEST };
    expect(await owner.code(PUBLISH_MODEL, { input })).toBe('FORBIDDEN');
    await owner.data(LABEL, { input: { asset: model.id, dimension: 'classification', values: ['RESTRICTED'] } });
    const error = await owner.error(PUBLISH_MODEL, { input });
    const { policyDecision } = await owner.data<{ policyDecision: { facts: unknown; findings: unknown[] } }>(DECISION, {
      id: error.extensions['policyDecision'],
    });
    expect(policyDecision.facts).toMatchObject({ labels: { classification: { level: 'RESTRICTED' } } });
    expect(policyDecision.findings).toContainEqual({ id: 'secret', verdict: 'FAIL' });
    const open = await seed.model('open');
    await owner.data(LABEL, { input: { asset: open.id, dimension: 'classification', values: ['PUBLIC'] } });
    const { done } = await owner.data<Done>(PUBLISH_MODEL, { input: { ...input, model: open.id } });
    expect(done['modelVersion']).not.toBeNull();
  });

  it('is not told of policies to who has no right to publish it', async () => {
    await enforce(admin, {});
    const data = await seed.dataset('data');
    const hidden = await seed.dataset('hidden', { visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const error = await stranger.error(PUBLISH_DATA, { input: { dataset: data.id, version: '1' } });
    expect(error.extensions).toEqual({ code: 'FORBIDDEN' });
    const missing = { input: { dataset: hidden.id, version: '1', dryRun: true } };
    expect(await stranger.code(PUBLISH_DATA, missing)).toBe('NOT_FOUND');
    expect(await decisions(data.id)).toEqual([]);
  });
});

describe('An asset', () => {
  it('under a legal hold, of itself or of a version, is not retired; without one it is, and comes back undecided', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('hold', '!context.labels.legalHolds.isEmpty()') });
    const data = await seed.dataset('data');
    await owner.data(LABEL, { input: { asset: data.id, dimension: 'legalHolds', values: ['case-7'] } });
    const error = await owner.error(RETIRE, { input: { ref: data.id } });
    expect(error.message).toContain('POLICY:hold');
    expect(error.message).toContain('policyDecision(id: "');
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const { done } = await owner.data<Done>(RETIRE, { input: { ref: data.id } });
    expect(done['asset']).toMatchObject({ retiredAt: expect.any(String) as string });
    expect((await decisions(data.id))[0]).toEqual({ outcome: 'PERMIT', action: 'retireAsset', allowed: data.id });
    await enforce(admin, {});
    const back = await owner.data<Done>(RETIRE, { input: { ref: data.id, retired: false } });
    expect(back.done['asset']).toMatchObject({ retiredAt: null });
  });
});

describe('What leaves', () => {
  const fetched = (as: Client, path: string): Promise<Response> =>
    fetch(`${as.address}${path}`, { headers: { authorization: `Bearer ${as.token ?? ''}` } });

  it('the lineage of an asset is decided, and the denial names policy and decision', async () => {
    const data = await seed.dataset('data');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('stay', 'true', 'fail', 'export') });
    const path = `/api/v1/export/openlineage?asset=${data.id}`;
    const denied = await fetched(owner, path);
    expect(denied.status).toBe(403);
    const { errors } = (await denied.json()) as { errors: { message: string; extensions: Record<string, string> }[] };
    expect(errors[0]?.message).toContain('POLICY:stay');
    expect(await owner.data(DECISION, { id: errors[0]?.extensions['policyDecision'] })).toMatchObject({
      policyDecision: { action: 'export', outcome: 'FORBID' },
    });
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    expect((await fetched(owner, path)).status).toBe(200);
    expect((await decisions(data.id))[0]).toMatchObject({ outcome: 'PERMIT', action: 'export' });
  });

  it('the audit log is decided, and a policy can name it', async () => {
    await enforce(admin, {
      'a.cedar': PERMIT_ALL + forbidding('log', 'resource == Asset::"audit"', 'fail', 'export'),
    });
    const denied = await fetched(admin, '/audit/export');
    expect(denied.status).toBe(403);
    const { errors } = (await denied.json()) as { errors: { extensions: Record<string, string> }[] };
    const id = errors[0]?.extensions['policyDecision'];
    expect(await admin.data(DECISION, { id })).toMatchObject({
      policyDecision: { action: 'export', outcome: 'FORBID' },
    });
    expect(await owner.data(DECISION, { id })).toEqual({ policyDecision: null });
    expect((await fetched(owner, '/audit/export')).status).toBe(403);
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    expect((await fetched(admin, '/audit/export')).status).toBe(200);
  });
});

describe('A dry run of what leaves', () => {
  const WAYS = ['/api/v1/export/openlineage?asset=ASSET&', '/audit/export?'];
  const get = async (as: Client, path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${as.address}${path}`, { headers: { authorization: `Bearer ${as.token ?? ''}` } });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it.each(WAYS)('%s tells what would come of it, and leaves nothing behind', async (way) => {
    const data = await seed.dataset('data');
    const path = `${way.replace('ASSET', data.id)}dryRun=true`;
    const told = forbidding('told', 'true', 'warn', 'export');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + told });
    const before = await entries();
    expect(await get(admin, path)).toMatchObject({
      status: 200,
      body: { accepted: true, reasons: [], wouldAskApproval: false, warnings: [{ policy: 'told' }] },
    });
    expect(await entries()).toBe(before);
    for (const [effect, wouldAskApproval] of [
      ['fail', false],
      ['approval', true],
    ] as const) {
      await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('stay', 'true', effect, 'export') });
      const between = await entries();
      expect(await get(admin, path)).toMatchObject({
        status: 200,
        body: { accepted: false, wouldAskApproval, reasons: [{ rule: 'POLICY:stay' }], warnings: [] },
      });
      expect(await entries()).toBe(between);
    }
  });

  it.each(WAYS)('%s meets the same faults as what it is of, and takes true or false alone', async (way) => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const data = await seed.dataset('data');
    const stranger = await server.user();
    const path = way.replace('ASSET', data.id);
    for (const wrong of ['dryRun=yes', 'dryRun=', 'dryRun=true&dryRun=true'])
      expect((await get(admin, `${path}${wrong}`)).status).toBe(400);
    const headers = { authorization: `Bearer ${stranger.token ?? ''}` };
    const statusOf = async (address: string): Promise<number> =>
      (await fetch(`${stranger.address}${address}`, { headers })).status;
    // Who may see the asset may export its lineage; the log is not theirs.
    const expected = way.includes('ASSET') ? 200 : 403;
    expect([await statusOf(`${path}dryRun=true`), await statusOf(path)]).toEqual([expected, expected]);
    const gone = way.replace('ASSET', 'urn:weft:dataset:n:nothing');
    if (gone !== way) expect([await statusOf(`${gone}dryRun=true`), await statusOf(gone)]).toEqual([404, 404]);
    expect((await fetch(`${stranger.address}${path}dryRun=true`)).status).toBe(401);
  });
});

describe('A dry run', () => {
  it('tells of each mutation what it would be told, and leaves nothing behind', async () => {
    const asks = forbidding('asks', 'context.approvals.independent < 1', 'approval');
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const bench = await Workbench.open(server, `dry-${keys}`);
    const deployment = await bench.seed.deployment(`dry-${keys}`);
    const version = await bench.seed.modelVersion(bench.model.id, '1', { digest: DIGEST });
    const served = await bench.seed.deployment(`served-${keys}`);
    const coded = await bench.seed.modelVersion(bench.model.id, '2', { digest: DIGEST.replaceAll('7', '8') });
    await bench.seed.run(bench.trainer.id, [bench.version], [coded]);
    for (const modelVersion of [coded, version, coded])
      await bench.owner.data(DEPLOY, { input: { deployment: served.id, modelVersion } });
    const launch = bench.order(node('process.exit(0)'), { idempotencyKey: `dry-${keys}`, dryRun: true });
    const all: [string, Record<string, unknown>][] = [
      [LAUNCH, launch],
      [DEPLOY, { deployment: deployment.id, modelVersion: version, dryRun: true, idempotencyKey: 'dry' }],
      [ROLL_BACK, { deployment: served.id, dryRun: true }],
      [PROMOTE, { from: served.id, to: deployment.id, dryRun: true }],
      [PUBLISH_DATA, { dataset: bench.data.id, version: 'dry', digest: DIGEST, dryRun: true }],
      [PUBLISH_MODEL, { model: bench.model.id, version: 'dry', digest: DIGEST, dryRun: true }],
      [RETIRE, { ref: bench.data.id, dryRun: true }],
    ];
    const answers = async (): Promise<unknown[]> => {
      const told: unknown[] = [];
      for (const [mutation, input] of all) {
        const { done } = await bench.owner.data<Done>(mutation, { input });
        told.push(done['__typename'] === 'DryRun' ? done : done.dryRun);
      }
      return told;
    };
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const before = await entries();
    for (const each of await answers()) expect(each).toMatchObject({ accepted: true, reasons: [] });
    expect(await entries()).toBe(before);
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('never', 'true') });
    const between = await entries();
    for (const each of await answers())
      expect(each).toMatchObject({
        ...{ accepted: false, wouldAskApproval: false, reasons: [{ rule: 'POLICY:never', policyDecision: null }] },
      });
    expect(await entries()).toBe(between);
    await enforce(admin, { 'a.cedar': PERMIT_ALL + asks });
    // Who wrote the code of that version nobody knows: so an approval of it cannot be told to be independent.
    const [launched, , , ...others] = await answers();
    for (const each of [launched, ...others])
      expect(each).toMatchObject({ accepted: false, wouldAskApproval: true, reasons: [{ rule: 'POLICY:asks' }] });
    const real = await bench.owner.data<Done>(LAUNCH, { input: { ...launch, dryRun: false } });
    expect(real.done['__typename']).toBe('LaunchDenied');
  });

  it('meets the same faults as what it is of', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const data = await seed.dataset('data');
    await seed.datasetVersion(data.id, '1', { digest: DIGEST });
    const input = { dataset: data.id, version: '1', digest: DIGEST };
    expect(await owner.code(PUBLISH_DATA, { input: { ...input, dryRun: true } })).toBe('CONFLICT');
    expect(await owner.code(RETIRE, { input: { ref: data.id, ifRevision: 77, dryRun: true } })).toBe('STALE_REVISION');
    const stranger = await server.user();
    expect(await stranger.code(RETIRE, { input: { ref: data.id, dryRun: true } })).toBe('FORBIDDEN');
  });
});
