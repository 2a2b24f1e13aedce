import { urnOf } from '../../src/catalog/model/urn.js';
import type { Client } from './client.js';
import { Seed } from './seed.js';
import type { TestWeftline } from './weftline.js';

/** Ids of one of everything, made by one owner: what the operations below are tried on. */
export interface World {
  owner: Client;
  ownerId: string;
  namespace: string;
  dataset: string;
  spare: string;
  transformation: string;
  model: string;
  deployment: string;
  /** A deployment on which the model version serves, and an earlier one did. */
  live: string;
  version: string;
  modelVersion: string;
  run: string;
  job: string;
  request: string;
  grant: string;
  /** A label of the data set. */
  label: string;
  token: string;
  team: string;
  /** A user who takes no part. */
  bystander: string;
  /** A service account that nothing else needs, a team of nobody, and one that is retired. */
  robot: string;
  idleTeam: string;
  retiredTeam: string;
  /** An entry of the audit log about the data set. */
  entry: string;
  /** A user whom nothing else needs. */
  leaver: string;
  /** Of an auditor from outside. */
  session: string;
  asker: string;
  /** Asked by the owner. */
  ownRequest: string;
  /** Offers of the spare data set: one to a team of the owner, one to somebody else. */
  offerToTeam: string;
  offerToOther: string;
  /** An open proposal that two data sets are one. An accepted one would have to wait for the auditors of other tests. */
  aliasProposed: string;
}

/** What is there before anything is asked, run or offered. */
type Made =
  | ('owner' | 'ownerId' | 'namespace' | 'team' | 'asker' | 'bystander' | 'robot' | 'idleTeam' | 'retiredTeam')
  | ('dataset' | 'spare' | 'transformation' | 'model' | 'deployment' | 'live' | 'version' | 'modelVersion');

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
let worlds = 0;

/** Makes a world whose assets are all discoverable, or all restricted. */
export async function makeWorld(server: TestWeftline, visibility: 'DISCOVERABLE' | 'RESTRICTED'): Promise<World> {
  const [owner, asker] = [await server.user(), await server.user()];
  const namespace = `${server.namespace}-${++worlds}`;
  const seed = new Seed(owner, namespace);
  const [dataset, spare, transformation, model, deployment, live] = await Promise.all([
    seed.dataset('dataset', { fields: [{ name: 'a' }] }),
    seed.dataset('spare', { fields: [{ name: 'a' }] }),
    seed.transformation('transformation'),
    seed.model('model'),
    seed.deployment('deployment'),
    seed.deployment('live'),
  ]);
  await seed.flow([dataset.id, transformation.id]);
  const made: Pick<World, Made> = {
    ...{ owner, ownerId: owner.userId, namespace, team: await server.team(owner), asker: asker.userId },
    bystander: (await server.user()).userId,
    ...(await makeIdle(server)),
    ...{ dataset: dataset.id, spare: spare.id, transformation: transformation.id },
    ...{ model: model.id, deployment: deployment.id, live: live.id },
    version: await seed.datasetVersion(dataset.id),
    modelVersion: await seed.modelVersion(model.id),
  };
  for (const version of [await seed.modelVersion(model.id, 'earlier'), made.modelVersion]) {
    const input = `{ deployment: "${live.id}", modelVersion: "${version}" }`;
    await owner.data(`mutation { deployModel(input: ${input}) { __typename } }`);
  }
  const ask = `mutation { requestAccess(input: { asset: "${dataset.id}", actions: [EDIT], purpose: "to try", until: "${TOMORROW}" }) { request { id } } }`;
  const approve = (id: string): string =>
    `mutation { decideAccess(input: { request: "${id}", approve: true }) { grant { id } } }`;
  const offer = (to: string): string =>
    `mutation { offerOwnership(input: { ref: "${spare.id}", to: "${to}" }) { offer { id } } }`;
  const alias = async (name: string): Promise<string> => {
    const [one, other] = [
      await seed.dataset(`${name}-one`, { visibility }),
      await seed.dataset(`${name}-other`, { visibility }),
    ];
    const input = `{ asset: "${one.id}", sameAs: "${other.id}" }`;
    return idIn(owner, `mutation { proposeAlias(input: ${input}) { aliasProposal { id } } }`);
  };
  const granted = await idIn(owner, approve(await idIn(asker, ask)));
  const world: World = {
    ...made,
    grant: granted,
    label: await idIn(
      owner,
      `mutation { declareLabel(input: { asset: "${dataset.id}", dimension: "quality", values: ["1"] }) { labelDeclaration { id } } }`,
    ),
    ownRequest: await idIn(owner, ask.replace('EDIT', 'DEPLOY')),
    aliasProposed: await alias('proposed'),
    offerToTeam: await idIn(owner, offer(made.team)),
    offerToOther: await idIn(owner, offer(asker.userId)),
    request: await idIn(asker, ask.replace('EDIT', 'USE_FOR_TRAINING')),
    run: await idIn(owner, `mutation { startRun(input: { transformation: "${made.transformation}" }) { run { id } } }`),
    job: await idIn(owner, launch(made, 'first')),
    entry: await idIn(owner, `{ audit(filter: { target: "${dataset.id}" }) { nodes { id } } }`),
    leaver: (await server.user()).userId,
    session: await idIn(await server.user({ role: 'ADMIN' }), OPEN_SESSION),
    token: await idIn(owner, 'mutation { createApiToken(input: { name: "to revoke" }) { token { id } } }'),
  };
  if (visibility === 'RESTRICTED') {
    for (const { id } of [dataset, spare, transformation, model, deployment, live]) {
      await owner.data(`mutation { updateAsset(input: { ref: "${id}", visibility: RESTRICTED }) { asset { id } } }`);
    }
  }
  return world;
}

