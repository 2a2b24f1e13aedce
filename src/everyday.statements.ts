import * as accessAlias from './access/aliases/alias.cypher.js';
import * as accessJoin from './access/aliases/join.cypher.js';
import * as accessAccess from './access/grants/access.cypher.js';
import * as accessExplanation from './access/explanation/explanation.cypher.js';
import * as accessOwnership from './access/ownership/ownership.cypher.js';
import * as accessUnowned from './access/ownership/unowned.cypher.js';
import * as accessStanding from './access/ownership/principal-status.cypher.js';
import * as auditAudit from './audit/entries/audit.cypher.js';
import * as auditErasure from './audit/erasure/erasure.cypher.js';
import * as auditExport from './audit/verification/export.cypher.js';
import * as auditLogWalk from './audit/verification/log-walk.cypher.js';
import * as auditProof from './audit/proof/proof.cypher.js';
import * as auditRecord from './audit/record/record.js';
import * as auditRetention from './audit/erasure/retention.cypher.js';
import * as auditSealing from './audit/sealing/sealing.cypher.js';
import * as auditWatch from './audit/watch/watch.cypher.js';
import * as authRights from './auth/rights.cypher.js';
import * as catalogAssetChange from './catalog/assets/asset-change.cypher.js';
import * as catalogAsset from './catalog/assets/asset.cypher.js';
import * as catalogField from './catalog/fields/field.cypher.js';
import * as catalogNamespace from './catalog/namespaces/namespace.cypher.js';
import * as catalogQuality from './catalog/quality/quality.cypher.js';
import * as catalogRegistration from './catalog/registration/registration.cypher.js';
import * as catalogRemoval from './catalog/removal/removal.cypher.js';
import * as catalogSearch from './catalog/search/search.cypher.js';
import * as catalogNearTwins from './catalog/twins/near-twins.cypher.js';
import * as catalogVersion from './catalog/versions/version.cypher.js';
import * as deploymentHealth from './deployment/health/health.cypher.js';
import * as governanceGate from './governance/gate/gate.cypher.js';
import * as governanceSets from './governance/sets/policy-set.cypher.js';
import * as governanceDecisions from './governance/decisions/decision.cypher.js';
import * as governanceFacts from './governance/decisions/facts.cypher.js';
import * as governanceStanding from './governance/standing/standing.cypher.js';
import * as governanceBreakGlass from './governance/break-glass/break-glass.cypher.js';
import * as governanceViolation from './governance/violations/violation.cypher.js';
import * as governanceWatch from './governance/violations/watch.cypher.js';
import * as governanceGrants from './governance/grants/declassification.cypher.js';
import * as governanceClearance from './governance/clearance/clearance.cypher.js';
import * as governanceDeclaration from './governance/labels/declaration.cypher.js';
import * as governanceEffective from './governance/labels/effective.cypher.js';
import { whoFinds } from './graphql/node.resolver.js';
import * as lineageClaimHistory from './lineage/claims/claim-history.cypher.js';
import * as lineageClaim from './lineage/statements/claim.cypher.js';
import * as lineageContamination from './questions/contamination/contamination.cypher.js';
import * as lineageCoverage from './questions/coverage/coverage.cypher.js';
import * as lineageFieldClaim from './lineage/fields/field-claim.cypher.js';
import * as lineageFieldLineage from './lineage/fields/field-lineage.cypher.js';
import { hopLimit } from './lineage/trace/hops.js';
import * as lineageImpact from './questions/impact/impact.cypher.js';
import * as lineageLineageDiff from './questions/diff/diff.cypher.js';
import * as lineageLineagePaths from './questions/paths/paths.cypher.js';
import * as lineageLineage from './lineage/trace/lineage.cypher.js';
import * as lineageOrphan from './questions/gaps/lineage-gaps.cypher.js';
import * as lineageProvenance from './lineage/runs/provenance.cypher.js';
import * as lineageRelease from './deployment/releases/release.cypher.js';
import * as lineageOverdue from './lineage/runs/overdue.cypher.js';
import * as lineageRun from './lineage/runs/run.cypher.js';
import * as lineageStatement from './lineage/statements/statement.cypher.js';
import type { TraceShape } from './lineage/trace/trace.cypher.js';
import * as lineageTrainedOn from './questions/trained-on/trained-on.cypher.js';
import { CATCH_UP } from './neo4j/graph.js';
import * as openlineageChanges from './openlineage/shown/changes.cypher.js';
import * as openlineageDatasetChanges from './openlineage/changes/dataset-changes.cypher.js';
import * as openlineageIngest from './openlineage/ingest/ingest.cypher.js';
import * as openlineageOutbox from './openlineage/outbox/outbox.cypher.js';
import * as openlineageOutgoing from './openlineage/outgoing/facts.cypher.js';
import * as openlineageReported from './openlineage/shown/reported.cypher.js';
import * as openlineageRejected from './openlineage/rejected/rejected.cypher.js';
import * as principalsAuditorSession from './principals/tokens/auditor-session.cypher.js';
import * as principalsDirectory from './principals/directory/directory.cypher.js';
import * as principalsExternalUser from './principals/sign-in/external-user.cypher.js';
import * as principalsPrincipal from './principals/accounts/principal.cypher.js';
import * as principalsStanding from './principals/accounts/account-administration.cypher.js';
import * as principalsToken from './principals/tokens/token.cypher.js';
import * as trainingFootprint from './training/footprint/footprint.cypher.js';
import * as trainingJob from './training/jobs/job.cypher.js';
import * as trainingQuota from './training/quotas/quota.cypher.js';
import * as trainingStranded from './training/worker/stranded.cypher.js';
import { FOUND_BY } from './wiring/nodes.js';

