import type { World } from './permission-world.js';

/** What is asked of a frozen session beside the world itself. */
export interface FrozenWorld extends World {
  urns: Readonly<Record<'dataset' | 'spare', string>>;
  /** What the spare data set will be called. */
  laterUrn: string;
  /** Jobs that had ended, ran, and had been asked for when the session began, and versions, runs, entries, tokens… */
  jobs: readonly string[];
  madeVersion: string;
  /** Everything else with an id. */
  ids: readonly string[];
  /** A word in the names and texts of everything. */
  word: string;
  /** What comes into names and texts later. */
  laterWord: string;
  before: string;
}

type Questions = (world: FrozenWorld) => readonly string[];

const list = (of: readonly string[]): string => JSON.stringify(of);

/** Arguments with which each query is asked; a query without a line here fails the test. */
export const FROZEN_QUESTIONS: Readonly<Record<string, Questions>> = {
  viewer: () => [''],
  node: (w) => [w.dataset, w.live, w.laterWord].map((id) => `id: "${id}"`),
  nodes: (w) => [`ids: ${list([...idsOf(w)])}`],
  principals: (w) => [
    '',
    'last: 5',
    'includeRetired: true',
    `nameContains: "${w.word}"`,
    `nameContains: "${w.laterWord}"`,
  ],
  asset: (w) => [...[w.dataset, w.spare, ...Object.values(w.urns), w.laterUrn].map((ref) => `ref: "${ref}"`)],
  assets: (w) => [
    '',
    'last: 5',
    filtered(w, ''),
    filtered(w, 'includeRetired: true'),
    filtered(w, 'tags: ["t"]'),
    filtered(w, `nameContains: "spare"`),
    filtered(w, `nameContains: "${w.laterWord}"`),
    filtered(w, `owners: ["${w.ownerId}"]`),
    filtered(w, `owners: ["${w.asker}"]`),
    `filter: { namespaces: ["${w.namespace}-2"] }`,
    'filter: { kinds: [MODEL], tags: ["t"] }',
  ],
  tags: (w) => [`filter: { namespaces: ["${w.namespace}"] }, first: 200`],
  search: (w) => [
    `query: "${w.word}"`,
    `query: "${w.laterWord}"`,
    `query: "spare"`,
    `query: "data", filter: { namespaces: ["${w.namespace}"] }`,
    `query: "spare", filter: { namespaces: ["${w.namespace}"], includeRetired: true }`,
    `query: "dataset", filter: { tags: ["t"] }`,
    `query: "dataset", orderBy: UPDATED`,
    `query: "dataset", orderBy: NAME`,
  ],
  lineage: (w) => [
    ...[w.dataset, w.model, w.live].map((id) => `of: ["${id}"], direction: BOTH`),
    `of: ["${w.dataset}"], direction: BOTH, until: { tags: ["t"] }`,
    `of: ["${w.dataset}"], direction: BOTH, until: { owners: ["${w.asker}"] }`,
    `of: ["${w.dataset}"], direction: BOTH, ignore: { tags: ["t"] }`,
    `of: ["${w.spare}"], direction: BOTH, asOf: "${w.before}"`,
  ],
  lineagePaths: (w) => [
    `from: "${w.dataset}", to: "${w.transformation}", first: 3`,
    `from: "${w.dataset}", to: "${w.model}"`,
  ],
  lineageDiff: (w) => [
    `of: "${w.dataset}", direction: BOTH, from: "${w.before}", to: "${w.before}"`,
    `of: "${w.dataset}", direction: BOTH, clock: KNOWN_AT, from: "2026-01-01T00:00:00Z", to: "${w.before}"`,
  ],
  lineageClaims: (w) => [
    `source: "${w.dataset}", target: "${w.transformation}"`,
    `source: "${w.dataset}", target: "${w.transformation}", includePast: false`,
    `source: "${w.transformation}", target: "${w.model}"`,
  ],
  fieldLineage: (w) => [`dataset: "${w.dataset}"`, `dataset: "${w.spare}"`, `dataset: "${w.dataset}", field: "a"`],
  trainedOn: (w) => [`modelVersion: "${w.madeVersion}"`, `model: "${w.model}"`],
  deploymentsTrainedOn: (w) => [`datasetVersion: "${w.version}"`, `dataset: "${w.dataset}"`],
  contamination: (w) => [`train: "${w.madeVersion}", evaluation: "${w.version}"`],
  impact: (w) => [`of: ["${w.dataset}"]`, `of: ["${w.transformation}"], kinds: [MODEL, DEPLOYMENT]`],
  orphans: (w) => ['', `namespaces: ["${w.namespace}"]`, `namespaces: ["${w.namespace}-2"]`],
  lineageCoverage: (w) => ['', `namespaces: ["${w.namespace}"]`],
  namespace: (w) => [`name: "${w.namespace}"`, `name: "${w.namespace}-2"`],
  namespaces: () => ['', 'last: 10'],
  audit: (w) => [
    '',
    ...[`target: "${w.dataset}"`, `asset: "${w.spare}"`, `actor: "${w.ownerId}"`, `asset: "${w.laterUrn}"`].map(
      (filter) => `first: 50, filter: { ${filter} }`,
    ),
    'first: 50, filter: { outcome: DENIED }',
  ],
  auditProof: (w) => [`entry: "${w.entry}"`],
  auditCheckpoint: () => ['', 'since: 1'],
  explainAccess: (w) => [`ref: "${w.dataset}", action: EDIT, principal: "${w.asker}"`],
  orphanedAssets: () => [''],
  policySets: () => ['', 'last: 5'],
  policySet: () => ['id: "none"'],
  policyDecision: () => ['id: "none"'],
  violations: () => ['', 'state: OPEN', 'policy: "none", last: 5'],
  violation: () => ['id: "none"'],
  breakGlasses: () => ['', 'filter: { due: true }', 'filter: { states: [ACTIVE] }, last: 5'],
  breakGlass: () => ['id: "none"'],
  rehearsePolicies: () => ['set: "none"'],
  declassificationGrant: () => ['id: "none"'],
  replayDecision: () => ['id: "none"'],
  policyApprovals: () => ['', 'filter: { open: true }'],
  aliasProposals: (w) => ['', `asset: "${w.spare}"`, 'states: [PROPOSED]'],
  ownershipOffers: (w) => [`asset: "${w.spare}"`, `asset: "${w.spare}", states: [OPEN]`, 'states: [EXPIRED]'],
  outgoingEvents: () => ['', 'state: REFUSED', 'destination: "none"'],
  unowned: (w) => ['', filtered(w, 'kinds: [DATASET]')],
  ingestStatus: () => [''],
  rejectedEvents: () => ['', 'last: 5'],
  accessRequests: (w) => ['', `asset: "${w.dataset}"`, `asset: "${w.dataset}", states: [OPEN]`, 'states: [WITHDRAWN]'],
  auditorSession: () => [''],
  auditorSessions: () => ['', 'liveOnly: true'],
  accessGrants: (w) => ['', `asset: "${w.dataset}"`, `asset: "${w.dataset}", liveOnly: false`],
  trainingJob: (w) => w.jobs.map((job) => `id: "${job}"`),
  trainingJobs: (w) => [
    '',
    ...['', 'states: [RUNNING]', 'states: [PENDING, QUEUED]', 'states: [SUCCEEDED]', 'states: [CANCELLED, FAILED]'].map(
      (more) => `filter: { transformation: "${w.transformation}" ${more} }`,
    ),
    `filter: { requestedBy: "${w.ownerId}" }`,
  ],
  launchers: () => [''],
  quotas: () => [''],
  labelDimensions: () => [''],
  footprint: (w) => [`of: "${w.madeVersion}"`, `of: "${w.model}"`, `team: "${w.team}"`, `of: "${w.dataset}"`],
  planTraining: (w) => [
    `input: { idempotencyKey: "k", transformation: "${w.transformation}", inputs: ["${w.version}"], output: "${w.model}" }`,
  ],
  reproduce: (w) => [`modelVersion: "${w.madeVersion}"`, `modelVersion: "${w.modelVersion}"`],
};

const filtered = ({ namespace }: FrozenWorld, more: string): string =>
  `filter: { namespaces: ["${namespace}"] ${more} }`;

function idsOf(w: FrozenWorld): Set<string> {
  return new Set([
    ...[w.dataset, w.spare, w.transformation, w.model, w.deployment, w.live, w.version, w.modelVersion, w.run, w.job],
    ...[w.ownerId, w.asker, w.bystander, w.leaver, w.team, w.token, w.entry, w.session],
    ...[w.request, w.grant, w.ownRequest, w.offerToTeam, w.offerToOther, w.madeVersion, ...w.jobs, ...w.ids],
  ]);
}