/** Principals that own nothing and take no part. */
async function makeIdle(server: TestWeftline): Promise<Pick<World, 'robot' | 'idleTeam' | 'retiredTeam'>> {
  const admin = await server.user({ role: 'ADMIN' });
  const [idleTeam, retiredTeam] = [await server.team(), await server.team()];
  await admin.data(`mutation { retireTeam(input: { team: "${retiredTeam}" }) { team { id } } }`);
  const input = `{ name: "robot-${++worlds}-${idleTeam}" }`;
  const robot = `mutation { createServiceAccount(input: ${input}) { serviceAccount { id } } }`;
  return { robot: await idIn(admin, robot), idleTeam, retiredTeam };
}

const OPEN_SESSION = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { session { id } } }';

/** Someone to whom the owner granted everything that can be granted, on each asset. */
export async function grantee(server: TestWeftline, world: World): Promise<Client> {
  const someone = await server.user();
  const actions = '[VIEW, EDIT, USE_FOR_TRAINING, DEPLOY]';
  for (const asset of assetsOf(world)) {
    const input = `{ asset: "${asset}", grantee: "${someone.userId}", actions: ${actions}, purpose: "to try", until: "${TOMORROW}" }`;
    await world.owner.data(`mutation { grantAccess(input: ${input}) { grant { id } } }`);
  }
  return someone;
}

/** Someone who is STEWARD of each asset. */
export async function steward(server: TestWeftline, world: World): Promise<Client> {
  const someone = await server.user();
  const owners = `[{ owner: "${world.ownerId}" }, { owner: "${someone.userId}", role: STEWARD }]`;
  for (const asset of assetsOf(world)) {
    await world.owner.data(`mutation { setOwners(input: { ref: "${asset}", owners: ${owners} }) { asset { id } } }`);
  }
  return someone;
}

const assetsOf = ({ dataset, spare, transformation, model, deployment, live }: World): string[] => [
  ...[dataset, spare, transformation, model, deployment, live],
];

/** The first id in an answer. */
async function idIn(client: Client, query: string): Promise<string> {
  const id = /"id":"([^"]+)"/.exec(JSON.stringify(await client.data(query)))?.[1];
  if (id === undefined) throw new Error(`There is no id in the answer to ${query}`);
  return id;
}

type Launch = Pick<World, 'transformation' | 'version' | 'model'>;

const launch = ({ transformation, version, model }: Launch, key: string): string =>
  `mutation { launchTraining(input: { idempotencyKey: "${key}", transformation: "${transformation}", inputs: ["${version}"], output: "${model}", command: ["true"] }) { __typename ... on TrainingJob { id } } }`;

