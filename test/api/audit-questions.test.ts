/** The questions of auditors in schema/operations/audit: each asked of one small factory whose every answer is known. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed } from '../support/seed.js';
import type { TestWeftline } from '../support/weftline.js';

const FOLDER = join(import.meta.dirname, '../../schema/operations/audit');
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const digest = (of: number): string => `sha256:${String(of).repeat(64)}`;

const REASONS = 'reasons { rule policyApproval }';
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { __typename
  ... on Release { id } ... on DeployDenied { ${REASONS} } } }`;
const APPROVE =
  'mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) { policyApproval { state } } }';
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
const REPORT = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }';
const START = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id startedAt } } }';
const FINISH = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';

let server: TestWeftline;
let stop: () => Promise<void>;
/** Question by file, as it is asked of this factory. */
let variables: Record<string, Record<string, unknown>>;
/** What is another in each run, by what stands for it in the recorded answers. */
const names = new Map<string, string>();
let auditor: Client;

async function started(
  by: Client,
  transformation: string,
  inputs: string[],
): Promise<{ id: string; startedAt: string }> {
  const answer = await by.data<{ startRun: { run: { id: string; startedAt: string } } }>(START, {
    input: { transformation, inputs },
  });
  return answer.startRun.run;
}

/** A time after all that was recorded, and before all that will be. */
async function between(): Promise<string> {
  const tick = async (): Promise<string> => {
    const before = new Date().toISOString();
    while (new Date().toISOString() === before) await delay(1);
    return new Date().toISOString();
  };
  const time = await tick();
  await tick();
  return time;
}

