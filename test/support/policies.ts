import { recordAudit } from '../../src/audit/record/record.js';
import { systemActor } from '../../src/auth/actor.js';
import { NOT_GOING_ON, type PolicyApproval, subjectOf } from '../../src/governance/decisions/approval.js';
import { ApprovalRepository } from '../../src/governance/decisions/approval.repository.js';
import type { PolicyDecision } from '../../src/governance/decisions/decision.js';
import { DecisionRepository } from '../../src/governance/decisions/decision.repository.js';
import { FactsRepository } from '../../src/governance/decisions/facts.repository.js';
import { FactsGatherer, sha256Of } from '../../src/governance/decisions/facts.service.js';
import { VIOLATION_ACTIONS } from '../../src/governance/violations/violation.feed.js';
import type { Violation } from '../../src/governance/violations/violation.js';
import { WatchRepository } from '../../src/governance/violations/watch.repository.js';
import { newId } from '../../src/ids.js';
import { Clearances } from '../../src/governance/clearance/clearances.js';
import type { Client } from './client.js';
import { type OwnGraph, ownGraph } from './own-graph.js';
import { startTestWeftline, type TestOptions, type TestWeftline } from './weftline.js';

const UPLOAD = `mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) {
  policySet { id digest source isActive faults { file line column message } } } }`;
const ACTIVATE = `mutation ($input: ActivatePolicySetInput!) { activatePolicySet(input: $input) { state policySet { id isActive } } }`;
const ACTIVE = '{ policySets(first: 200) { nodes { id isActive } } }';

export interface SetView {
  id: string;
  digest: string;
  source: string;
  isActive: boolean;
  faults: { file: string; line: number | null; column: number | null; message: string }[];
}

/** On a graph of its own: the active set is one for all servers of a database, and would decide in other files. */
export async function policyServer(
  options: TestOptions = {},
): Promise<{ server: TestWeftline; database: OwnGraph; stop: () => Promise<void> }> {
  const database = await ownGraph();
  const server = await startTestWeftline({ ...options, database });
  const stop = async (): Promise<void> => {
    await server.stop();
    await database.giveBack();
  };
  return { server, database, stop };
}

/** Permits all that no other policy forbids. */
export const PERMIT_ALL =
  '@id("all")\n@reason("What nothing forbids is permitted.")\npermit (principal, action, resource);\n';

/** A policy that forbids, with a reason of its own. */
export function forbidding(id: string, when: string, severity = 'fail', action = ''): string {
  const scope = action === '' ? 'action' : `action == Action::"${action}"`;
  return `@id("${id}")\n@reason("Reason of ${id}.")\n@severity("${severity}")\nforbid (principal, ${scope}, resource)\nwhen { ${when} };\n`;
}

export async function upload(admin: Client, files: Readonly<Record<string, string>>): Promise<SetView> {
  const input = { files: Object.entries(files).map(([path, text]) => ({ path, text })) };
  const answer = await admin.data<{ uploadPolicySet: { policySet: SetView } }>(UPLOAD, { input });
  return answer.uploadPolicySet.policySet;
}

export async function activeId(admin: Client): Promise<string | null> {
  const { policySets } = await admin.data<{ policySets: { nodes: { id: string; isActive: boolean }[] } }>(ACTIVE);
  return policySets.nodes.find(({ isActive }) => isActive)?.id ?? null;
}

export function activate(admin: Client, policySet: string, expectedActive: string | null) {
  return admin.ask<{ activatePolicySet: { state: string; policySet: { isActive: boolean } } }>(ACTIVATE, {
    input: { policySet, expectedActive },
  });
}

/** Brings in a set of these files, and makes it the active one. */
export async function enforce(admin: Client, files: Readonly<Record<string, string>>): Promise<SetView> {
  const set = await upload(admin, files);
  const answer = await activate(admin, set.id, await activeId(admin));
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return set;
}

