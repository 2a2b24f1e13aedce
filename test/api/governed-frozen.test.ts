/** What labels, grants and policies come to after the time of an auditor session is not there for it: asked whole, byte for byte. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { PERMIT_ALL, upload, violationOf, waitingDecision } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { WholeQueries } from '../support/whole-query.js';

let server: TestWeftline;
let admin: Client;
let second: Client;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline({
    environment: {
      ...{ WEFTLINE_MAX_COST: '1000000000', WEFTLINE_MAX_TOKENS: '200000', WEFTLINE_MAX_ALIASES: '100000' },
      ...{ WEFTLINE_MAX_DEPTH: '40', WEFTLINE_BODY_LIMIT_BYTES: '4194304', WEFTLINE_MAX_RESPONSE_BYTES: '1000000000' },
    },
  });
  [admin, second] = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

/** The id of what a mutation made. */
async function made(by: Client, mutation: string, input: string, thing: string): Promise<string> {
  const answer = await by.data<Record<string, Record<string, { id: string }>>>(
    `mutation { ${mutation}(input: ${input}) { ${thing} { id } } }`,
  );
  return answer[mutation]?.[thing]?.id ?? '';
}

interface Governed {
  data: SeededAsset;
  code: SeededAsset;
  deployment: SeededAsset;
  approvals: string[];
  decisions: string[];
  glasses: string[];
  grants: string[];
  label: string;
  violation: string;
}

async function govern(): Promise<Governed> {
  const codeRef = { repository: 'https://example.org/code', revision: 'a'.repeat(40) };
  const [data, code] = [await seed.dataset('data'), await seed.transformation('code', { codeRef })];
  const [model, deployment] = [await seed.model('model'), await seed.deployment('serving')];
  const modelVersion = await seed.modelVersion(model.id);
  const deploy = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { ... on Release { id } } }';
  const { deployModel } = await owner.data<{ deployModel: { id: string } }>(deploy, {
    input: { deployment: deployment.id, modelVersion },
  });
  const policySet = await upload(admin, { 'a.cedar': PERMIT_ALL });
  const waits = () => waitingDecision(server, { resource: code, requester: owner.userId, policySet });
  const waiting = [await waits(), await waits()];
  const decision = waiting[0]?.decision ?? '';
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const ask = `{ transformation: "${code.id}", dimension: "classification", from: ["CONFIDENTIAL"], to: ["INTERNAL"], reason: "R", expiresAt: "${expiresAt}" }`;
  const grant = () => made(owner, 'requestDeclassification', ask, 'declassificationGrant');
  const open = (by: Client, asset: string, action: string) =>
    made(
      by,
      'openBreakGlass',
      `{ asset: "${asset}", actions: [${action}], reason: "R", minutes: 60, secondPerson: "${second.userId}" }`,
      'breakGlass',
    );
  return {
    ...{ data, code, deployment, approvals: waiting.map(({ approval }) => approval) },
    decisions: waiting.map((each) => each.decision),
    glasses: [await open(owner, deployment.id, 'deployModel'), await open(owner, data.id, 'retireAsset')],
    grants: [await grant(), await grant()],
    label: await made(
      owner,
      'declareLabel',
      `{ asset: "${data.id}", dimension: "classification", values: ["CONFIDENTIAL"] }`,
      'labelDeclaration',
    ),
    violation: await violationOf(server, { deployment, release: deployModel.id, decision }),
  };
}

