import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  parse,
  validate,
} from 'graphql';
import { Session, Transaction } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { everydayStatements } from '../../src/everyday.statements.js';
import { asSent } from '../../src/neo4j/parameter-map.js';
import type { Client } from '../support/client.js';
import { PERMIT_ALL, upload, violationOf, waitingDecision } from '../support/policies.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const FOLDER = join(import.meta.dirname, '../../schema/operations');
/** Those of auditors are asked in audit-questions.test.ts. */
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.graphql'))
  .sort();
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

/** Every text that the server gave to Neo4j since the samples began, in a transaction of its own or in one of several. */
const sent = (): string[] => heard.flatMap(({ mock }) => mock.calls.map(([text]) => String(text)));
let heard: { mock: { calls: unknown[][] } }[] = [];

let server: TestWeftline;
let owner: Client;
let other: Client;
let admin: Client;
let watched: string;
/** How often a sample needed a name that nothing has. */
let named = 0;
/** A policy is violated by what serves, from now on. */
let violate: () => Promise<string>;
/** Declares an emergency. */
let open: (by?: Client) => Promise<string>;
let variables: Record<string, () => Promise<Record<string, unknown>> | Record<string, unknown>>;

beforeAll(async () => {
  server = await startTestWeftline({
    runner: true,
    // Or the set of a sample would decide in the other files.
    environment: { WEFTLINE_POLICY_SECOND_ADMIN: 'true' },
  });
  [owner, other, admin] = [await server.user(), await server.user(), await server.user({ role: 'ADMIN' })];
  const seed = new Seed(owner, server.namespace);
  const [data, job, model, live] = [
    await seed.dataset('op-data'),
    await seed.transformation('op-train'),
    await seed.model('op-model'),
    await seed.deployment('op-live'),
  ];
  const production = await seed.deployment('op-production');
  /** Releases a new version; the id of the release. */
  const release = async (version: string) => {
    const input = { modelVersion: await seed.modelVersion(model.id, version), deployment: live.id };
    const answer = await owner.data<{ deployModel: { id: string } }>(textOf('16-deploy-model.graphql'), { input });
    return answer.deployModel.id;
  };
  const [table, cleaned] = [
    await seed.dataset('op-table', { fields: [{ name: 'email' }] }),
    await seed.dataset('op-cleaned', { fields: [{ name: 'email_hash' }] }),
  ];
  const fieldFlow = {
    ...{ source: table.id, target: cleaned.id, via: job.id },
    fields: [{ source: 'email', target: 'email_hash', subtype: 'TRANSFORMATION', masking: true }],
  };
  const version = await seed.datasetVersion(data.id);
  const made = await seed.datasetVersion((await seed.dataset('op-made')).id);
  const said = await owner.data<{ declareLabel: { labelDeclaration: { id: string } } }>(
    'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }',
    { input: { asset: data.id, dimension: 'classification', values: ['INTERNAL'] } },
  );
  const label = said.declareLabel.labelDeclaration.id;
  const input = { transformation: job.id, inputs: [version] };
  const program =
    'require("fs").writeFileSync(process.env.WEFTLINE_OUTPUT + "/model.txt", "m"); console.log("trained")';
  const launch = {
    idempotencyKey: 'operations',
    ...input,
    output: model.id,
    command: [process.execPath, '-e', program],
    resources: {},
  };
  const jobId = async () =>
    (await owner.data<{ launchTraining: { id: string } }>(textOf('12-launch-training.graphql'), { input: launch }))
      .launchTraining.id;
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const request = async () =>
    (
      await other.data<{ requestAccess: { accessRequest: { id: string } } }>(textOf('09-request-access.graphql'), {
        input: { asset: data.id, actions: ['USE_FOR_TRAINING'], purpose: 'A test', until },
      })
    ).requestAccess.accessRequest.id;
  const run = async () =>
    (await owner.data<{ startRun: { run: { id: string } } }>(textOf('07-start-run.graphql'), { input })).startRun.run
      .id;
  const coded = await seed.transformation('op-coded', { codeRef: { repository: 'r', revision: 'a'.repeat(40) } });
  const asksToLower = {
    ...{ transformation: coded.id, dimension: 'classification', from: ['CONFIDENTIAL'], to: ['INTERNAL'] },
    ...{ conditions: [{ facet: '/anonymity/k', atLeast: 10 }], reason: 'groups of ten', expiresAt: until },
  };
  const asked = async () =>
    (
      await owner.data<{ requestDeclassification: { declassificationGrant: { id: string } } }>(
        textOf('190-request-declassification.graphql'),
        { input: asksToLower },
      )
    ).requestDeclassification.declassificationGrant.id;
  /** For an asset of its own each time: of one person, a single emergency for an asset goes on. */
  const emergency = async (secondPerson = admin.userId) => {
    const asset = (await seed.deployment(`op-emergency-${performance.now()}`)).id;
    return { asset, actions: ['deployModel'], reason: 'Down', minutes: 60, secondPerson };
  };
  open = async (by = owner) => {
    const text = textOf('200-open-break-glass.graphql');
    const answer = await by.data<{ openBreakGlass: { breakGlass: { id: string } } }>(text, {
      input: await emergency(by === owner ? admin.userId : owner.userId),
    });
    return answer.openBreakGlass.breakGlass.id;
  };
  /** One that is over, of somebody else. */
  const over = async () => {
    const id = await open(admin);
    await admin.data(textOf('201-close-break-glass.graphql'), { input: { breakGlass: id } });
    return id;
  };
  const policySet = () => upload(admin, { 'base.cedar': PERMIT_ALL });
  /** A decision about the transformation, asked for by somebody else. */
  const waiting = async () =>
    waitingDecision(server, { resource: job, requester: other.userId, policySet: await policySet() });
  violate = async () => {
    const { decision } = await waiting();
    return violationOf(server, { deployment: live, release: await release(`op-${performance.now()}`), decision });
  };
  const proposedAlias = async (name: string) => {
    const [asset, sameAs] = [await seed.dataset(name), await seed.dataset(`${name}-too`)];
    const answer = await owner.data<{ proposeAlias: { aliasProposal: { id: string } } }>(
      textOf('170-propose-alias.graphql'),
      { input: { asset: asset.id, sameAs: sameAs.id } },
    );
    return answer.proposeAlias.aliasProposal.id;
  };
  const joinedAlias = async (name: string) => {
    const proposal = await proposedAlias(name);
    await owner.data(textOf('171-decide-alias.graphql'), { input: { proposal, accept: true } });
    return proposal;
  };
  const offer = async (ref = job.id) => {
    const input = { ref, to: await server.team(owner) };
    const answer = await owner.data<{ offerOwnership: { ownershipOffer: { id: string } } }>(
      textOf('42-offer-ownership.graphql'),
      { input },
    );
    return answer.offerOwnership.ownershipOffer.id;
  };
  const ownRequest = async () =>
    (
      await owner.data<{ requestAccess: { accessRequest: { id: string } } }>(textOf('09-request-access.graphql'), {
        input: { asset: data.id, actions: ['DEPLOY'], purpose: 'A test', until },
      })
    ).requestAccess.accessRequest.id;
  const writtenNow = async () => {
    const { extensions } = await owner.ask(textOf('90-write-with-token.graphql'), { input: { ref: data.id } });
    return extensions?.consistency;
  };
  const tokenOf = async (client: Client) => {
    const input = { name: 'to revoke', user: client.userId, scopes: ['READ'] };
    const answer = await client.data<{ createApiToken: { apiToken: { id: string } } }>(
      textOf('31-service-account-token.graphql'),
      { input },
    );
    return answer.createApiToken.apiToken.id;
  };
  const session = async () => {
    const answer = await admin.data<{ openAuditorSession: { auditorSession: { id: string } } }>(
      textOf('60-open-auditor-session.graphql'),
      { input: { auditor: 'Bo of Audit & Co', reason: 'A test', expiresInHours: 1 } },
    );
    return answer.openAuditorSession.auditorSession.id;
  };
  const grant = async () => {
    const input = { asset: data.id, grantee: other.userId, actions: ['EDIT'], purpose: 'To be revoked', until };
    const answer = await owner.data<{ grantAccess: { accessGrant: { id: string } } }>(
      textOf('46-grant-access.graphql'),
      { input },
    );
    return answer.grantAccess.accessGrant.id;
  };
  const robot = async () => {
    const input = { name: `op-robot-2 of ${server.namespace}` };
    const answer = await admin.data<{ createServiceAccount: { serviceAccount: { id: string } } }>(
      textOf('30-create-service-account.graphql'),
      { input },
    );
    return answer.createServiceAccount.serviceAccount.id;
  };
  const retiredTeam = async () => {
    const team = await server.team();
    await admin.data(textOf('123-retire-team.graphql'), { input: { team } });
    return team;
  };
  const recently = new Date().toISOString();
  heard = [vi.spyOn(Session.prototype, 'run'), vi.spyOn(Transaction.prototype, 'run')];
  watched = data.id;
  variables = {
    '01-who-am-i': () => ({}),
    '02-search': () => ({ query: 'op data' }),
    '03-list-assets': () => ({}),
    '04-asset-page': () => ({ ref: data.urn }),
    '23-set-fields': () => ({ input: { ref: table.id, mode: 'MERGE', fields: [{ name: 'email.domain' }] } }),
    '24-rename-field': async () => {
      const { id: ref } = await seed.dataset('op-renamed', { fields: [{ name: 'email' }] });
      return { input: { ref, field: 'email', name: 'mail' } };
    },
    '25-field-changes': () => ({ ref: table.id, from: '2026-01-01T00:00:00Z' }),
    '97-tags': () => ({}),
    '98-add-tags': () => ({ input: { ref: data.urn, tags: ['op'] } }),
    '99-remove-tags': () => ({ input: { ref: data.urn, tags: ['op'] } }),
    '100-update-assets': () => ({
      input: { filter: { namespaces: [server.namespace] }, change: { addTags: ['op'] }, dryRun: true },
    }),
    '101-rename-tag': () => ({ input: { tag: 'op', newTag: 'op-new' } }),
    '102-release-urn': async () => {
      const number = (named += 1);
      const { id: ref, urn } = await seed.dataset(`op-named ${number}`);
      await owner.data(
        'mutation ($ref: AssetRef!, $name: String!) { renameAsset(input: { ref: $ref, name: $name }) { asset { id } } }',
        { ref, name: `op-called ${number}` },
      );
      return { input: { urn } };
    },
    '103-delete-asset': async () => ({ input: { ref: (await seed.dataset(`op-mistake ${(named += 1)}`)).id } }),
    '96-register-many': () => ({
      input: {
        assets: [
          { dataset: { namespace: server.namespace, name: 'op-many', fields: [{ name: 'id' }] } },
          { model: { namespace: server.namespace, name: 'op-many' } },
        ],
      },
    }),
    '05-register-dataset': () => ({
      input: { namespace: server.namespace, name: 'op-new', format: 'csv', fields: [{ name: 'id' }] },
    }),
    '150-report-quality': () => ({
      input: {
        ...{ version, source: 'op-150', measuredAt: '2026-11-29T06:00:00Z' },
        ...{ assertions: [{ assertion: 'row_count', success: true }], metrics: { rowCount: 344 } },
      },
    }),
    '151-quality-of-data': () => ({ ref: data.id }),
    '180-declare-label': () => ({ input: { asset: data.id, dimension: 'licences', values: ['CC-BY-4.0'] } }),
    '181-withdraw-label': () => ({ input: { label, reason: 'op-181' } }),
    '182-labels-of-version': () => ({ id: version }),
    '183-labels-of-asset': () => ({ ref: data.id, dimension: 'classification' }),
    '06-publish-version': () => ({
      input: { dataset: data.id, version: '2', digest: `sha256:${'0'.repeat(64)}`, rowCount: 1, bytes: 2 },
    }),
    '07-start-run': () => ({ input }),
    '08-finish-run': async () => ({ input: { run: await run(), outputs: [made] } }),
    '09-request-access': () => ({ input: { asset: data.id, actions: ['DEPLOY'], purpose: 'A test', until } }),
    '10-decide-access': async () => ({ input: { request: await request(), approve: true } }),
    '11-open-requests': () => ({}),
    '12-launch-training': () => ({ input: launch }),
    '13-watch-training': async () => ({ id: await jobId() }),
    '14-training-log': async () => ({ id: await jobId() }),
    '15-training-jobs': () => ({}),
    '16-deploy-model': async () => ({
      input: { modelVersion: await seed.modelVersion(model.id, 'by-hand'), deployment: live.id },
    }),
    '58-promote-release': async () => {
      await release('op-58');
      return { input: { from: live.id, to: production.id } };
    },
    '59-rollback-release': async () => {
      await release('op-59-first');
      return { input: { deployment: live.id, expectedCurrent: await release('op-59-second') } };
    },
    '63-report-health': () => ({ input: { deployment: live.id, state: 'HEALTHY', latencySeconds: 0.03 } }),
    '64-deployment-health': () => ({ ref: live.urn }),
    '160-rejected-events': () => ({}),
    '163-unowned-assets': () => ({ namespaces: [server.namespace] }),
    '164-ingest-status': () => ({}),
    '165-token-with-limits': () => ({
      input: { name: 'op-165', scopes: ['REPORT'], reportLimits: { namespaces: ['airflow-*'], jobs: ['shop.*'] } },
    }),
    '65-reproduce': async () => ({ modelVersion: await seed.modelVersion(model.id, 'op-65') }),
    '66-training-record': async () => ({ id: await seed.modelVersion(model.id, 'op-66') }),
    '62-end-release': () => ({ input: { deployment: production.id } }),
    '17-lineage-upstream': () => ({ of: [live.id] }),
    '18-impact': () => ({ of: [data.id] }),
    '19-provenance': () => ({ ref: live.id }),
    '80-trained-on': () => ({ model: model.id }),
    '81-deployments-trained-on': () => ({ dataset: data.id }),
    '82-contamination': async () => ({ train: await seed.modelVersion(model.id, 'op-82'), evaluation: version }),
    '83-impact-of-change': () => ({ of: [data.id] }),
    '84-orphans': () => ({}),
    '85-lineage-coverage': () => ({ namespaces: [server.namespace] }),
    '20-audit': () => ({ ref: data.id }),
    '21-launchers': () => ({}),
    '67-job-life': async () => ({ id: await jobId() }),
    '68-orphaned-tasks': () => ({}),
    '22-catalog-changes': () => ({}),
    '40-restrict-namespace': () => ({
      input: { namespace: `${server.namespace}-restricted`, visibility: 'RESTRICTED' },
    }),
    '41-namespaces': () => ({}),
    '38-namespace-owners': async () => ({
      input: { namespace: `${server.namespace}-owned`, owners: [await server.team(owner)] },
    }),
    '39-admit-to-namespace': async () => {
      const namespace = `${server.namespace}-of the owner`;
      await admin.data(textOf('38-namespace-owners.graphql'), { input: { namespace, owners: [owner.userId] } });
      return { input: { namespace, registration: 'OWNERS', registrars: [other.userId] } };
    },
    '180-upload-policy-set': () => ({ input: { files: [{ path: 'base.cedar', text: PERMIT_ALL }], reason: 'A test' } }),
    '181-activate-policy-set': async () => ({ input: { policySet: (await policySet()).id, expectedActive: null } }),
    '206-deactivate-policies': async () => ({ input: { expectedActive: (await policySet()).id, reason: 'A test' } }),
    '182-policy-sets': () => ({}),
    '183-policy-set': async () => ({ id: (await policySet()).id }),
    '184-policy-decision': async () => ({ id: (await waiting()).decision }),
    '185-replay-decision': async () => ({ id: (await waiting()).decision }),
    '188-rehearse-policies': async () => ({ set: (await policySet()).id }),
    '189-violations': () => ({ state: 'OPEN' }),
    '191-violation': async () => ({ id: await violate() }),
    '192-violation-changes': () => ({}),
    '190-request-declassification': () => ({ input: asksToLower }),
    '191-approve-declassification': async () => ({ input: { grant: await asked() } }),
    '192-reject-declassification': async () => ({ input: { grant: await asked(), reason: 'too small' } }),
    '193-revoke-declassification': async () => ({ input: { grant: await asked(), reason: 'can be told apart' } }),
    '194-declassification-grant': async () => ({ id: await asked() }),
    '195-declassification-grants': () => ({ ref: coded.id }),
    '200-open-break-glass': async () => ({ input: await emergency() }),
    '201-close-break-glass': async () => ({ input: { breakGlass: await open() } }),
    '202-review-break-glass': async () => ({
      input: { breakGlass: await over(), verdict: 'JUSTIFIED', text: 'It served again within minutes' },
    }),
    '203-break-glasses': () => ({ filter: { due: true } }),
    '204-break-glass': async () => ({ id: await open() }),
    '205-break-glass-changes': () => ({}),
    '186-approve-decision': async () => ({ input: { approval: (await waiting()).approval, reason: 'Reviewed' } }),
    '188-policy-approvals': () => ({ filter: { open: true } }),
    '187-reject-decision': async () => ({ input: { approval: (await waiting()).approval, reason: 'Not yet' } }),
    '170-propose-alias': async () => ({
      input: { asset: (await seed.dataset('op-named')).id, sameAs: (await seed.dataset('op-named-too')).id },
    }),
    '171-decide-alias': async () => ({ input: { proposal: await proposedAlias('op-decided'), accept: true } }),
    '172-undo-alias': async () => ({ input: { proposal: await joinedAlias('op-undone') } }),
    '173-alias-proposals': () => ({}),
    '42-offer-ownership': () => ({ input: { ref: data.id, to: other.userId } }),
    '43-decide-offer': async () => ({ input: { offer: await offer(), accept: true } }),
    '44-my-offers': () => ({}),
    '45-orphaned-assets': () => ({}),
    '46-grant-access': () => ({
      input: { asset: data.id, grantee: other.userId, actions: ['USE_FOR_TRAINING'], purpose: 'A test', until },
    }),
    '47-explain-access': () => ({ ref: data.id, action: 'USE_FOR_TRAINING', principal: other.userId }),
    '48-access-changes': () => ({}),
    '49-withdraw-request': async () => ({ input: { request: await ownRequest() } }),
    '54-set-quota': async () => ({ input: { team: await server.team(owner), runningGpus: 8, gpuHours: 2000 } }),
    '55-quotas': () => ({}),
    '94-energy-of-job': async () => ({ id: await jobId() }),
    '92-footprint': () => ({ of: model.id }),
    '93-footprint-of-team': async () => ({ team: await server.team(owner) }),
    '56-plan-training': () => ({ input: { ...launch, idempotencyKey: 'planned' } }),
    '30-create-service-account': async () => ({
      input: { name: `op-robot of ${server.namespace}`, teams: [await server.team(owner)] },
    }),
    '31-service-account-token': () => ({ input: { name: 'CI', user: other.userId, scopes: ['READ'] } }),
    '32-disable-principal': async () => ({ input: { principal: (await server.user()).userId, reason: 'A test' } }),
    '33-enable-principal': () => ({ input: { principal: other.userId } }),
    '34-set-user-role': async () => ({ input: { user: (await server.user()).userId, role: 'AUDITOR' } }),
    '35-team-of-a-group': async () => ({
      input: { team: await server.team(owner), externalGroup: server.namespace },
    }),
    '36-who-can-sign-in': () => ({ nameContains: 'name of' }),
    '130-create-user': () => ({ input: { name: 'Noor Haddad', handle: `op-${server.namespace}` } }),
    '131-create-team': () => ({ input: { name: `op-made of ${server.namespace}`, members: [other.userId] } }),
    '132-set-team-members': async () => ({ input: { team: await server.team(), members: [other.userId] } }),
    '133-revoke-token': async () => ({ input: { token: await tokenOf(owner) } }),
    '134-end-auditor-session': async () => ({ input: { session: await session() } }),
    '135-auditor-session': () => ({}),
    '136-register-transformation': () => ({ input: { namespace: server.namespace, name: 'op-registered' } }),
    '137-register-model': () => ({ input: { namespace: server.namespace, name: 'op-registered', license: 'MIT' } }),
    '138-register-deployment': () => ({
      input: { namespace: server.namespace, name: 'op-registered', environment: 'test' },
    }),
    '139-publish-model-version': () => ({ input: { model: model.id, version: 'op-139', metrics: { auc: 0.93 } } }),
    '140-rename-asset': async () => ({ input: { ref: (await seed.dataset('op-before')).id, name: 'op-after' } }),
    '141-retire-asset': async () => ({ input: { ref: (await seed.dataset('op-idle')).id } }),
    '142-set-owners': async () => ({
      input: {
        ref: (await seed.dataset('op-shared')).id,
        owners: [{ owner: owner.userId }, { owner: other.userId, role: 'STEWARD' }],
      },
    }),
    '143-withdraw-offer': async () => ({ input: { offer: await offer((await seed.dataset('op-offered')).id) } }),
    '144-revoke-access': async () => ({ input: { grant: await grant() } }),
    '145-access-grants': () => ({ asset: data.urn }),
    '146-cancel-training': async () => ({ input: { job: await jobId() } }),
    '147-one-namespace': () => ({ name: server.namespace }),
    '148-things-by-id': async () => ({ ids: [data.id, owner.userId, await run()] }),
    '126-heartbeat-run': async () => ({ input: { run: await run() } }),
    '127-runs-overdue-after': () => ({ input: { namespace: server.namespace, overdueAfterSeconds: 86_400 } }),
    '128-overdue-runs': () => ({ ref: job.urn }),
    '120-rename-user': async () => ({ input: { user: (await server.user()).userId, name: 'Ana Lindqvist' } }),
    '121-rename-service-account': async () => ({
      input: { serviceAccount: await robot(), name: `op-renamed of ${server.namespace}` },
    }),
    '122-rename-team': async () => ({ input: { team: await server.team(), name: `op-team of ${server.namespace}` } }),
    '161-outgoing-events': () => ({}),
    '162-retry-outgoing-events': () => ({ input: { events: [] } }),
    '123-retire-team': async () => ({ input: { team: await server.team(other) } }),
    '124-restore-team': async () => ({ input: { team: await retiredTeam() } }),
    '125-release-team-name': async () => ({ input: { team: await retiredTeam() } }),
    '37-failed-sign-ins': () => ({}),
    '70-report-run': async () => ({
      input: { claimSource: 'airflow', scope: 'RUN', run: await run(), flows: [{ source: data.id, target: job.id }] },
    }),
    '71-nothing-flows-any-more': () => ({
      input: { claimSource: 'dbt', scope: 'TRANSFORMATION', transformation: job.id, flows: [] },
    }),
    '72-retract-lineage': () => ({ input: { claimSource: 'airflow', transformation: job.id, reason: 'A test' } }),
    '73-who-stated-it': () => ({ source: data.id, target: job.id }),
    '74-lineage-past-noise': () => ({ of: [data.id] }),
    '75-lineage-until': () => ({ of: [data.id] }),
    '76-lineage-as-of': () => ({ of: [live.id], asOf: recently, knownAt: recently }),
    '77-lineage-paths': () => ({ from: data.id, to: live.id }),
    '78-lineage-diff': () => ({ of: live.id, from: '2026-01-01T00:00:00Z', to: recently }),
    '60-open-auditor-session': () => ({ input: { auditor: 'Ada of Audit & Co', reason: 'A test', expiresInHours: 1 } }),
    '61-auditor-sessions': () => ({}),
    '50-audit-of-request': () => ({ filter: { asset: data.id, outcome: 'DONE' } }),
    '51-audit-proof': async () => ({ entry: await entryOf(data.id) }),
    '52-audit-checkpoint': () => ({ since: 1 }),
    '87-claim-field-lineage': () => ({ input: { flows: [fieldFlow], claimSource: 'a parser' } }),
    '88-field-lineage': () => ({ dataset: table.id, field: 'email' }),
    '89-retract-field-lineage': () => ({ input: { flows: [fieldFlow], claimSource: 'a parser' } }),
    '90-write-with-token': () => ({ input: { ref: data.id, description: 'Written before it is read' } }),
    '91-read-after-write': async () => ({ ref: data.id, of: [data.id], consistency: await writtenNow() }),
    '53-erase-person': async () => ({ input: { user: (await server.user()).userId, reason: 'They asked for it' } }),
  };
});

