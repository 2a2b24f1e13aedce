import type { AuditTail } from '../audit/sealing/audit-tail.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { AccessService } from '../access/grants/access.service.js';
import { PolicyApprovals } from '../governance/decisions/approval.service.js';
import { ApprovalRepository } from '../governance/decisions/approval.repository.js';
import * as decisionResolvers from '../governance/decisions/decision.resolver.js';
import { DecisionReads, FactsAccess } from '../governance/decisions/decision-reads.service.js';
import { DecisionRepository } from '../governance/decisions/decision.repository.js';
import { PolicyDecisions } from '../governance/decisions/decision.service.js';
import { BreakGlassFeed } from '../governance/break-glass/break-glass.feed.js';
import { BreakGlassRepository } from '../governance/break-glass/break-glass.repository.js';
import { BreakGlassResolver } from '../governance/break-glass/break-glass.resolver.js';
import { BreakGlassService } from '../governance/break-glass/break-glass.service.js';
import type { TellsOfBreakGlass } from '../governance/break-glass/telling.port.js';
import { ExportDecisions } from '../governance/exports/export-decision.service.js';
import { FactsRepository } from '../governance/decisions/facts.repository.js';
import { FactsGatherer } from '../governance/decisions/facts.service.js';
import { EffectiveLabelFacts } from '../governance/decisions/effective-label.facts.js';
import { Clearances } from '../governance/clearance/clearances.js';
import type { Dimensions } from '../governance/labels/dimensions.js';
import type { EffectiveLabelsReader } from '../governance/labels/effective.service.js';
import { RehearsalResolver, RehearsedChangeResolver } from '../governance/rehearsal/rehearsal.resolver.js';
import { Rehearsals } from '../governance/rehearsal/rehearsal.service.js';
import { StandingRepository } from '../governance/standing/standing.repository.js';
import { StandingVerdicts } from '../governance/standing/verdicts.service.js';
import { Replays } from '../governance/decisions/replay.service.js';
import { LoadedSets } from '../governance/sets/loaded-sets.js';
import { PolicyRemarks } from '../governance/sets/policy-remarks.service.js';
import { PolicySetRepository } from '../governance/sets/policy-set.repository.js';
import { PolicySetResolver } from '../governance/sets/policy-set.resolver.js';
import { PolicySetService } from '../governance/sets/policy-set.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import { JobDecisionsResolver } from '../training/launch/job-decisions.resolver.js';
import type { Parts, ResolverEntries } from './parts.js';

interface Shared {
  access: AccessService;
  auditTail: AuditTail;
  tells: TellsOfBreakGlass;
  assets: AssetService;
  principals: PrincipalService;
  effectiveLabels: EffectiveLabelsReader;
  dimensions: Dimensions;
  /** Does at once what was approved. */
  goOn: (id: string) => Promise<void>;
}

/** Sets of policies, what is decided by them, and what they leave to people. */
export function wireGovernance(
  { graph, policies: { needsSecond, approvalHours, breakGlass: limits }, clearances, logger, now }: Parts,
  { access, assets, principals, effectiveLabels, dimensions, auditTail, tells, goOn }: Shared,
) {
  const setRows = new PolicySetRepository(graph, now);
  const [sets, loaded] = [new PolicySetService(graph, setRows, { needsSecond, now }), new LoadedSets(setRows)];
  const rows = { decisions: new DecisionRepository(graph, now), approvals: new ApprovalRepository(graph, now) };
  const levels = dimensions.find('classification')?.levels ?? [];
  const gatherer = new FactsGatherer(
    new FactsRepository(),
    new EffectiveLabelFacts(effectiveLabels, levels),
    new Clearances(clearances ?? null, levels),
    rows.approvals,
  );
  const policies = new PolicyDecisions(loaded, gatherer, rows, { approvalHours, now });
  const exporting = new ExportDecisions(graph, policies);
  const decisions = new DecisionReads(rows.decisions);
  const approvals = new PolicyApprovals(graph, rows.approvals, gatherer, assets, now, goOn);
  const glasses = new BreakGlassService(graph, new BreakGlassRepository(graph, now), assets, tells, { ...limits, now });
  const replays = new Replays(graph, rows.decisions, loaded, gatherer, now);
  const [standing, verdicts] = [new StandingRepository(now), new StandingVerdicts(gatherer, now)];
  const rehearsals = new Rehearsals(graph, { service: sets, loaded }, standing, verdicts);
  const { PolicyDecisionResolver, PolicyApprovalResolver, ...below } = decisionResolvers;
  const resolvers: ResolverEntries = [
    [PolicySetResolver, new PolicySetResolver(sets, principals)],
    [RehearsalResolver, new RehearsalResolver(rehearsals)],
    [RehearsedChangeResolver, new RehearsedChangeResolver(assets)],
    [
      PolicyDecisionResolver,
      new PolicyDecisionResolver(decisions, replays, approvals, new FactsAccess(access), {
        ...{ sets, principals, assets, glasses },
      }),
    ],
    [PolicyApprovalResolver, new PolicyApprovalResolver(principals, decisions, assets)],
    [below.AssetDecisionsResolver, new below.AssetDecisionsResolver(decisions)],
    [below.ReleaseDecisionsResolver, new below.ReleaseDecisionsResolver(decisions)],
    [BreakGlassResolver, new BreakGlassResolver(glasses, { principals, assets })],
    [below.BreakGlassDecisionsResolver, new below.BreakGlassDecisionsResolver(decisions)],
    [JobDecisionsResolver, new JobDecisionsResolver(decisions)],
  ];
  const watching = { standing, loaded, verdicts, gatherer, decisions: rows.decisions, emergencies: glasses };
  const breakGlassFeed = new BreakGlassFeed(auditTail, glasses);
  return {
    sets,
    policyRemarks: new PolicyRemarks(graph, loaded, logger),
    glasses,
    breakGlassFeed,
    policies,
    exporting,
    decisions,
    approvals,
    approvalRows: rows.approvals,
    watching,
    resolvers,
  };
}
