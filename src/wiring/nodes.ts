import { PROPOSALS_BY_ID } from '../access/aliases/alias.cypher.js';
import type { AliasService } from '../access/aliases/alias.service.js';
import { GRANTS_BY_ID, REQUESTS_BY_ID } from '../access/grants/access.cypher.js';
import type { AccessService } from '../access/grants/access.service.js';
import type { GrantService } from '../access/grants/grant.service.js';
import type { OfferService } from '../access/ownership/offer.service.js';
import { OFFERS_BY_ID } from '../access/ownership/ownership.cypher.js';
import { AUDIT_BY_ID } from '../audit/entries/audit.cypher.js';
import type { AuditService } from '../audit/entries/audit.service.js';
import { ASSETS_BY_ID, FIELDS_BY_ID } from '../catalog/assets/asset.cypher.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import { NAMESPACES_BY_ID } from '../catalog/namespaces/namespace.cypher.js';
import type { NamespaceService } from '../catalog/namespaces/namespace.service.js';
import { QUALITY_BY_ID } from '../catalog/quality/quality.cypher.js';
import type { QualityService } from '../catalog/quality/quality.service.js';
import { VERSIONS_BY_ID } from '../catalog/versions/version.cypher.js';
import type { VersionService } from '../catalog/versions/version.service.js';
import { type NodeFinder, NodeService } from '../graphql/node.resolver.js';
import { RELEASES_BY_ID } from '../deployment/releases/release.cypher.js';
import type { ReleaseService } from '../deployment/releases/release.service.js';
import { RUNS_BY_ID } from '../lineage/runs/run.cypher.js';
import { APPROVALS_BY_ID, DECISIONS_BY_ID } from '../governance/decisions/decision.cypher.js';
import { BREAK_GLASSES_BY_ID } from '../governance/break-glass/break-glass.cypher.js';
import type { BreakGlassService } from '../governance/break-glass/break-glass.service.js';
import type { PolicyApprovals } from '../governance/decisions/approval.service.js';
import type { DecisionReads } from '../governance/decisions/decision-reads.service.js';
import { SETS_BY_ID } from '../governance/sets/policy-set.cypher.js';
import { VIOLATIONS_BY_ID } from '../governance/violations/violation.cypher.js';
import type { ViolationReads } from '../governance/violations/violation.service.js';
import type { PolicySetService } from '../governance/sets/policy-set.service.js';
import { GRANTS_BY_ID as DECLASSIFICATIONS_BY_ID } from '../governance/grants/declassification.cypher.js';
import type { DeclassificationService } from '../governance/grants/declassification.service.js';
import type { RunService } from '../lineage/runs/run.service.js';
import { SESSIONS_BY_ID } from '../principals/tokens/auditor-session.cypher.js';
import type { AuditorSessionService } from '../principals/tokens/auditor-session.service.js';
import { PRINCIPALS_BY_ID } from '../principals/accounts/principal.cypher.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import { JOBS_BY_ID } from '../training/jobs/job.cypher.js';
import type { JobService } from '../training/jobs/job.service.js';
import type { Parts } from './parts.js';

interface Shared {
  assets: AssetService;
  namespaces: NamespaceService;
  versions: VersionService;
  quality: QualityService;
  runs: RunService;
  releases: ReleaseService;
  jobs: JobService;
  principals: PrincipalService;
  sessions: AuditorSessionService;
  access: AccessService;
  grants: GrantService;
  offers: OfferService;
  aliases: AliasService;
  audit: AuditService;
  sets: PolicySetService;
  decisions: DecisionReads;
  approvals: PolicyApprovals;
  violations: ViolationReads;
  glasses: BreakGlassService;
  declassifications: DeclassificationService;
}

