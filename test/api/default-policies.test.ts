/** All policies of `policies/`, as they are, on launches and deployments: what is in order goes through, what is not by exactly its policy. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import type { TestWeftline } from '../support/weftline.js';

const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { __typename
  ... on DeployDenied { reasons { rule policyApproval } } } }`;
const LAUNCH = `mutation ($input: LaunchTrainingInput!) { made: launchTraining(input: $input) { __typename
  ... on LaunchDenied { reasons { rule policyApproval } } } }`;
const APPROVE = 'mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) { __typename } }';
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
const WITHDRAW = 'mutation ($input: WithdrawLabelInput!) { withdrawLabel(input: $input) { __typename } }';
const UPDATE = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }';
const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }';
const CLEARANCES = `actors:
  roles: { MEMBER: CONFIDENTIAL }
launchers:
  local: { region: EU, clearance: RESTRICTED }
environments:
  production: { region: EU, clearance: RESTRICTED }
  annex: { region: EU, clearance: INTERNAL }
`;
const CARD = {
  ...{
    tier: 'HIGH',
    intendedUse: 'to rank',
    limitations: 'none known',
    trainingData: 'clicks',
    evaluation: 'held out',
  },
  ...{ risks: 'few', oversight: 'a person', contact: 'the team' },
};
const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

interface Made {
  __typename: string;
  reasons?: { rule: string; policyApproval: string | null }[];
}

const folder = mkdtempSync(join(tmpdir(), 'weftline-clearances-'));
let server: TestWeftline;
let stop: () => Promise<void>;
let [admin, owner]: Client[] = [];
let [data, trainer, model, live, annex]: SeededAsset[] = [];
let [input, failing, judge, good, unjudged, judgedByItself, stale]: string[] = [];
let keys = 0;

const as = (client: Client | undefined): Client => client ?? expect.fail('Nobody is there.');
const of = (asset: SeededAsset | undefined): SeededAsset => asset ?? expect.fail('Nothing is there.');

beforeAll(async () => {
  const file = join(folder, 'clearances.yaml');
  writeFileSync(file, CLEARANCES);
  ({ server, stop } = await policyServer({ localLauncher: 'local', environment: { WEFTLINE_CLEARANCES: file } }));
  [admin, owner] = [await server.user({ role: 'ADMIN' }), await server.user()];
  await seedAll(new Seed(owner, server.namespace));
  const files = readdirSync('policies').filter((name) => name.endsWith('.cedar'));
  await enforce(admin, Object.fromEntries(files.map((name) => [name, readFileSync(join('policies', name), 'utf8')])));
}, 300_000);
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function seedAll(seed: Seed): Promise<void> {
  [data, trainer, model] = [
    await seed.dataset('clicks'),
    await seed.transformation('train'),
    await seed.model('ranker'),
  ];
  [live, annex] = [
    await seed.deployment('live', { environment: 'Production', properties: { purpose: 'SEARCH' } }),
    await seed.deployment('annex', { environment: 'annex', properties: { purpose: 'SEARCH' } }),
  ];
  await carries(CARD);
  for (const [dimension, values] of Object.entries({
    ...{ classification: ['INTERNAL'], personalData: [], regions: ['EU', 'CH'], purposes: ['SEARCH', 'ADS'] },
    licences: ['Apache-2.0'],
  }))
    await declare(data.id, dimension, values);
  [input, failing] = [
    await seed.datasetVersion(data.id, '1', { digest: digest('1') }),
    await seed.datasetVersion(data.id, '2', { digest: digest('2') }),
  ];
  judge = await seed.datasetVersion((await seed.dataset('held-out')).id, '1', { digest: digest('3') });
  await tested(input, true);
  await tested(failing, false);
  const versions = ['good', 'unjudged', 'judged-by-itself', 'stale'];
  [good, unjudged, judgedByItself, stale] = await Promise.all(
    versions.map((name) => seed.modelVersion(of(model).id, name, { digest: digest('4') })),
  );
  for (const version of [good, unjudged, judgedByItself, stale]) await seed.run(trainer.id, [input], [version ?? '']);
  for (const version of [good, judgedByItself, stale]) await evaluate(version ?? '', judge);
}

async function evaluate(version: string, by: string): Promise<string> {
  const seed = new Seed(as(owner), server.namespace);
  const job = await seed.transformation(`evaluate-${(keys += 1)}`, { tags: ['evaluation'] });
  return seed.run(job.id, [version, by], []);
}

async function declare(asset: string, dimension: string, values: readonly string[]): Promise<string> {
  const answer = await as(owner).data<{ declareLabel: { labelDeclaration: { id: string } } }>(LABEL, {
    input: { asset, dimension, values },
  });
  return answer.declareLabel.labelDeclaration.id;
}
const withdraw = (label: string) => as(owner).data(WITHDRAW, { input: { label } });
const carries = (modelCard: Record<string, unknown>) =>
  as(owner).data(UPDATE, { input: { ref: of(model).id, properties: { modelCard } } });
const tested = (version: string, success: boolean) =>
  as(owner).data(REPORT, {
    input: {
      ...{ version, source: 'tests', measuredAt: new Date(Date.now() - 1_000).toISOString() },
      assertions: [{ assertion: 'not_null', success }],
    },
  });

const deploy = async (version: string | undefined, deployment = of(live)): Promise<Made> =>
  (await as(owner).data<{ made: Made }>(DEPLOY, { input: { deployment: deployment.id, modelVersion: version } })).made;
const launch = async (more: Record<string, unknown> = {}): Promise<Made> => {
  const asked = {
    ...{ idempotencyKey: `default-${(keys += 1)}`, transformation: of(trainer).id, output: of(model).id },
    ...{ inputs: [input], command: ['true'], resources: {}, purpose: 'SEARCH', launcher: 'local', ...more },
  };
  return (await as(owner).data<{ made: Made }>(LAUNCH, { input: asked })).made;
};
const rulesOf = ({ reasons }: Made): string[] => (reasons ?? []).map(({ rule }) => rule).sort();

/** Lets an ADMIN, who wrote none of it, approve exactly this. It is released by that, and taken back: what serves is not decided again. */
async function approve(version: string | undefined, deployment = of(live)): Promise<void> {
  const denied = await deploy(version, deployment);
  expect(rulesOf(denied)).toEqual(['POLICY:four-eyes']);
  await as(admin).data(APPROVE, { input: { approval: denied.reasons?.[0]?.policyApproval } });
  await as(owner).data('mutation ($input: EndReleaseInput!) { endRelease(input: $input) { __typename } }', {
    input: { deployment: deployment.id },
  });
}