afterAll(async () => {
  vi.restoreAllMocks();
  await server.stop();
});

describe.each(files)('the sample operation %s', (file) => {
  const document = parse(textOf(file));
  const operation = getOperationAST(document) as OperationDefinitionNode;

  it('fits the committed schema, and says what it shows', () => {
    const schema = buildSchema(readFileSync(join(FOLDER, '../schema.graphql'), 'utf8'));
    expect(validate(schema, document)).toEqual([]);
    expect(textOf(file)).toMatch(/^# \S/);
    const example = /^# variables: (.+)$/m.exec(textOf(file))?.[1];
    const needed =
      operation.variableDefinitions?.filter((each) => each.type.kind === Kind.NON_NULL_TYPE && !each.defaultValue) ??
      [];
    const given = example ? Object.keys(JSON.parse(example) as object) : [];
    expect(given).toEqual(expect.arrayContaining(needed.map((each) => each.variable.name.value)));
  });

  it('is answered without an error', async () => {
    const prepare = variables[file.replace('.graphql', '')];
    if (!prepare) throw new Error(`Add variables for ${file} to the table in test/api/operations.test.ts.`);
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const caller = textOf(file).includes('(ADMIN)') ? admin : owner;
      let answer = await caller.ask(textOf(file), await prepare());
      // An auditor of another file, whose session began between the two, still needs what is prepared anew then.
      while (isNeededByAuditors(answer)) answer = await caller.ask(textOf(file), await prepare());
      expect(answer.errors).toBeUndefined();
      return;
    }
    const gone = new AbortController();
    const { events } = await owner.open(textOf(file), await prepare(), gone.signal);
    await makeSomethingHappen(file);
    const heard = await events.next();
    gone.abort();
    expect(heard.done).toBe(false);
    expect(heard.value).toMatchObject({ data: {} });
    expect(heard.value).not.toHaveProperty('errors');
  });
});