/** In the order in which people meet them: who signs in, the catalog, lineage, and so on. */
const MODULES: readonly object[] = [
  principalsPrincipal,
  principalsStanding,
  principalsToken,
  authRights,
  principalsExternalUser,
  catalogAsset,
  catalogRemoval,
  catalogSearch,
  catalogAssetChange,
  catalogField,
  catalogRegistration,
  catalogNearTwins,
  catalogVersion,
  catalogQuality,
  catalogNamespace,
  lineageLineage,
  auditAudit,
  auditWatch,
  lineageRun,
  lineageOverdue,
  lineageProvenance,
  accessAccess,
  accessOwnership,
  accessAlias,
  accessJoin,
  accessUnowned,
  auditRecord,
  trainingJob,
  governanceGate,
  governanceSets,
  governanceDecisions,
  governanceFacts,
  governanceStanding,
  governanceBreakGlass,
  governanceViolation,
  governanceWatch,
  accessExplanation,
  accessStanding,
  auditErasure,
  auditExport,
  auditLogWalk,
  auditProof,
  auditRetention,
  auditSealing,
  deploymentHealth,
  governanceGrants,
  governanceClearance,
  governanceDeclaration,
  governanceEffective,
  lineageClaim,
  lineageClaimHistory,
  lineageContamination,
  lineageCoverage,
  lineageFieldClaim,
  lineageFieldLineage,
  lineageImpact,
  lineageLineageDiff,
  lineageLineagePaths,
  lineageOrphan,
  lineageRelease,
  lineageStatement,
  lineageTrainedOn,
  openlineageIngest,
  openlineageRejected,
  openlineageOutbox,
  openlineageOutgoing,
  openlineageReported,
  openlineageDatasetChanges,
  openlineageChanges,
  principalsAuditorSession,
  principalsDirectory,
  trainingFootprint,
  trainingQuota,
  trainingStranded,
];

/** How deep a question goes when it does not say, and when the samples ask. */
const USUAL_DEPTHS = [5, 20];

/**
 * Every statement of the product, for the database to plan before people ask it, in the order in which they come to it. Those
 * that are made for a shape are there in the shapes of everyday: of one asset, as it is now.
 */