describe('A launch', () => {
  it('in order goes through', async () => {
    expect(await launch()).toEqual({ __typename: 'TrainingJob' });
  });

  it.each([
    ['classification', ['RESTRICTED'], ['POLICY:clearance-of-actor']],
    ['regions', ['CH'], ['POLICY:residency']],
    ['purposes', ['ADS'], ['POLICY:purpose']],
    ['licences', ['GPL-3.0-only'], ['POLICY:licence-allow-list']],
  ])('of data whose %s are %j is forbidden by %j', async (dimension, values, rules) => {
    const label = await declare(of(data).id, dimension, values);
    const denied = await launch();
    await withdraw(label);
    expect(rulesOf(denied)).toEqual(rules);
    expect(rulesOf(await launch())).toEqual([]);
  });

  it('of what failed its tests is forbidden by that alone', async () => {
    expect(rulesOf(await launch({ inputs: [failing] }))).toEqual(['POLICY:quality-gate']);
  });
});

describe('A deployment', () => {
  beforeAll(async () => {
    await approve(good);
    await approve(good, of(annex));
    await approve(judgedByItself);
    await approve(stale);
  });

  it.each([
    ['classification', ['RESTRICTED'], ['POLICY:clearance-of-actor']],
    ['regions', ['CH'], ['POLICY:residency']],
    ['purposes', ['ADS'], ['POLICY:purpose']],
  ])('of what is made of data whose %s are %j is forbidden by %j', async (dimension, values, rules) => {
    const label = await declare(of(data).id, dimension, values);
    const denied = await deploy(good);
    await withdraw(label);
    expect(rulesOf(denied)).toEqual(rules);
  });

  it('where the place is not accredited is forbidden by that alone', async () => {
    const label = await declare(of(data).id, 'classification', ['CONFIDENTIAL']);
    const denied = await deploy(good, of(annex));
    await withdraw(label);
    expect(rulesOf(denied)).toEqual(['POLICY:clearance-of-enclave']);
  });

  it.each([
    [{ risks: ' ' }, ['POLICY:model-card-high']],
    [{ limitations: null }, ['POLICY:model-card-medium']],
    [{ intendedUse: 7 }, ['POLICY:model-card']],
    [{ tier: 'ENORMOUS' }, ['POLICY:model-card-high', 'POLICY:model-card-medium']],
    [{ tier: 'LOW', risks: '', limitations: '' }, []],
  ])('of a model whose card says %j is forbidden by %j', async (more, rules) => {
    await carries({ ...CARD, ...more });
    const unsaid = rules.length === 0 ? await deploy(stale, of(annex)) : await deploy(good);
    expect(rulesOf(unsaid)).toEqual(rules.length === 0 ? ['POLICY:four-eyes'] : rules);
    await carries(CARD);
  });

  it('for a purpose that nobody said is forbidden', async () => {
    await as(owner).data(UPDATE, { input: { ref: of(live).id, properties: {} } });
    expect(rulesOf(await deploy(good))).toEqual(['POLICY:licence-allow-list', 'POLICY:purpose']);
    await as(owner).data(UPDATE, { input: { ref: of(live).id, properties: { purpose: 'SEARCH' } } });
  });

  it('of what was never evaluated is forbidden by what wants to know', async () => {
    const rules = rulesOf(await deploy(unjudged));
    expect(rules).toEqual(expect.arrayContaining(['POLICY:contamination', 'POLICY:stale-evaluation']));
    expect(rules.filter((rule) => rule !== 'POLICY:four-eyes')).toHaveLength(2);
  });

  it('of what was judged by what trained it is forbidden by that alone', async () => {
    await evaluate(judgedByItself ?? '', input ?? '');
    expect(rulesOf(await deploy(judgedByItself))).toEqual(['POLICY:contamination']);
  });

  it('of what was evaluated long ago is forbidden by that alone', async () => {
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('// test.longAgo\nMATCH (:Version&Node {id: $id})-[:USED_BY]->(r:Run) SET r.endedAt = $at', {
        id: stale,
        at: new Date(Date.now() - 200 * 86_400_000),
      }),
    );
    expect(rulesOf(await deploy(stale))).toEqual(['POLICY:stale-evaluation']);
  });

  it('in order goes through', async () => {
    expect(await deploy(good)).toEqual({ __typename: 'Release' });
  });
});

