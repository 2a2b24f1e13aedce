/** `npx weft check asset | plan`: the real command against a server, as a pipeline calls it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { node, Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';
import { type Outcome, WeftCommand } from '../support/weft-command.js';

const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }';
const RETIRE = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }';
const UNPINNED = forbidding('inputs-pinned', 'context.inputs.unpinned > 0', 'fail', 'launchTraining');
const WAITING = forbidding('four-eyes', 'context.approvals.independent < 1', 'approval', 'deployModel');
const DIGEST = `sha256:${'0'.repeat(64)}`;

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let bench: Workbench;
let weft: WeftCommand;
let folder: string;

beforeAll(async () => {
  ({ server, stop } = await policyServer());
  admin = await server.user({ role: 'ADMIN' });
  bench = await Workbench.open(server, 'checks');
  weft = await WeftCommand.build();
  folder = mkdtempSync(join(tmpdir(), 'weftline-checks-'));
});
afterAll(async () => {
  weft.remove();
  rmSync(folder, { recursive: true });
  await stop();
});

const called = (args: string[], token = bench.owner.token): Promise<Outcome> =>
  weft.run(['check', ...args], { WEFTLINE_URL: server.address, WEFTLINE_TOKEN: token ?? '' });

/** A file of plans; what is given is written as it is where it is text. */
function planned(plans: unknown): string {
  const file = join(folder, 'plans.yaml');
  writeFileSync(file, typeof plans === 'string' ? plans : JSON.stringify({ plans }));
  return file;
}

async function jobs(): Promise<number> {
  const { trainingJobs } = await bench.owner.data<{ trainingJobs: { totalCount: number } }>(
    '{ trainingJobs { totalCount } }',
  );
  return trainingJobs.totalCount;
}

