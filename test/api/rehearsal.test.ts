/** What a set of policies would decide otherwise, before it is active: over the API, and by `npx weft policy rehearse`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { activate, activeId, enforce, forbidding, PERMIT_ALL, policyServer, upload } from '../support/policies.js';
import type { SeededAsset } from '../support/seed.js';
import { node, Workbench } from '../support/training.js';
import { WeftCommand } from '../support/weft-command.js';
import type { TestWeftline } from '../support/weftline.js';

interface Count {
  checked: number;
  changed: number;
  denied: number;
}
interface Change {
  kind: string;
  subjectId: string;
  resourceUrn: string;
  active: string;
  draft: string;
  differences: { policy: string; active: string | null; draft: string | null; reason: string }[];
  reasons: string[];
}
interface Rehearsal {
  isComplete: boolean;
  activeId: string | null;
  deployments: Count;
  trainingJobs: Count;
  approvals: Count;
  changes: { totalCount: number; nodes: Change[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

const REHEARSE = `query ($set: ID!, $first: Int, $after: String) { rehearsePolicies(set: $set) { isComplete activeId
  deployments { checked changed denied } trainingJobs { checked changed denied } approvals { checked changed denied }
  changes(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { kind subjectId resourceUrn active draft differences { policy active draft reason } reasons } } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename
  ... on Release { id } ... on DeployDenied { reasons { policyApproval } } } }`;
const UNPINNED = forbidding('model-pinned', 'context.inputs.unpinned > 0');
const NONE = { checked: 0, changed: 0, denied: 0 };

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let bench: Workbench;
let pinned: SeededAsset;
let loose: SeededAsset;
let job: string;

const rehearsed = async (set: string, page: { first?: number; after?: string } = {}): Promise<Rehearsal> =>
  (await admin.data<{ rehearsePolicies: Rehearsal }>(REHEARSE, { set, ...page })).rehearsePolicies;

beforeAll(async () => {
  ({ server, stop } = await policyServer());
  admin = await server.user({ role: 'ADMIN' });
  bench = await Workbench.open(server, 'rehearsed');
  const { seed, owner } = bench;
  const digest = `sha256:${'0'.repeat(64)}`;
  const versions = [
    await seed.modelVersion(bench.model.id, '1', { digest }),
    await seed.modelVersion(bench.model.id, '2'),
  ];
  // Who wrote the code is known of what a run made.
  await seed.run(bench.trainer.id, [bench.version], versions);
  [pinned, loose] = [await seed.deployment('pinned'), await seed.deployment('loose')];
  for (const [index, deployment] of [pinned, loose].entries())
    await owner.data(DEPLOY, { input: { deployment: deployment.id, modelVersion: versions[index] } });
  job = await bench.launch(node('process.exit(0)'), { purpose: 'research' });
});
afterAll(() => stop());

describe('A rehearsal', () => {
  it('of a first set tells what it would deny, of what serves and of what waits to run, and with which policy', async () => {
    const set = await upload(admin, { 'a.cedar': PERMIT_ALL + UNPINNED });
    const told = await rehearsed(set.id);
    expect(told).toMatchObject({ isComplete: true, activeId: null, approvals: NONE });
    expect(told.deployments).toEqual({ checked: 2, changed: 1, denied: 1 });
    expect(told.trainingJobs).toEqual({ checked: 1, changed: 1, denied: 1 });
    const why = { policy: 'model-pinned', active: null, draft: 'FAIL', reason: 'Reason of model-pinned.' };
    const way = { active: 'PERMIT', draft: 'FORBID', differences: [why] };
    expect(told.changes.nodes).toEqual([
      expect.objectContaining({ kind: 'DEPLOYMENT', subjectId: loose.id, resourceUrn: loose.urn, ...way }),
      expect.objectContaining({ kind: 'TRAINING_JOB', subjectId: job, resourceUrn: bench.trainer.urn, ...way }),
    ]);
    expect(told.changes.nodes[0]?.reasons).toEqual(['model-pinned: Reason of model-pinned.']);
  });

  it('comes in pages that join without a gap', async () => {
    const set = await upload(admin, { 'a.cedar': forbidding('nothing-at-all', 'true') });
    const first = await rehearsed(set.id, { first: 2 });
    expect(first.changes).toMatchObject({ totalCount: 3, pageInfo: { hasNextPage: true } });
    const rest = await rehearsed(set.id, { first: 2, after: first.changes.pageInfo.endCursor ?? '' });
    expect(rest.changes.pageInfo.hasNextPage).toBe(false);
    const subjects = [...first.changes.nodes, ...rest.changes.nodes].map(({ subjectId }) => subjectId);
    expect(subjects).toEqual([...[pinned.id, loose.id].sort(), job]);
  });

  it('keeps nothing: nothing is active, and no decision is there', async () => {
    const set = await upload(admin, { 'a.cedar': PERMIT_ALL + UNPINNED });
    server.statements.length = 0;
    await rehearsed(set.id);
    expect(server.statements.filter((name) => /create|change/i.test(name))).toEqual([]);
    expect(await activeId(admin)).toBeNull();
  });

  it('of a faulty set is refused with the place of the fault; of one that is not there is null', async () => {
    const faulty = await upload(admin, { 'a.cedar': 'forbit (principal, action, resource);' });
    const answer = await admin.ask(REHEARSE, { set: faulty.id });
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(answer.errors?.[0]?.message).toContain('a.cedar:1:1');
    expect(await admin.data(REHEARSE, { set: 'none' })).toEqual({ rehearsePolicies: null });
  });

  it('tells beside an active set what changes against that, both ways, and of approvals that wait', async () => {
    const asks = forbidding('four-eyes', 'context.approvals.independent == 0', 'approval', 'deployModel');
    const strict = forbidding('no-research', 'context.purpose == "research"', 'fail', 'launchTraining');
    const set = await enforce(admin, { 'a.cedar': PERMIT_ALL + asks + strict });
    const target = await bench.seed.deployment('asked-for');
    const version = await bench.seed.modelVersion(bench.model.id, '3');
    await bench.seed.run(bench.trainer.id, [bench.version], [version]);
    const denied = await bench.owner.data<{ deployModel: { reasons: { policyApproval: string }[] } }>(DEPLOY, {
      input: { deployment: target.id, modelVersion: version },
    });
    const approval = denied.deployModel.reasons[0]?.policyApproval;
    const draft = await upload(admin, { 'a.cedar': PERMIT_ALL + UNPINNED });
    const told = await rehearsed(draft.id);
    expect(told.activeId).toBe(set.id);
    const of = (subject: string | undefined) => told.changes.nodes.find(({ subjectId }) => subjectId === subject);
    expect(of(pinned.id)).toMatchObject({
      ...{ active: 'NEEDS_APPROVAL', draft: 'PERMIT' },
      differences: [{ policy: 'four-eyes', active: 'WARN', draft: null }],
    });
    expect(of(approval)).toMatchObject({ kind: 'APPROVAL', active: 'NEEDS_APPROVAL', draft: 'FORBID' });
    // It is forbidden by both, by other policies: its verdict stays.
    expect(of(job)).toBeUndefined();
    expect(told.approvals).toEqual({ checked: 1, changed: 1, denied: 0 });
    const same = await rehearsed(set.id);
    expect(same.changes.totalCount).toBe(0);
    const free = await upload(admin, { 'a.cedar': PERMIT_ALL });
    await activate(admin, free.id, set.id);
  });
});

describe('npx weft policy rehearse', () => {
  let weft: WeftCommand;
  let folder: string;
  beforeAll(async () => {
    weft = await WeftCommand.build();
    folder = mkdtempSync(join(tmpdir(), 'weftline-rehearse-'));
  });
  afterAll(() => {
    weft.remove();
    rmSync(folder, { recursive: true });
  });
  const called = (text: string, more: string[] = [], token = admin.token) => {
    writeFileSync(join(folder, 'a.cedar'), text);
    return weft.run(['policy', 'rehearse', folder, ...more], {
      WEFTLINE_URL: server.address,
      WEFTLINE_TOKEN: token ?? '',
    });
  };

  it('exits with 0 where nothing would be denied, and with 3 where something would, in each form', async () => {
    const well = await called(PERMIT_ALL);
    expect(well).toMatchObject({ code: 0, stderr: '' });
    expect(well.stdout).toContain('2 deployments: 0 would be decided otherwise, 0 of them denied.');
    const table = await called(PERMIT_ALL + UNPINNED);
    expect(table.code).toBe(3);
    expect(table.stdout).toMatch(/FAIL {2}DEPLOYMENT urn:.*model-pinned nothing → FAIL: Reason of model-pinned\./);
    const json = await called(PERMIT_ALL + UNPINNED, ['--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ isComplete: true, deployments: { checked: 2, denied: 1 } });
    const junit = await called(PERMIT_ALL + UNPINNED, ['--output', 'junit']);
    expect(junit.stdout).toContain('<failure');
    const sarif = await called(PERMIT_ALL + UNPINNED, ['--output', 'sarif']);
    expect(JSON.parse(sarif.stdout)).toMatchObject({ version: '2.1.0' });
    expect([json.code, junit.code, sarif.code]).toEqual([3, 3, 3]);
  });

  it('exits with 4 where the token is refused, 2 where it is called wrongly, 1 by a fault or without a server', async () => {
    expect(await called(PERMIT_ALL, [], bench.owner.token)).toMatchObject({ code: 4 });
    expect(await called(PERMIT_ALL, [], 'wft_nobody')).toMatchObject({ code: 4 });
    expect(await called(PERMIT_ALL, ['--server', 'nowhere'])).toMatchObject({ code: 2 });
    expect(await called(PERMIT_ALL, ['another'])).toMatchObject({ code: 2 });
    expect(await called(PERMIT_ALL, ['--server', 'http://127.0.0.1:1'])).toMatchObject({ code: 1 });
    const faulty = await called('forbit (principal, action, resource);');
    expect(faulty.code).toBe(1);
    expect(faulty.stdout).toContain('a.cedar:1:1');
  });
});