const register = (kind: string, more = ''): Operation => {
  const member = kind.toLowerCase();
  return (w) =>
    `mutation { register${kind}(input: { namespace: "${w.namespace}", name: "by caller ${++worlds}"${more} }) { ${member} { id } } }`;
};

const publish = (kind: string, asset: 'dataset' | 'model'): Operation => {
  const answer = `${asset}Version { id }`;
  return (w) =>
    `mutation { publish${kind}Version(input: { ${asset}: "${w[asset]}", version: "by caller ${++worlds}" }) { ${answer} } }`;
};

/** An operation of one root field on things of that world. */
export type Operation = (world: World) => string;

const fieldFlow = (w: World): string =>
  `{ source: "${w.dataset}", target: "${w.spare}", via: "${w.transformation}", fields: [{ source: "a", target: "a" }] }`;

/** Every root field of the schema, by its name, in an order in which each leaves the next its things. */
export const OPERATIONS: Record<string, Operation> = {
  viewer: () => '{ viewer { id } }',
  node: (w) => `{ node(id: "${w.dataset}") { id } }`,
  nodes: (w) => `{ nodes(ids: ["${w.model}"]) { id } }`,
  principals: () => '{ principals { nodes { id } } }',
  asset: (w) => `{ asset(ref: "${w.dataset}") { id } }`,
  assets: (w) => `{ assets(filter: { namespaces: ["${w.namespace}"] }) { nodes { id } } }`,
  search: (w) => `{ search(query: "dataset", filter: { namespaces: ["${w.namespace}"] }) { nodes { id } } }`,
  tags: (w) => `{ tags(filter: { namespaces: ["${w.namespace}"] }) { value } }`,
  lineage: (w) => `{ lineage(of: ["${w.dataset}"], direction: BOTH) { nodes { key } } }`,
  lineagePaths: (w) => `{ lineagePaths(from: "${w.dataset}", to: "${w.transformation}") { nodes { key } } }`,
  lineageDiff: (w) =>
    `{ lineageDiff(of: "${w.dataset}", direction: BOTH, from: "2020-01-01T00:00:00Z", to: "2021-01-01T00:00:00Z") { completeness { complete } } }`,
  lineageClaims: (w) => `{ lineageClaims(source: "${w.dataset}", target: "${w.transformation}") { nodes { id } } }`,
  fieldLineage: (w) => `{ fieldLineage(dataset: "${w.dataset}", field: "a") { roots { id } } }`,
  trainedOn: (w) => `{ trainedOn(modelVersion: "${w.modelVersion}") { totalCount } }`,
  deploymentsTrainedOn: (w) => `{ deploymentsTrainedOn(dataset: "${w.dataset}") { totalCount } }`,
  contamination: (w) => `{ contamination(train: "${w.modelVersion}", evaluation: "${w.version}") { verdict } }`,
  impact: (w) => `{ impact(of: ["${w.dataset}"]) { totalCount } }`,
  orphans: () => '{ orphans { pageInfo { hasNextPage } } }',
  lineageCoverage: (w) => `{ lineageCoverage(namespaces: ["${w.namespace}"]) { runs } }`,
  namespace: (w) => `{ namespace(name: "${w.namespace}") { id } }`,
  namespaces: () => '{ namespaces { pageInfo { hasNextPage } } }',
  auditorSession: () => '{ auditorSession { id } }',
  auditorSessions: () => '{ auditorSessions { nodes { id } } }',
  audit: (w) => `{ audit(filter: { target: "${w.dataset}" }) { nodes { id } } }`,
  auditProof: (w) => `{ auditProof(entry: "${w.entry}") { seq } }`,
  auditCheckpoint: () => '{ auditCheckpoint { size } }',
  explainAccess: (w) =>
    `{ explainAccess(ref: "${w.dataset}", action: EDIT, principal: "${w.asker}") { allowed reasons { kind message } } }`,
  orphanedAssets: () => '{ orphanedAssets { pageInfo { hasNextPage } } }',
  outgoingEvents: () => '{ outgoingEvents { pageInfo { hasNextPage } } }',
  unowned: () => '{ unowned { pageInfo { hasNextPage } } }',
  ingestStatus: () => '{ ingestStatus { isFull sources { totalCount } } }',
  rejectedEvents: () => '{ rejectedEvents { pageInfo { hasNextPage } } }',
  labelDimensions: () => '{ labelDimensions { name } }',
  policySets: () => '{ policySets { pageInfo { hasNextPage } } }',
  policySet: () => '{ policySet(id: "none") { id } }',
  declassificationGrant: () => '{ declassificationGrant(id: "none") { id } }',
  policyDecision: () => '{ policyDecision(id: "none") { id } }',
  violations: () => '{ violations { pageInfo { hasNextPage } } }',
  violation: () => '{ violation(id: "none") { id } }',
  breakGlasses: () => '{ breakGlasses { pageInfo { hasNextPage } } }',
  breakGlass: () => '{ breakGlass(id: "none") { id } }',
  rehearsePolicies: () => '{ rehearsePolicies(set: "none") { isComplete } }',
  policyApprovals: () => '{ policyApprovals { pageInfo { hasNextPage } } }',
  replayDecision: () => '{ replayDecision(id: "none") { isSame } }',
  aliasProposals: () => `{ aliasProposals(first: 10) { nodes { id } } }`,
  ownershipOffers: (w) => `{ ownershipOffers(asset: "${w.spare}") { nodes { id } } }`,
  accessRequests: (w) => `{ accessRequests(asset: "${w.dataset}") { nodes { id } } }`,
  accessGrants: (w) => `{ accessGrants(asset: "${w.dataset}") { nodes { id } } }`,
  trainingJob: (w) => `{ trainingJob(id: "${w.job}") { id } }`,
  trainingJobs: (w) => `{ trainingJobs(filter: { transformation: "${w.transformation}" }) { nodes { id } } }`,
  launchers: () => '{ launchers { name } }',
  planTraining: (w) =>
    launch(w, 'planned')
      .replace('mutation { launchTraining', '{ planTraining')
      .replace(/\) \{ __typename.*$/, ') { accepted } }'),
  footprint: (w) => `{ footprint(of: "${w.modelVersion}") { runs } }`,
  quotas: () => '{ quotas { period } }',
  createUser: () =>
    `mutation { createUser(input: { name: "N", handle: "h-${Date.now()}-${++worlds}" }) { user { id } } }`,
  createServiceAccount: () =>
    `mutation { createServiceAccount(input: { name: "sa-${Date.now()}-${++worlds}" }) { serviceAccount { id } } }`,
  openAuditorSession: () => OPEN_SESSION,
  endAuditorSession: (w) => `mutation { endAuditorSession(input: { session: "${w.session}" }) { session { id } } }`,
  createTeam: (w) => `mutation { createTeam(input: { name: "team of ${w.namespace}" }) { team { id } } }`,
  setTeamMembers: (w) => `mutation { setTeamMembers(input: { team: "${w.team}", members: [] }) { team { id } } }`,
  setTeamGroup: (w) =>
    `mutation { setTeamGroup(input: { team: "${w.team}", externalGroup: "${w.namespace}" }) { team { id } } }`,
  renameUser: (w) => `mutation { renameUser(input: { user: "${w.bystander}", name: "Renamed" }) { user { id } } }`,
  renameServiceAccount: (w) =>
    `mutation { renameServiceAccount(input: { serviceAccount: "${w.robot}", name: "robot-${++worlds}-${w.namespace}" }) { serviceAccount { id } } }`,
  renameTeam: (w) =>
    `mutation { renameTeam(input: { team: "${w.idleTeam}", name: "idle-${++worlds}-${w.namespace}" }) { team { id } } }`,
  retireTeam: (w) => `mutation { retireTeam(input: { team: "${w.idleTeam}" }) { team { id } } }`,
  releaseTeamName: (w) => `mutation { releaseTeamName(input: { team: "${w.retiredTeam}" }) { team { id } } }`,
  restoreTeam: (w) => `mutation { restoreTeam(input: { team: "${w.idleTeam}" }) { team { id } } }`,
  setUserRole: (w) => `mutation { setUserRole(input: { user: "${w.bystander}", role: AUDITOR }) { principal { id } } }`,
  disablePrincipal: (w) =>
    `mutation { disablePrincipal(input: { principal: "${w.bystander}", reason: "to try" }) { principal { id } } }`,
  enablePrincipal: (w) => `mutation { enablePrincipal(input: { principal: "${w.bystander}" }) { principal { id } } }`,
  erasePerson: (w) => `mutation { erasePerson(input: { user: "${w.leaver}" }) { user { id } } }`,
  createApiToken: () => 'mutation { createApiToken(input: { name: "mine", scopes: [READ] }) { token { id } } }',
  revokeApiToken: (w) => `mutation { revokeApiToken(input: { token: "${w.token}" }) { token { id } } }`,
  registerDataset: register('Dataset'),
  registerTransformation: register('Transformation'),
  registerModel: register('Model'),
  registerDeployment: register('Deployment', ', environment: "test"'),
  registerAssets: (w) =>
    `mutation { registerAssets(input: { assets: [{ model: { namespace: "${w.namespace}", name: "batch-${++worlds}" } }] }) { registeredCount outcomes { error { code } } } }`,
  updateAsset: (w) => `mutation { updateAsset(input: { ref: "${w.dataset}", tags: ["t"] }) { asset { id } } }`,
  addTags: (w) => `mutation { addTags(input: { ref: "${w.dataset}", tags: ["u"] }) { asset { id } } }`,
  setFields: (w) =>
    `mutation { setFields(input: { ref: "${w.dataset}", fields: [{ name: "b" }], mode: MERGE }) { asset { id } } }`,
  renameField: (w) =>
    `mutation { renameField(input: { ref: "${w.dataset}", field: "a", name: "a" }) { asset { id } } }`,
  removeTags: (w) => `mutation { removeTags(input: { ref: "${w.dataset}", tags: ["u"] }) { asset { id } } }`,
  renameAsset: (w) => `mutation { renameAsset(input: { ref: "${w.spare}", name: "renamed" }) { asset { id } } }`,
  retireAsset: (w) => `mutation { retireAsset(input: { ref: "${w.spare}" }) { asset { id } } }`,
  updateAssets: (w) =>
    `mutation { updateAssets(input: { filter: { namespaces: ["${w.namespace}"] }, change: { addTags: ["v"] }, dryRun: true }) { matchedCount } }`,
  renameTag: (w) =>
    `mutation { renameTag(input: { tag: "v", newTag: "w", filter: { namespaces: ["${w.namespace}"] } }) { matchedCount } }`,
  releaseUrn: (w) =>
    `mutation { releaseUrn(input: { urn: "${urnOf('DATASET', w.namespace, 'dataset')}" }) { asset { id } } }`,
  deleteAsset: (w) => `mutation { deleteAsset(input: { ref: "${w.spare}" }) { deletedId } }`,
  publishDatasetVersion: publish('Dataset', 'dataset'),
  publishModelVersion: publish('Model', 'model'),
  reportQuality: (w) =>
    `mutation { reportQuality(input: { version: "${w.version}", source: "tests", measuredAt: "2026-01-01T00:00:00Z", assertions: [{ assertion: "not_null", success: true }] }) { added } }`,
  declareLabel: (w) =>
    `mutation { declareLabel(input: { version: "${w.version}", dimension: "classification", values: ["PUBLIC"] }) { labelDeclaration { id } } }`,
  requestDeclassification: (w) =>
    `mutation { requestDeclassification(input: { transformation: "${w.transformation}", dimension: "regions", from: [], to: ["EU"], reason: "R", expiresAt: "${TOMORROW}" }) { declassificationGrant { id } } }`,
  approveDeclassification: () =>
    'mutation { approveDeclassification(input: { grant: "none" }) { declassificationGrant { id } } }',
  rejectDeclassification: () =>
    'mutation { rejectDeclassification(input: { grant: "none", reason: "R" }) { declassificationGrant { id } } }',
  revokeDeclassification: () =>
    'mutation { revokeDeclassification(input: { grant: "none", reason: "R" }) { declassificationGrant { id } } }',
  withdrawLabel: (w) => `mutation { withdrawLabel(input: { label: "${w.label}" }) { labelDeclaration { id } } }`,
  startRun: (w) => `mutation { startRun(input: { transformation: "${w.transformation}" }) { run { id } } }`,
  heartbeatRun: (w) => `mutation { heartbeatRun(input: { run: "${w.run}" }) { run { id } } }`,
  finishRun: (w) => `mutation { finishRun(input: { run: "${w.run}" }) { run { id } } }`,
  claimLineage: (w) =>
    `mutation { claimLineage(input: { flows: [{ source: "${w.transformation}", target: "${w.model}" }] }) { edges { source } } }`,
  retractLineage: (w) =>
    `mutation { retractLineage(input: { flows: [{ source: "${w.transformation}", target: "${w.model}" }] }) { retracted } }`,
  claimFieldLineage: (w) => `mutation { claimFieldLineage(input: { flows: [${fieldFlow(w)}] }) { stated } }`,
  retractFieldLineage: (w) => `mutation { retractFieldLineage(input: { flows: [${fieldFlow(w)}] }) { retracted } }`,
  setNamespaceVisibility: (w) =>
    `mutation { setNamespaceVisibility(input: { namespace: "${w.namespace}", visibility: RESTRICTED }) { followed } }`,
  setNamespaceOwners: (w) =>
    `mutation { setNamespaceOwners(input: { namespace: "${w.namespace}", owners: ["${w.ownerId}"] }) { namespace { id } } }`,
  setNamespaceRegistration: (w) =>
    `mutation { setNamespaceRegistration(input: { namespace: "${w.namespace}", registration: OPEN }) { namespace { id } } }`,
  setNamespaceRuns: (w) =>
    `mutation { setNamespaceRuns(input: { namespace: "${w.namespace}", overdueAfterSeconds: 3600 }) { namespace { id } } }`,
  setOwners: (w) =>
    `mutation { setOwners(input: { ref: "${w.dataset}", owners: [{ owner: "${w.ownerId}" }] }) { asset { id } } }`,
  uploadPolicySet: () =>
    'mutation { uploadPolicySet(input: { files: [{ path: "a.cedar", text: "no policy" }] }) { policySet { id } } }',
  activatePolicySet: () => 'mutation { activatePolicySet(input: { policySet: "none" }) { state } }',
  deactivatePolicies: () => 'mutation { deactivatePolicies(input: { expectedActive: "none", reason: "R" }) { state } }',
  approveDecision: () => 'mutation { approveDecision(input: { approval: "none" }) { policyApproval { id } } }',
  rejectDecision: () => 'mutation { rejectDecision(input: { approval: "none" }) { policyApproval { id } } }',
  openBreakGlass: (w) =>
    `mutation { openBreakGlass(input: { asset: "${w.deployment}", actions: [deployModel], reason: "R", minutes: 5, secondPerson: "${w.ownerId}" }) { breakGlass { id } } }`,
  closeBreakGlass: () => 'mutation { closeBreakGlass(input: { breakGlass: "none" }) { breakGlass { id } } }',
  reviewBreakGlass: () =>
    'mutation { reviewBreakGlass(input: { breakGlass: "none", verdict: JUSTIFIED, text: "T" }) { breakGlass { id } } }',
  proposeAlias: (w) =>
    `mutation { proposeAlias(input: { asset: "${w.dataset}", sameAs: "${w.spare}" }) { aliasProposal { id } } }`,
  decideAlias: (w) =>
    `mutation { decideAlias(input: { proposal: "${w.aliasProposed}", accept: false }) { aliasProposal { id } } }`,
  undoAlias: (w) => `mutation { undoAlias(input: { proposal: "${w.aliasProposed}" }) { aliasProposal { id } } }`,
  offerOwnership: (w) =>
    `mutation { offerOwnership(input: { ref: "${w.dataset}", to: "${w.asker}" }) { offer { id } } }`,
  decideOwnershipOffer: (w) =>
    `mutation { decideOwnershipOffer(input: { offer: "${w.offerToTeam}", accept: false }) { offer { id } } }`,
  withdrawOwnershipOffer: (w) =>
    `mutation { withdrawOwnershipOffer(input: { offer: "${w.offerToOther}" }) { offer { id } } }`,
  requestAccess: (w) =>
    `mutation { requestAccess(input: { asset: "${w.model}", actions: [DEPLOY], purpose: "to try", until: "${TOMORROW}" }) { request { id } } }`,
  withdrawAccessRequest: (w) =>
    `mutation { withdrawAccessRequest(input: { request: "${w.ownRequest}" }) { request { id } } }`,
  grantAccess: (w) =>
    `mutation { grantAccess(input: { asset: "${w.dataset}", grantee: "${w.asker}", actions: [EDIT], purpose: "to try", until: "${TOMORROW}" }) { grant { id } } }`,
  decideAccess: (w) =>
    `mutation { decideAccess(input: { request: "${w.request}", approve: false }) { request { id } } }`,
  revokeAccess: (w) => `mutation { revokeAccess(input: { grant: "${w.grant}" }) { grant { id } } }`,
  retryOutgoingEvents: () => 'mutation { retryOutgoingEvents(input: {}) { retried } }',
  setQuota: (w) => `mutation { setQuota(input: { team: "${w.team}", runningGpus: 8 }) { quota { period } } }`,
  reproduce: (w) => `{ reproduce(modelVersion: "${w.modelVersion}") { missing { part } } }`,
  launchTraining: (w) => launch(w, `by caller ${++worlds}`),
  cancelTraining: (w) => `mutation { cancelTraining(input: { job: "${w.job}" }) { job { id } } }`,
  deployModel: (w) =>
    `mutation { deployModel(input: { deployment: "${w.deployment}", modelVersion: "${w.modelVersion}" }) { __typename } }`,
  promoteRelease: (w) =>
    `mutation { promoteRelease(input: { from: "${w.live}", to: "${w.deployment}" }) { __typename } }`,
  rollbackRelease: (w) => `mutation { rollbackRelease(input: { deployment: "${w.live}" }) { __typename } }`,
  reportHealth: (w) => `mutation { reportHealth(input: { deployment: "${w.live}", state: HEALTHY }) { changed } }`,
  endRelease: (w) => `mutation { endRelease(input: { deployment: "${w.live}" }) { release { id } } }`,
  accessRequestChanged: () => 'subscription { accessRequestChanged { cursor } }',
  violationChanged: () => 'subscription { violationChanged { cursor } }',
  breakGlassChanged: () => 'subscription { breakGlassChanged { cursor } }',
  catalogChanged: () => 'subscription { catalogChanged { cursor } }',
  trainingJobChanged: (w) => `subscription { trainingJobChanged(id: "${w.job}") { cursor } }`,
  trainingJobLog: (w) => `subscription { trainingJobLog(id: "${w.job}") { cursor } }`,
};

