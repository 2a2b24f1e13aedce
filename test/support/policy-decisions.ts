import type { Client } from './client.js';
import { forbidding } from './policies.js';
import { node, type Workbench } from './training.js';

export interface Denied {
  rule: string;
  message: string;
  policyDecision: string | null;
  policyApproval: string | null;
}
export interface Made {
  __typename: string;
  id?: string;
  reasons?: Denied[];
}
export interface Decision {
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

export const REASONS = 'reasons { rule message policyDecision policyApproval }';
export const LAUNCH = `mutation ($input: LaunchTrainingInput!) { made: launchTraining(input: $input) { __typename
  ... on TrainingJob { id } ... on LaunchDenied { ${REASONS} } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { __typename
  ... on Release { id } ... on DeployDenied { ${REASONS} } } }`;
const DECISION = `query ($id: ID!) { policyDecision(id: $id) { id outcome findings { id verdict unknownFacts } reasons facts policySetDigest
  policySet { id } subjects { part asset version } witnesses { fact steps { kind id asset field } } resource { id } allowed approval { id state } } }`;
export const REPLAY = 'query ($id: ID!) { replayDecision(id: $id) { isSame isIntact outcome reasons changedFacts } }';
export const APPROVE =
  'mutation ($input: DecideApprovalInput!) { approveDecision(input: $input) { policyApproval { id state } } }';
export const REJECT =
  'mutation ($input: DecideApprovalInput!) { rejectDecision(input: $input) { policyApproval { id state } } }';
export const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';

/** A policy about launches alone: what the tests publish is decided too. */
export const forbidsLaunch = (id: string, when: string): string => forbidding(id, when, 'fail', 'launchTraining');
export const DIGEST = `sha256:${'0'.repeat(64)}`;
export const PROGRAM = node('process.exit(0)');
let launches = 0;

/** Launches a program that ends at once. */
export const tried = async (bench: Workbench, more: Record<string, unknown> = {}): Promise<Made> => {
  const input = bench.order(PROGRAM, { idempotencyKey: `policy-${(launches += 1)}`, ...more });
  return (await bench.owner.data<{ made: Made }>(LAUNCH, { input })).made;
};
export const decisionOf = async (as: Client, id: string | null | undefined): Promise<Decision | null> =>
  (await as.data<{ policyDecision: Decision | null }>(DECISION, { id: id ?? '' })).policyDecision;
export const deployed = async (as: Client, deployment: string, modelVersion: string): Promise<Made> =>
  (await as.data<{ made: Made }>(DEPLOY, { input: { deployment, modelVersion } })).made;
export const replayed = async (as: Client, id: string) =>
  (
    await as.data<{ replayDecision: { isSame: boolean; isIntact: boolean; outcome: string; changedFacts: string[] } }>(
      REPLAY,
      { id },
    )
  ).replayDecision;