describe('In an emergency', () => {
  let emergency: SeededAsset;
  const OPEN = 'mutation ($input: OpenBreakGlassInput!) { openBreakGlass(input: $input) { breakGlass { state } } }';

  beforeAll(async () => {
    const seed = new Seed(as(owner), server.namespace);
    emergency = await seed.deployment('emergency', { environment: 'production', properties: { purpose: 'SEARCH' } });
    expect(rulesOf(await deploy(stale, emergency))).toEqual(['POLICY:four-eyes', 'POLICY:stale-evaluation']);
    const declared = { reason: 'It is down', minutes: 30, secondPerson: as(admin).userId };
    await as(owner).data(OPEN, { input: { asset: emergency.id, actions: ['deployModel'], ...declared } });
  });

  it.each([
    ['classification', ['RESTRICTED'], ['POLICY:clearance-of-actor']],
    ['regions', ['CH'], ['POLICY:residency']],
    ['purposes', ['ADS'], ['POLICY:purpose']],
    ['licences', ['GPL-3.0-only'], ['POLICY:licence-allow-list']],
  ])('%s as %j forbid as ever, by %j', async (dimension, values, rules) => {
    const label = await declare(of(data).id, dimension, values);
    const denied = await deploy(good, emergency);
    await withdraw(label);
    expect(rulesOf(denied)).toEqual(rules);
  });

  it('age and approvals give way', async () => {
    expect(await deploy(stale, emergency)).toEqual({ __typename: 'Release' });
  });
});

describe('A result that declares less than what goes in', () => {
  beforeAll(async () => {
    const policy = forbidding('write-down', '!context.writeDown.isEmpty()');
    await enforce(as(admin), { 'a.cedar': PERMIT_ALL + policy });
  });

  it.each([
    ['classification', ['INTERNAL'], []],
    ['classification', ['PUBLIC'], ['POLICY:write-down']],
    ['regions', ['EU', 'CH', 'US'], ['POLICY:write-down']],
    ['quality', ['0.9'], ['POLICY:write-down']],
  ])('in %s as %j is told of: %j', async (dimension, values, rules) => {
    const label = await declare(of(model).id, dimension, values);
    const made = await launch();
    await withdraw(label);
    expect(rulesOf(made)).toEqual(rules);
  });
});
