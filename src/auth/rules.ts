import type { GraphQLResolveInfo } from 'graphql';
import { forbidden, unauthenticated } from '../errors.js';
import type { Context } from '../graphql/context.js';
import { hasScope, readsEverything, type Scope } from './actor.js';
import { firstBeyondAnswer } from './answer.js';
import { firstBeyondDiscovery } from './discovery.js';
import { allow, deny, type Guard, type RuleTree } from './shield.js';

/**
 * Who may try what. The rows a caller then sees or changes are decided in Cypher (auth/rights.cypher.ts): these rules
 * look at the caller alone. Root fields are denied unless listed. What hangs below is open once its root was passed,
 * but every type has to be listed: a new one without a rule stops the start.
 */

const signIn = (): Error => unauthenticated('Sign in first: send "Authorization: Bearer <token>".');

/** Without READ, what is done is answered, and the catalog is not read beyond that (auth/answer.ts). */
function withinAnswer({ actor }: Context, info: GraphQLResolveInfo): true | Error {
  if (hasScope(actor.scopes, 'READ')) return true;
  const beyond = firstBeyondAnswer(info);
  if (beyond === null) return true;
  return forbidden(
    `${beyond} is read from the catalog, and your token has no READ scope: nothing was done. Leave the field out, or make a token that has the scope with createApiToken.`,
  );
}

function withScope(scope: Scope): Guard {
  return {
    name: `scope:${scope}`,
    check: (context: Context, info) => {
      const { actor } = context;
      if (actor.id === null) return signIn();
      if (!hasScope(actor.scopes, scope))
        return forbidden(
          `Your token has no ${scope} scope. Sign in with one that has it; what you make with this one has no more.`,
        );
      if (scope !== 'READ' && actor.role === 'AUDITOR')
        return forbidden('An AUDITOR reads everything and changes nothing.');
      return withinAnswer(context, info);
    },
  };
}

const reads = withScope('READ');
/** The same, and where the settings let anyone find discoverable assets, also nobody, as far as auth/discovery.ts goes. */
const finds: Guard = {
  name: 'scope:READ or discovery',
  check: (context, info) => {
    if (context.actor.id !== null || context.actor.discoversAnonymously !== true) return reads.check(context, info);
    const beyond = firstBeyondDiscovery(info);
    return (
      beyond === null ||
      unauthenticated(`${beyond} is not open to everyone. Leave it out, or send "Authorization: Bearer <token>".`)
    );
  },
};
/** Not for a token with limits of what it reports: what else it changed would have none. */
const withoutLimits = (otherwise: Guard): Guard => ({
  name: otherwise.name,
  check: (context, info) => {
    if (!context.actor.reportLimits) return otherwise.check(context, info);
    return forbidden(
      'Your token has limits of what it may report (`reportLimits`): it states lineage within them and changes nothing else. Use another token.',
    );
  },
});
/** States lineage: a token with limits does so within these. */
const states = withScope('WRITE');
const writes = withoutLimits(states);
const launches = withScope('LAUNCH');
const reportsHealth = withoutLimits(withScope('HEALTH'));
const administers: Guard = {
  name: 'role:ADMIN',
  check: (context, info) => {
    if (context.actor.id === null) return signIn();
    if (context.actor.role !== 'ADMIN') return forbidden('Only an ADMIN may do this.');
    return withScope('ADMIN').check(context, info);
  },
};
/** What only those who read everything may list. */
const readsAll: Guard = {
  name: 'scope:READ, role:ADMIN or AUDITOR',
  check: (context, info) => {
    const answer = reads.check(context, info);
    if (answer !== true) return answer;
    return readsEverything(context.actor) || forbidden('Only an ADMIN or AUDITOR may do this.');
  },
};
/** Not for an auditor session, which sees everything as of one time. */
const unlessFrozen = (why: string, otherwise: Guard = reads): Guard => ({
  name: `${otherwise.name}, no auditor session`,
  check: (context, info) => (context.actor.readsAsOf ? forbidden(why) : otherwise.check(context, info)),
});
const follows = unlessFrozen(
  'An auditor session sees everything as of one time, so there is nothing to follow. Ask with a query.',
);
/** What is kept without its past: to an auditor session only the present could be told. */
const WITHOUT_PAST =
  'This is kept without its past and can only be told as it is now; an auditor session sees everything as of one time. Ask an AUDITOR of the house.';
const readsToday = unlessFrozen(WITHOUT_PAST);
const today = unlessFrozen(WITHOUT_PAST, allow);
const readsAllToday = unlessFrozen(WITHOUT_PAST, readsAll);
const administersToday = unlessFrozen(WITHOUT_PAST, administers);
/** Tokens of one's own: whoever may write may make one, and also an auditor ends theirs. */
const ownTokens: Guard = {
  name: 'signedIn',
  check: (context, info) => (context.actor.id === null ? signIn() : withinAnswer(context, info)),
};