/** Each of them is decided, ended, approved, withdrawn, and there is more of everything. */
async function goOn({ data, code, approvals, glasses, grants, label }: Governed): Promise<void> {
  for (const [mutation, approval] of [
    ['approveDecision', approvals[0]],
    ['rejectDecision', approvals[1]],
  ])
    await made(admin, mutation ?? '', `{ approval: "${approval ?? ''}", reason: "later" }`, 'policyApproval');
  for (const glass of glasses) await made(owner, 'closeBreakGlass', `{ breakGlass: "${glass}" }`, 'breakGlass');
  await made(
    admin,
    'reviewBreakGlass',
    `{ breakGlass: "${glasses[0] ?? ''}", verdict: UNJUSTIFIED, text: "later" }`,
    'breakGlass',
  );
  for (const by of [admin, second])
    await made(by, 'approveDeclassification', `{ grant: "${grants[0] ?? ''}" }`, 'declassificationGrant');
  await made(
    admin,
    'rejectDeclassification',
    `{ grant: "${grants[1] ?? ''}", reason: "later" }`,
    'declassificationGrant',
  );
  await made(owner, 'withdrawLabel', `{ label: "${label}" }`, 'labelDeclaration');
  const more = `{ asset: "${data.id}", dimension: "classification", values: ["RESTRICTED"], reason: "later" }`;
  await made(owner, 'declareLabel', more, 'labelDeclaration');
  await owner.data(
    `mutation { reportQuality(input: { dataset: "${data.id}", source: "later", measuredAt: "2026-01-02T00:00:00Z", assertions: [{ assertion: "later", success: false }] }) { __typename } }`,
  );
  await owner.data(
    `mutation { updateAsset(input: { ref: "${code.id}", codeRef: { repository: "later", revision: "${'b'.repeat(40)}" } }) { __typename } }`,
  );
}

it('An auditor session is told of labels, grants, approvals, emergencies and violations as it was, whatever comes of them', async () => {
  const governed = await govern();
  const { data, code, deployment, decisions, glasses, grants, violation } = governed;
  const asOf = new Date();
  while (Date.now() <= asOf.getTime()) await delay(1);
  const { openAuditorSession: opened } = await admin.data<{
    openAuditorSession: { secret: string; session: { id: string } };
  }>(
    `mutation { openAuditorSession(input: { auditor: "A", reason: "R", asOf: "${asOf.toISOString()}" }) { secret session { id } } }`,
  );
  await server.sealed();
  const session = new Client(server.address, opened.secret, opened.session.id);
  const whole = new WholeQueries(server.weftline.schema);
  const states = ['ACTIVE', 'REVIEW_DUE', 'REVIEW_OVERDUE', 'REVIEWED'];
  const questions = [
    ...decisions.map((id) => ['policyDecision', `id: "${id}"`]),
    ...['', 'filter: { open: true }', 'filter: { states: [APPROVED, REJECTED] }'].map((args) => [
      'policyApprovals',
      args,
    ]),
    ...glasses.map((id) => ['breakGlass', `id: "${id}"`]),
    ...states.map((state) => ['breakGlasses', `filter: { asset: "${deployment.id}", states: [${state}] }`]),
    ...grants.map((id) => ['declassificationGrant', `id: "${id}"`]),
    ['violation', `id: "${violation}"`],
    ...['OPEN', 'CLOSED'].map((state) => ['violations', `deployment: "${deployment.id}", state: ${state}`]),
    ...[data, code, deployment].map(({ id }) => ['asset', `ref: "${id}"`]),
  ].map(([name = '', args = '']) => [`${name}(${args})`, whole.of(name, args, 2)] as const);
  const answers = async (): Promise<string[]> => {
    const told: string[] = [];
    for (const [key, query] of questions) {
      const { data: found, errors } = await session.ask(query);
      const refused = (errors ?? [])
        .map(({ path, extensions }) => `${path?.join('.') ?? ''} ${extensions.code}`)
        .sort();
      expect(
        refused.filter((each) => !each.endsWith('FORBIDDEN')),
        key,
      ).toEqual([]);
      // Positions are sealed anew with each answer.
      told.push(`${key}: ${JSON.stringify([found, refused]).replace(/("\w*[cC]ursor\w*"):"[^"]*"/g, '$1')}`);
    }
    return told;
  };
  const before = await answers();
  for (const id of [...decisions, ...glasses, ...grants, violation, governed.label])
    expect(before.join()).toContain(id);
  await goOn(governed);
  await server.sealed();
  expect(await answers()).toEqual(before);
}, 300_000);