describe('npx weft check plan', () => {
  const launching = (more: Record<string, unknown> = {}) => {
    const { idempotencyKey: _, ...input } = bench.order(node('process.exit(0)'), more);
    return { action: 'launchTraining', input };
  };

  it('exits with 0 for what would be done, and does nothing', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const { id: retiring } = await bench.seed.dataset('retiring');
    const plans = [
      launching(),
      { action: 'publishDatasetVersion', input: { dataset: bench.data.id, version: 'planned', digest: DIGEST } },
      { action: 'retireAsset', input: { ref: retiring, retired: true } },
    ];
    const outcome = await called(['plan', planned(plans)]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('3 of 3 would be done');
    expect(await jobs()).toBe(0);
    const asset = await bench.owner.data('query ($ref: AssetRef!) { asset(ref: $ref) { retiredAt } }', {
      ref: retiring,
    });
    expect(asset).toEqual({ asset: { retiredAt: null } });
  });

  it('exits with 3 for what policies forbid or leave to people, with the line of the plan, in each form', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + UNPINNED + WAITING });
    const model = await bench.seed.modelVersion(bench.model.id, 'to-deploy', { digest: DIGEST });
    await bench.seed.run(bench.trainer.id, [bench.version], [model]);
    const { id: deployment } = await bench.seed.deployment('waiting');
    const { input } = launching();
    const file = planned(
      `plans:\n  - action: launchTraining\n    input: ${JSON.stringify(input)}\n  - action: deployModel\n    input: { deployment: "${deployment}", modelVersion: "${model}" }\n`,
    );
    const table = await called(['plan', file]);
    expect(table.code).toBe(3);
    expect(table.stdout).toMatch(/FAIL {2}launchTraining +\S+plans\.yaml:2:\d+ +.*Reason of inputs-pinned\./);
    expect(table.stdout).toMatch(/FAIL {2}deployModel +\S+plans\.yaml:4:\d+ +.*Reason of four-eyes\./);
    expect(table.stdout).toContain('0 of 2 would be done; 1 of the others would wait for an approval; 0 to look at.');
    const [json, junit, sarif] = await Promise.all(
      ['json', 'junit', 'sarif'].map((output) => called(['plan', file, '--output', output])),
    );
    expect([json?.code, junit?.code, sarif?.code]).toEqual([3, 3, 3]);
    expect(JSON.parse(json?.stdout ?? '')).toMatchObject({
      plans: [
        { action: 'launchTraining', accepted: false, wouldAskApproval: false, line: 2 },
        { action: 'deployModel', accepted: false, wouldAskApproval: true, line: 4 },
      ],
    });
    expect(junit?.stdout).toContain('failures="2"');
    expect(JSON.parse(sarif?.stdout ?? '')).toMatchObject({
      runs: [
        {
          results: [
            { ruleId: 'inputs-pinned', level: 'error' },
            { ruleId: 'four-eyes', level: 'error' },
          ],
        },
      ],
    });
    expect(await jobs()).toBe(0);
  });

  it('tells of warnings beside what would be done and beside what is forbidden, in each form, and goes by neither', async () => {
    const WARNING = forbidding('unpinned-told', 'context.inputs.unpinned > 0', 'warn', 'launchTraining');
    const PLACE = forbidding('place-told', 'context.environment != "moon"', 'warn', 'deployModel');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + WARNING + PLACE + WAITING });
    const model = await bench.seed.modelVersion(bench.model.id, 'told', { digest: DIGEST });
    await bench.seed.run(bench.trainer.id, [bench.version], [model]);
    const { id: deployment } = await bench.seed.deployment('told');
    const launch = launching();
    const deploy = { action: 'deployModel', input: { deployment, modelVersion: model } };
    const outcome = (output: string, ...plans: object[]) => called(['plan', planned(plans), '--output', output]);

    const table = await outcome('table', launch);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(
      /PASS {2}launchTraining .*\nWARN {2}launchTraining .*plans\.yaml:1:\d+ +Reason of unpinned-told\.\n/,
    );
    expect(table.stdout).toContain('1 of 1 would be done; 0 of the others would wait for an approval; 1 to look at.');
    const json = await outcome('json', launch, deploy);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({
      plans: [
        { accepted: true, reasons: [], warnings: [{ policy: 'unpinned-told', message: 'Reason of unpinned-told.' }] },
        { accepted: false, warnings: [{ policy: 'place-told', message: 'Reason of place-told.' }] },
      ],
    });
    const junit = await outcome('junit', launch, deploy);
    expect(junit.code).toBe(3);
    expect(junit.stdout).toContain('tests="4" failures="1"');
    expect(junit.stdout).toMatch(
      /classname="place-told"[^>]*>\n +<system-out>[^<]*Reason of place-told\.<\/system-out>/,
    );
    const sarif = await outcome('sarif', launch);
    expect(sarif.code).toBe(0);
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      runs: [{ results: [{ ruleId: 'plan' }, { ruleId: 'unpinned-told', level: 'warning', kind: 'fail' }] }],
    });
  });

  it('exits with 4 where rights are lacking, and with 1 for what is not there', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const stranger = await server.user();
    const publishing = { action: 'publishDatasetVersion', input: { dataset: bench.data.id, version: 'x' } };
    expect(await called(['plan', planned([publishing])], stranger.token)).toMatchObject({ code: 4 });
    expect(await called(['plan', planned([publishing])], 'wft_nobody')).toMatchObject({ code: 4 });
    const nowhere = { action: 'retireAsset', input: { ref: 'urn:weft:dataset:no:where', retired: true } };
    const missing = await called(['plan', planned([nowhere])]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('urn:weft:dataset:no:where');
  });

  it.each([
    ['an action that there is not', '{"plans":[{"action":"destroy","input":{}}]}', 'plans.0.action'],
    ['no plans', '{"plans":[]}', 'plans'],
    ['a key that nobody knows', '{"plans":[{"action":"retireAsset","input":{},"force":true}]}', 'force'],
    ['no YAML', 'plans: [', 'plans.yaml:1'],
    ['nothing', '', 'plans.yaml'],
  ])('exits with 2 for a file of %s, and says where', async (_, text, said) => {
    const outcome = await called(['plan', planned(text)]);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout + outcome.stderr).toContain(said);
  });

  it('exits with 2 without a file, with one that is not there, or two', async () => {
    expect(await called(['plan'])).toMatchObject({ code: 2 });
    expect(await called(['plan', join(folder, 'none.yaml')])).toMatchObject({ code: 2 });
    expect(await called(['plan', planned([]), 'another'])).toMatchObject({ code: 2 });
  });
});