export const rules: RuleTree = {
  Query: {
    '*': deny,
    viewer: ownTokens,
    node: finds,
    nodes: finds,
    principals: reads,
    asset: finds,
    assets: finds,
    search: finds,
    tags: reads,
    lineage: finds,
    lineagePaths: finds,
    lineageDiff: finds,
    lineageClaims: reads,
    fieldLineage: finds,
    trainedOn: reads,
    deploymentsTrainedOn: reads,
    contamination: reads,
    impact: reads,
    orphans: reads,
    lineageCoverage: reads,
    namespace: reads,
    namespaces: reads,
    audit: reads,
    auditProof: reads,
    auditCheckpoint: reads,
    explainAccess: readsToday,
    orphanedAssets: readsToday,
    unowned: readsToday,
    ownershipOffers: reads,
    aliasProposals: reads,
    accessRequests: reads,
    auditorSession: ownTokens,
    auditorSessions: readsAll,
    accessGrants: reads,
    trainingJob: reads,
    trainingJobs: reads,
    launchers: readsToday,
    quotas: reads,
    footprint: reads,
    planTraining: launches,
    reproduce: reads,
    rejectedEvents: readsToday,
    outgoingEvents: readsAllToday,
    ingestStatus: readsToday,
    policySets: reads,
    policySet: reads,
    policyDecision: reads,
    replayDecision: readsToday,
    rehearsePolicies: administersToday,
    violations: reads,
    violation: reads,
    breakGlasses: reads,
    breakGlass: reads,
    policyApprovals: reads,
    labelDimensions: reads,
    declassificationGrant: reads,
  },
  Mutation: {
    '*': deny,
    createUser: administers,
    openAuditorSession: administers,
    endAuditorSession: administers,
    createServiceAccount: administers,
    createTeam: administers,
    setTeamMembers: administers,
    setTeamGroup: administers,
    renameUser: administers,
    renameServiceAccount: administers,
    renameTeam: administers,
    retireTeam: administers,
    restoreTeam: administers,
    releaseTeamName: administers,
    setUserRole: administers,
    disablePrincipal: administers,
    enablePrincipal: administers,
    erasePerson: administers,
    createApiToken: ownTokens,
    revokeApiToken: ownTokens,
    registerDataset: writes,
    registerTransformation: writes,
    registerModel: writes,
    registerDeployment: writes,
    registerAssets: writes,
    updateAsset: writes,
    addTags: writes,
    setFields: writes,
    renameField: writes,
    removeTags: writes,
    renameAsset: writes,
    retireAsset: writes,
    updateAssets: writes,
    renameTag: writes,
    deleteAsset: writes,
    releaseUrn: writes,
    publishDatasetVersion: writes,
    publishModelVersion: writes,
    reportQuality: writes,
    declareLabel: writes,
    withdrawLabel: writes,
    requestDeclassification: writes,
    approveDeclassification: writes,
    rejectDeclassification: writes,
    revokeDeclassification: writes,
    startRun: writes,
    finishRun: writes,
    heartbeatRun: writes,
    claimLineage: states,
    retractLineage: states,
    claimFieldLineage: states,
    retractFieldLineage: states,
    setNamespaceVisibility: administers,
    setNamespaceOwners: writes,
    setNamespaceRegistration: writes,
    setNamespaceRuns: writes,
    setOwners: writes,
    offerOwnership: writes,
    decideOwnershipOffer: writes,
    proposeAlias: writes,
    decideAlias: writes,
    undoAlias: writes,
    withdrawOwnershipOffer: writes,
    requestAccess: writes,
    withdrawAccessRequest: writes,
    grantAccess: writes,
    decideAccess: writes,
    revokeAccess: writes,
    launchTraining: launches,
    cancelTraining: launches,
    setQuota: administers,
    deployModel: writes,
    promoteRelease: writes,
    rollbackRelease: writes,
    endRelease: writes,
    reportHealth: reportsHealth,
    retryOutgoingEvents: administers,
    uploadPolicySet: administers,
    activatePolicySet: administers,
    deactivatePolicies: administers,
    approveDecision: writes,
    rejectDecision: writes,
    openBreakGlass: writes,
    closeBreakGlass: writes,
    reviewBreakGlass: writes,
  },
  ApiToken: { lastUsedAt: today },
  Deployment: { health: today },
  Launcher: { orphans: readsAll },
  PolicySet: { isActive: today, activeSince: today, changes: today },
  Subscription: {
    '*': deny,
    accessRequestChanged: follows,
    catalogChanged: follows,
    trainingJobChanged: follows,
    trainingJobLog: follows,
    violationChanged: follows,
    breakGlassChanged: follows,
  },
};