/** By which statement each kind of thing is found by its id, and in which column it then is. */
export const FOUND_BY = {
  Asset: { statement: ASSETS_BY_ID, column: 'asset' },
  Namespace: { statement: NAMESPACES_BY_ID(false), column: 'namespace' },
  Field: { statement: FIELDS_BY_ID, column: 'field' },
  Version: { statement: VERSIONS_BY_ID, column: 'version' },
  QualityResult: { statement: QUALITY_BY_ID, column: 'result' },
  Run: { statement: RUNS_BY_ID, column: 'run' },
  Release: { statement: RELEASES_BY_ID, column: 'release' },
  TrainingJob: { statement: JOBS_BY_ID, column: 'job' },
  Principal: { statement: PRINCIPALS_BY_ID, column: 'principal' },
  AuditorSession: { statement: SESSIONS_BY_ID, column: 'session' },
  AccessRequest: { statement: REQUESTS_BY_ID, column: 'request' },
  AccessGrant: { statement: GRANTS_BY_ID, column: 'grant' },
  OwnershipOffer: { statement: OFFERS_BY_ID, column: 'offer' },
  AliasProposal: { statement: PROPOSALS_BY_ID, column: 'proposal' },
  AuditEntry: { statement: AUDIT_BY_ID, column: 'entry' },
  PolicySet: { statement: SETS_BY_ID, column: 'policySet' },
  PolicyDecision: { statement: DECISIONS_BY_ID, column: 'decision' },
  PolicyApproval: { statement: APPROVALS_BY_ID, column: 'approval' },
  Violation: { statement: VIOLATIONS_BY_ID, column: 'violation' },
  BreakGlass: { statement: BREAK_GLASSES_BY_ID, column: 'breakGlass' },
  DeclassificationGrant: { statement: DECLASSIFICATIONS_BY_ID, column: 'grant' },
} as const;
type Label = keyof typeof FOUND_BY;

/** Everything with an id, by its id. */
export function wireNodes({ graph, now }: Parts, shared: Shared): NodeService {
  const {
    assets,
    namespaces,
    versions,
    quality,
    runs,
    releases,
    jobs,
    principals,
    sessions,
    access,
    grants,
    offers,
    aliases,
    audit,
    sets,
    decisions,
    approvals,
    violations,
    glasses,
    declassifications,
  } = shared;
  const finders: Record<Label, Pick<NodeFinder, 'find' | 'discoverable'>> = {
    Asset: { discoverable: true, find: (actor, ids) => assets.byIds(actor, ids) },
    Namespace: { find: (actor, ids) => namespaces.byIds(actor, ids) },
    Field: { discoverable: true, find: (actor, ids) => assets.fieldsByIds(actor, ids) },
    Version: { discoverable: true, find: (actor, ids) => versions.byIds(actor, ids) },
    QualityResult: { find: (actor, ids) => quality.byIds(actor, ids) },
    Run: { find: (actor, ids) => runs.byIds(actor, ids) },
    Release: { find: (actor, ids) => releases.byIds(actor, ids) },
    TrainingJob: { find: (actor, ids) => jobs.byIds(actor, ids) },
    Principal: { find: (actor, ids) => principals.listedByIds(actor, ids) },
    AuditorSession: { find: (actor, ids) => sessions.byIds(actor, ids) },
    AccessRequest: { find: (actor, ids) => access.requestsByIds(actor, ids) },
    AccessGrant: { find: (actor, ids) => grants.byIds(actor, ids) },
    OwnershipOffer: { find: (actor, ids) => offers.byIds(actor, ids) },
    AliasProposal: { find: (actor, ids) => aliases.byIds(actor, ids) },
    AuditEntry: { find: (actor, ids) => audit.byIds(actor, ids) },
    PolicySet: { find: (actor, ids) => sets.byIds(actor, ids) },
    PolicyDecision: { find: (actor, ids) => decisions.byIds(actor, ids) },
    PolicyApproval: { find: (actor, ids) => approvals.byIds(actor, ids) },
    Violation: { find: (actor, ids) => violations.byIds(actor, ids) },
    BreakGlass: { find: (actor, ids) => glasses.byIds(actor, ids) },
    DeclassificationGrant: { find: (actor, ids) => declassifications.byIds(actor, ids) },
  };
  const labels = Object.keys(FOUND_BY) as Label[];
  return new NodeService(
    graph,
    labels.map((label) => ({ label, ...FOUND_BY[label], ...finders[label] })),
    now,
  );
}