export function everydayStatements(): string[] {
  return [
    ...new Set([...MODULES.flatMap(statementsIn), ...fewShapes(), ...USUAL_DEPTHS.flatMap(walks), ...askedForLess()]),
  ];
}

/** A statement begins with its name; lists of them stand beside each other in an object. */
function statementsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('// ') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(statementsIn) : [];
}

function fewShapes(): string[] {
  const { FIND_NAMESPACE, NAMESPACES_BY_ID, LIST_NAMESPACES } = catalogNamespace;
  const { PRESENT_CLAIMS, RETIRE_CLAIMS, ADD_CLAIMS } = lineageClaim;
  return [
    ...(['DatasetVersion', 'ModelVersion'] as const).map(catalogVersion.CREATE_VERSION),
    ...statementsIn([FIND_NAMESPACE(false), NAMESPACES_BY_ID(false), LIST_NAMESPACES(false)]),
    ...(['FEEDS', 'FEEDS_FIELD'] as const).flatMap((of) => [PRESENT_CLAIMS(of), RETIRE_CLAIMS(of), ADD_CLAIMS(of)]),
    ...(['all', 'some'] as const).flatMap((of) => [lineageCoverage.COVERAGE(of), lineageCoverage.COVERAGE_SOURCES(of)]),
    lineageLineagePaths.SHOWN_WAYS(false),
    lineageOrphan.LIST_ORPHANS_OF_LINEAGE({ within: false, past: false }),
    lineageOrphan.COUNT_ORPHANS_OF_LINEAGE({ within: false, past: false }),
  ];
}

/** What the samples ask besides (test/api/operations.test.ts holds that nothing is missing). */
function askedForLess(): string[] {
  const { TRACE, COUNTS } = lineageLineage;
  const found = Object.entries(FOUND_BY).map(([label, each]) => ({ label, ...each }));
  const now = { bound: hopLimit(20), several: false, past: false, until: false, ignore: false };
  const down: TraceShape = { ...now, direction: 'DOWNSTREAM' };
  const then: TraceShape = { ...now, direction: 'UPSTREAM', past: true };
  const change: TraceShape = { ...down, bound: hopLimit(50) };
  return [
    CATCH_UP,
    whoFinds(found),
    ...[{ ...down, ignore: true }, { ...down, until: true }, then].flatMap((shape) => [TRACE(shape), COUNTS(shape)]),
    ...[3, 8, 10_000].map((bound) => lineageLineagePaths.WAYS(bound)),
    ...[lineageImpact.IMPACT, lineageImpact.IMPACT_COUNTS, lineageImpact.IMPACT_OWNERS].map((make) => make(change)),
  ];
}

function walks(depth: number): string[] {
  const bound = hopLimit(depth);
  const now = { bound, past: false, until: false, ignore: false };
  const up: TraceShape = { ...now, direction: 'UPSTREAM', several: false };
  const down: TraceShape = { ...up, direction: 'DOWNSTREAM' };
  const both: TraceShape = { ...now, direction: 'BOTH', several: true };
  return [
    ...[up, down, both].map(lineageLineage.TRACE),
    ...[up, down, both].flatMap((shape) => [lineageLineage.TOTAL(shape), lineageLineage.COUNTS(shape)]),
    ...[up, down].map(lineageLineage.FACETS),
    lineageImpact.IMPACT(down),
    lineageImpact.IMPACT_COUNTS(down),
    lineageImpact.IMPACT_OWNERS(down),
    ...(['UPSTREAM', 'DOWNSTREAM'] as const).flatMap((direction) => [
      lineageProvenance.PROVENANCE(direction, bound),
      lineageFieldLineage.TRACE_FIELDS(direction, bound),
    ]),
    lineageLineageDiff.DIFF('UPSTREAM', bound),
    lineageLineagePaths.WAYS(bound),
  ];
}
