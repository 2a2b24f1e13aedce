import { PROPOSAL_SEEN } from '../access/aliases/alias.cypher.js';
import type { AliasService } from '../access/aliases/alias.service.js';
import { GRANT_SEEN, REQUEST_SEEN } from '../access/grants/access.cypher.js';
import type { AccessService } from '../access/grants/access.service.js';
import type { GrantService } from '../access/grants/grant.service.js';
import type { OfferService } from '../access/ownership/offer.service.js';
import { OFFER_SEEN } from '../access/ownership/ownership.cypher.js';
import { ENTRY_SEEN } from '../audit/entries/audit.cypher.js';
import type { AuditService } from '../audit/entries/audit.service.js';
import { ASSET_SEEN, FIELD_SEEN } from '../catalog/assets/asset.cypher.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import { NAMESPACE_SEEN } from '../catalog/namespaces/namespace.cypher.js';
import type { NamespaceService } from '../catalog/namespaces/namespace.service.js';
import { QUALITY_SEEN } from '../catalog/quality/quality.cypher.js';
import type { QualityService } from '../catalog/quality/quality.service.js';
import { VERSION_SEEN } from '../catalog/versions/version.cypher.js';
import type { VersionService } from '../catalog/versions/version.service.js';
import { type NodeFinder, NodeService } from '../graphql/node.resolver.js';
import { RELEASE_SEEN } from '../deployment/releases/release.cypher.js';
import type { ReleaseService } from '../deployment/releases/release.service.js';
import { RUN_SEEN } from '../lineage/runs/run.cypher.js';
import { APPROVAL_SEEN, DECISION_SEEN } from '../governance/decisions/decision.cypher.js';
import { BREAK_GLASS_SEEN } from '../governance/break-glass/break-glass.cypher.js';
import type { BreakGlassService } from '../governance/break-glass/break-glass.service.js';
import type { PolicyApprovals } from '../governance/decisions/approval.service.js';
import type { DecisionReads } from '../governance/decisions/decision-reads.service.js';
import { SET_SEEN } from '../governance/sets/policy-set.cypher.js';
import { VIOLATION_SEEN } from '../governance/violations/violation.cypher.js';
import type { ViolationReads } from '../governance/violations/violation.service.js';
import type { PolicySetService } from '../governance/sets/policy-set.service.js';
import { GRANT_SEEN as DECLASSIFICATION_SEEN } from '../governance/grants/declassification.cypher.js';
import type { DeclassificationService } from '../governance/grants/declassification.service.js';
import type { RunService } from '../lineage/runs/run.service.js';
import { SESSION_SEEN } from '../principals/tokens/auditor-session.cypher.js';
import type { AuditorSessionService } from '../principals/tokens/auditor-session.service.js';
import { PRINCIPAL_SEEN } from '../principals/accounts/principal.cypher.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import { JOB_SEEN } from '../training/jobs/job.cypher.js';
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

/** By which clauses each kind of thing is found by its `id`, and the variable that then stands for it. */
export const FOUND_BY = {
  Asset: { seen: ASSET_SEEN, variable: 'a' },
  Namespace: { seen: NAMESPACE_SEEN, variable: 'n' },
  Field: { seen: FIELD_SEEN, variable: 'f' },
  Version: { seen: VERSION_SEEN, variable: 'v' },
  QualityResult: { seen: QUALITY_SEEN, variable: 'q' },
  Run: { seen: RUN_SEEN, variable: 'r' },
  Release: { seen: RELEASE_SEEN, variable: 'r' },
  TrainingJob: { seen: JOB_SEEN, variable: 'j' },
  Principal: { seen: PRINCIPAL_SEEN, variable: 'p' },
  AuditorSession: { seen: SESSION_SEEN, variable: 's' },
  AccessRequest: { seen: REQUEST_SEEN, variable: 'r' },
  AccessGrant: { seen: GRANT_SEEN, variable: 'g' },
  OwnershipOffer: { seen: OFFER_SEEN, variable: 'o' },
  AliasProposal: { seen: PROPOSAL_SEEN, variable: 'p' },
  AuditEntry: { seen: ENTRY_SEEN, variable: 'e' },
  PolicySet: { seen: SET_SEEN, variable: 's' },
  PolicyDecision: { seen: DECISION_SEEN, variable: 'd' },
  PolicyApproval: { seen: APPROVAL_SEEN, variable: 'p' },
  Violation: { seen: VIOLATION_SEEN, variable: 'v' },
  BreakGlass: { seen: BREAK_GLASS_SEEN, variable: 'b' },
  DeclassificationGrant: { seen: DECLASSIFICATION_SEEN, variable: 'g' },
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