it('all that the samples ask of the database is planned ahead', () => {
  const planned = new Set(everydayStatements().map(asSent));
  const texts = new Set(sent());
  expect(texts.size).toBeGreaterThan(150);
  expect([...texts].filter((each) => !planned.has(each)).map((each) => each.slice(0, 200))).toEqual([]);
});

const isNeededByAuditors = ({ errors = [] }: { errors?: { message: string }[] }): boolean =>
  errors.some(({ message }) => message.includes('open sessions of auditors'));

async function entryOf(target: string): Promise<string> {
  const query = 'query ($target: ID!) { audit(filter: { target: $target }) { nodes { id } } }';
  const { audit } = await owner.data<{ audit: { nodes: { id: string }[] } }>(query, { target });
  return audit.nodes[0]?.id ?? '';
}

/** A stream that begins now hears only of what comes after it was opened. */
async function makeSomethingHappen(file: string): Promise<void> {
  const until = new Date(Date.now() + 3_600_000);
  await other.data(textOf('09-request-access.graphql'), {
    input: { asset: watched, actions: ['DEPLOY'], purpose: file, until },
  });
  await owner.data('mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { id } } }', {
    input: { namespace: server.namespace, name: `for ${file} at ${performance.now()}` },
  });
  await violate();
  await open();
}