describe('npx weft check asset', () => {
  it('exits with 0 where nothing stands against it, and tells what is not known', async () => {
    const { id, urn } = await bench.seed.dataset('well');
    const outcome = await called(['asset', urn]);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('classification: something up the line says nothing of it.');
    expect((await called(['asset', id])).stdout).toBe(outcome.stdout);
  });

  it('exits with 3 for labels that conflict, a test that fails and one that is retired', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const [one, two] = [await bench.seed.dataset('eu'), await bench.seed.dataset('us')];
    const region = (asset: string, value: string) =>
      bench.owner.data(LABEL, { input: { asset, dimension: 'regions', values: [value] } });
    await region(one.id, 'EU');
    await region(two.id, 'US');
    const inputs = [await bench.seed.datasetVersion(one.id), await bench.seed.datasetVersion(two.id)];
    const mixed = await bench.seed.dataset('mixed');
    const version = await bench.seed.datasetVersion(mixed.id);
    await bench.seed.run(bench.trainer.id, inputs, [version]);
    const conflict = await called(['asset', mixed.urn, '--output', 'json']);
    expect(conflict.code).toBe(3);
    const { results } = JSON.parse(conflict.stdout) as { results: { rule: string; status: string; message: string }[] };
    expect(results.filter(({ status }) => status === 'fail')).toEqual([
      expect.objectContaining({ rule: 'label-conflict', message: expect.stringContaining('regions') as string }),
    ]);
    const assertions = [{ assertion: 'not_null', success: false, severity: 'ERROR' }];
    const measuredAt = '2026-11-01T00:00:00Z';
    await bench.owner.data(REPORT, { input: { version: inputs[0], source: 'tests', measuredAt, assertions } });
    expect((await called(['asset', one.urn])).stdout).toMatch(/FAIL {2}urn:\S+ +1 tests fail, 0 warn\./);
    await bench.owner.data(RETIRE, { input: { ref: two.id, retired: true } });
    expect(await called(['asset', two.id])).toMatchObject({ code: 3 });
  });

  it('exits with 3 for what serves and is forbidden, by the policy', async () => {
    const version = await bench.seed.modelVersion(bench.model.id, 'violating');
    const { id, urn } = await bench.seed.deployment('violated');
    const deploy = `mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename } }`;
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    await bench.owner.data(deploy, { input: { deployment: id, modelVersion: version } });
    await enforce(admin, { 'a.cedar': PERMIT_ALL + forbidding('pinned', 'context.inputs.unpinned > 0') });
    await expect
      .poll(async () => (await server.weftline.policyWatch.round(), called(['asset', urn])), { timeout: 120_000 })
      .toMatchObject({ code: 3, stdout: expect.stringContaining('Reason of pinned.') as string });
  });

  it('exits with 6 where what it comes from is hidden in part, and with 1 where it is not seen at all', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const [hidden, open] = [
      await bench.seed.dataset('source', { visibility: 'RESTRICTED' }),
      await bench.seed.dataset('derived'),
    ];
    const { id: copy } = await bench.seed.transformation('copy');
    await bench.seed.flow([hidden.id, copy], [copy, open.id]);
    const stranger = await server.user();
    expect(await called(['asset', open.urn])).toMatchObject({ code: 0 });
    expect(await called(['asset', open.urn], stranger.token)).toMatchObject({ code: 6 });
    const unseen = await called(['asset', hidden.urn], stranger.token);
    const missing = await called(['asset', `${hidden.urn}-not`], stranger.token);
    expect([unseen.code, missing.code]).toEqual([1, 1]);
    expect(missing.stderr).toBe(unseen.stderr.replace(hidden.urn, `${hidden.urn}-not`));
  });
});