const updateSpare =
  (change: string): Operation =>
  (w) =>
    `mutation { updateAsset(input: { ref: "${w.spare}", ${change} }) { asset { id } } }`;

/** Inputs for which a root field asks for more than for others: `<root field>.<what>`. */
export const MORE_OPERATIONS: Record<string, Operation> = {
  'updateAsset.restricted': updateSpare('visibility: RESTRICTED'),
  'updateAsset.discoverable': updateSpare('visibility: DISCOVERABLE'),
  'updateAsset.inherited': updateSpare('visibility: null'),
  'updateAsset.among': updateSpare('tags: ["t"], visibility: RESTRICTED'),
  'renameAsset.moved': (w) =>
    `mutation { renameAsset(input: { ref: "${w.spare}", namespace: "${w.namespace}-2", name: "moved" }) { asset { id } } }`,
  'retireAsset.back': (w) => `mutation { retireAsset(input: { ref: "${w.spare}", retired: false }) { asset { id } } }`,
  'grantAccess.far': (w) =>
    `mutation { grantAccess(input: { asset: "${w.dataset}", grantee: "${w.asker}", actions: [EDIT], purpose: "to try", until: "2099-01-01T00:00:00Z" }) { grant { id } } }`,
  'grantAccess.more': (w) =>
    `mutation { grantAccess(input: { asset: "${w.dataset}", grantee: "${w.asker}", actions: [DEPLOY], purpose: "to try", until: "${TOMORROW}" }) { grant { id } } }`,
};