/** A decision that waits for an approval, kept as a server keeps it: of a transformation, asked for by somebody. */
export async function waitingDecision(
  server: TestWeftline,
  of: {
    resource: { id: string; urn: string };
    requester: string;
    policySet: SetView;
    /** What goes in, each also the end of a way. */
    inputs?: { assetId: string; versionId: string; digest: string }[];
  },
): Promise<{ decision: string; approval: string }> {
  const now = new Date();
  const subjects = [{ part: 'RESOURCE' as const, assetId: of.resource.id, versionId: null }];
  const origin = { requestId: 'test', operation: 'test' };
  const nothing = () => Promise.resolve({ labels: {}, writeDown: null, unknown: [], origins: [] });
  const gatherer = new FactsGatherer(
    new FactsRepository(),
    { of: nothing, ofAsset: nothing },
    new Clearances(null, []),
    new ApprovalRepository(server.graph, () => now),
  );
  const subjectsDigest = await gatherer.digestNow(server.graph.reader(origin), subjects, now);
  const about = {
    ...{ action: 'launchTraining' as const, resourceId: of.resource.id, resourceUrn: of.resource.urn },
    ...{ subjects: subjects.map((subject) => ({ ...subject, digest: '0' })), subjectsDigest },
  };
  const facts = { unknown: [] };
  const inputs = (of.inputs ?? []).map((each) => ({ part: 'INPUT' as const, ...each }));
  const witnesses = inputs.map(({ assetId, versionId }) => ({
    fact: 'labels',
    steps: [{ kind: 'VERSION' as const, id: versionId, assetId }],
  }));
  const decision: PolicyDecision = {
    ...about,
    ...{ __typename: 'PolicyDecision', id: newId(), outcome: 'NEEDS_APPROVAL', actorId: of.requester },
    ...{ policySetId: of.policySet.id, policySetDigest: of.policySet.digest },
    ...{ facts, factsDigest: sha256Of(facts), given: {}, findings: [], reasons: [], witnesses, engine: 'cedar' },
    subjects: [...about.subjects, ...inputs],
    ...{ validAt: now, decidedAt: now, allowedId: null, approvalId: null, breakGlassId: null },
  };
  const approval: PolicyApproval = {
    ...about,
    ...{ __typename: 'PolicyApproval', id: newId(), subject: subjectOf('launchTraining', of.resource.id) },
    ...{ decisionId: decision.id, requesterId: of.requester, codeAuthors: null, state: 'REQUESTED', requestedAt: now },
    ...{
      expiresAt: new Date(now.getTime() + 3_600_000),
      deciderId: null,
      decidedAt: null,
      reason: null,
      ...NOT_GOING_ON,
    },
  };
  const clock = (): Date => now;
  await server.graph.write(origin, async (tx) => {
    await new DecisionRepository(server.graph, clock).create(tx, { ...decision, approvalId: approval.id });
    await new ApprovalRepository(server.graph, clock).create(tx, approval);
  });
  return { decision: decision.id, approval: approval.id };
}

/** A violation that begins, kept as the server that looks for them keeps it: its id. */
export async function violationOf(
  server: TestWeftline,
  of: { deployment: { id: string; urn: string }; release: string; decision: string },
): Promise<string> {
  const { id: deploymentId, urn: deploymentUrn } = of.deployment;
  const [id, openedAt, by] = [newId(), new Date(), systemActor('policy-watch')];
  const violation: Violation = {
    ...{ __typename: 'Violation', id, deploymentId, deploymentUrn, releaseId: of.release, policy: `policy ${id}` },
    ...{ reasons: ['A test.'], decisionId: of.decision, openedAt, closedAt: null, closing: null },
  };
  const watch = new WatchRepository(server.graph, 'a test', () => openedAt);
  await server.graph.write(by.origin, async (tx) => {
    await watch.open(tx, violation);
    await recordAudit(tx, by, {
      ...{ action: VIOLATION_ACTIONS.OPENED, targetId: id, targetName: 'a violation' },
      ...{ assetIds: [deploymentId], after: {}, at: openedAt },
    });
  });
  return id;
}