/** raw 1 and raw 2 go into features 1, of which two models are trained; one serves, by the word of a second pair of eyes; the other did before. */
beforeAll(async () => {
  ({ server, stop } = await policyServer());
  const admin = await server.user({ role: 'ADMIN' });
  const [owner, requester, approver] = [await server.user(), await server.user(), await server.user()];
  auditor = await server.user({ role: 'AUDITOR' });
  const team = await server.team(owner, requester, approver);
  const seed = new Seed(owner, 'factory');
  const [raw, features] = [await seed.dataset('raw'), await seed.dataset('features')];
  const [clean, train] = [
    await seed.transformation('clean', { codeRef: { repository: 'https://git.example/clean', revision: 'a1' } }),
    await seed.transformation('train'),
  ];
  const owners = [{ owner: team, role: 'OWNER' }];
  const model = await seed.model('model', { license: 'Apache-2.0', owners });
  const live = await seed.deployment('live', { environment: 'production', owners });
  await seed.flow([raw.id, clean.id], [clean.id, features.id], [features.id, train.id]);
  await owner.data(LABEL, { input: { asset: raw.id, dimension: 'classification', values: ['CONFIDENTIAL'] } });
  const [raw1, raw2] = [
    await seed.datasetVersion(raw.id, '1', { digest: digest(1), uri: 's3://lake/raw/1' }),
    await seed.datasetVersion(raw.id, '2', { digest: digest(2), uri: 's3://lake/raw/2' }),
  ];
  const tests = (success: boolean, measuredAt: string) => ({
    ...{ version: raw1, source: 'tests', measuredAt },
    assertions: [{ assertion: 'not_null', field: null, success, severity: 'ERROR' }],
  });
  await owner.data(REPORT, { input: tests(true, '2026-11-01T00:00:00.000Z') });
  const made = await seed.datasetVersion(features.id, '1', { digest: digest(3), uri: 's3://lake/features/1' });
  const cleaning = await seed.run(clean.id, [raw1, raw2], [made]);
  const training = await started(owner, train.id, [made]);
  const [model1, model2] = [
    await seed.modelVersion(model.id, '1', { digest: digest(4), uri: 's3://models/1' }),
    await seed.modelVersion(model.id, '2', { digest: digest(5), uri: 's3://models/2' }),
  ];
  await owner.data(FINISH, { input: { run: training.id, outputs: [model1, model2] } });
  const reading = await started(owner, clean.id, [raw1]);
  // Only now is it found that it was bad then.
  await owner.data(REPORT, { input: tests(false, '2026-11-02T00:00:00.000Z') });
  await owner.data(DEPLOY, { input: { deployment: live.id, modelVersion: model1 } });
  const from = await between();
  await owner.data(LABEL, { input: { asset: raw.id, dimension: 'personalData', values: ['email'] } });
  await seed.flow([(await seed.dataset('lookup')).id, clean.id]);
  await enforce(admin, {
    'four-eyes.cedar':
      PERMIT_ALL + forbidding('four-eyes', 'context.approvals.independent < 1', 'approval', 'deployModel'),
  });
  const released = () =>
    requester.data<{ made: { __typename: string; id?: string; reasons?: { policyApproval: string }[] } }>(DEPLOY, {
      input: { deployment: live.id, modelVersion: model2 },
    });
  const approval = (await released()).made.reasons?.[0]?.policyApproval;
  await approver.data(APPROVE, { input: { approval, reason: 'Read the report.' } });
  const { made: release } = await released();
  expect(release.__typename).toBe('Release');
  await server.sealed();
  const to = await between();
  variables = {
    'q01-deployments-trained-on': { dataset: raw.id },
    'q02-ancestry-of-deployment': { deployment: live.id },
    'q03-impact-of-erasure': { version: raw1, dataset: raw.id },
    'q10-approval-of-deployment': { deployment: live.id },
    'q12-what-changed': { deployment: live.id, from, to },
    'q17-quality-at-use': { run: reading.id, usedAt: reading.startedAt },
    'q22-completeness-of-lineage': { namespaces: ['factory'] },
    'q23-bad-data': { version: raw1 },
  };
  const called: Record<string, string | undefined> = {
    ...{ 'raw 1': raw1, 'raw 2': raw2, 'features 1': made, 'model 1': model1, 'model 2': model2 },
    ...{ 'the cleaning': cleaning, 'the training': training.id, 'the reading': reading.id },
    ...{ raw: raw.id, features: features.id, clean: clean.id, train: train.id, model: model.id, live: live.id },
    ...{
      'the owner': owner.userId,
      'the requester': requester.userId,
      'the approver': approver.userId,
      'the admin': admin.userId,
      'the team': team,
    },
    ...{ 'the approval': approval, 'the release': release.id },
  };
  for (const [name, id] of Object.entries(called)) if (id !== undefined) names.set(id, name);
  const people = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on User { name } ... on Team { name } } }';
  const { nodes } = await admin.data<{ nodes: { id: string; name: string }[] }>(people, {
    ids: [owner.userId, requester.userId, approver.userId, admin.userId, team],
  });
  for (const { id, name } of nodes) names.set(name, names.get(id) ?? '');
  const { viewer } = await auditor.data<{ viewer: { name: string } }>('{ viewer { name } }');
  names.set(auditor.userId, viewer.name);
});
afterAll(() => stop());

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** That the auditor asked stands in the log too, once for each question before. */
const isOwnRead = (each: unknown): boolean =>
  typeof each === 'object' && each !== null && 'actorName' in each && each.actorName === names.get(auditor.userId);

/** An answer with names for what is another in each run: times but those that were told, ids, digests over ids. */
function recorded(answer: unknown): string {
  const word = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.filter((each) => !isOwnRead(each));
    if (key === 'seq' || key === 'endCursor') return value === null ? null : `<${key}>`;
    if (typeof value !== 'string') return value;
    const name = names.get(value);
    if (name !== undefined) return `<${name}>`;
    if (UUID.test(value)) return '<id>';
    if (TIME.test(value)) return value.startsWith('2026-11-0') ? value : '<time>';
    if (/^[0-9a-f]{64}$/.test(value)) return '<sha256>';
    return value;
  };
  return `${JSON.stringify(answer, word, 2)}\n`;
}

describe("The auditors' questions", () => {
  it('are all asked here', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(
      Object.keys(variables)
        .map((name) => `${name}.graphql`)
        .sort(),
    );
  });

  it.each(readdirSync(FOLDER).map((file) => file.replace('.graphql', '')))('%s', async (name) => {
    const { data, errors } = await auditor.ask(textOf(`${name}.graphql`), variables[name] ?? {});
    expect(errors).toBeUndefined();
    await expect(recorded(data)).toMatchFileSnapshot(join(import.meta.dirname, `audit-answers/${name}.json`));
  });
});
