import type { GraphQLSchema } from 'graphql';
import * as dryRuns from '../access/explanation/dry-run.resolver.js';
import { AccessFeed } from '../access/grants/access.feed.js';
import { watchOperations } from '../audit/watch/watch.js';
import { AuditWatch } from '../audit/watch/watch.service.js';
import type { AuditLog } from '../audit/sealing/audit-log.js';
import { CatalogFeed } from '../audit/watch/catalog.feed.js';
import type { ExportService } from '../audit/verification/export.service.js';
import { rules } from '../auth/rules.js';
import { compileShield, type RuleMatrix } from '../auth/shield.js';
import { AssetRepository } from '../catalog/assets/asset.repository.js';
import * as assetResolvers from '../catalog/assets/asset.resolver.js';
import { AssetService } from '../catalog/assets/asset.service.js';
import { FieldKinService } from '../catalog/fields/field-kin.service.js';
import { FieldRepository } from '../catalog/fields/field.repository.js';
import { FieldHistory } from '../catalog/fields/field-history.service.js';
import { FieldChangesResolver, FieldKinResolver, FieldMutations } from '../catalog/fields/field.resolver.js';
import { FieldService } from '../catalog/fields/field.service.js';
import { NamespaceGate } from '../catalog/namespaces/namespace-gate.policy.js';
import { NamespaceOwners } from '../catalog/namespaces/namespace-owners.service.js';
import { NamespaceRepository } from '../catalog/namespaces/namespace.repository.js';
import { NamespaceFieldsResolver, NamespaceResolver } from '../catalog/namespaces/namespace.resolver.js';
import { NamespaceService } from '../catalog/namespaces/namespace.service.js';
import { NearTwinResolver } from '../catalog/assets/near-twins.resolver.js';
import { NearTwinPolicy } from '../catalog/twins/near-twins.policy.js';
import { NearTwinRepository } from '../catalog/twins/near-twins.repository.js';
import { RemovalRepository } from '../catalog/removal/removal.repository.js';
import { RemovalResolver } from '../catalog/removal/removal.resolver.js';
import { Retirement } from '../catalog/removal/retirement.service.js';
import { RemovalService } from '../catalog/removal/removal.service.js';
import { BulkResolver } from '../catalog/bulk/bulk.resolver.js';
import { BulkService } from '../catalog/bulk/bulk.service.js';
import { RegistrationRepository } from '../catalog/registration/registration.repository.js';
import { RegistrationResolver } from '../catalog/registration/registration.resolver.js';
import { RegistrationService } from '../catalog/registration/registration.service.js';
import { SearchRepository } from '../catalog/search/search.repository.js';
import { SearchResolver } from '../catalog/search/search.resolver.js';
import { SearchService } from '../catalog/search/search.service.js';
import { VersionRepository } from '../catalog/versions/version.repository.js';
import * as versionResolvers from '../catalog/versions/version.resolver.js';
import { PublishedData } from '../catalog/versions/published-data.policy.js';
import { VersionService } from '../catalog/versions/version.service.js';
import type { LineageExport } from '../openlineage/export/export.service.js';
import type { IngestStatusService } from '../openlineage/intake/ingest-status.service.js';
import type { EventIntake } from '../openlineage/intake/intake.service.js';
import { Consistency } from '../graphql/consistency.js';
import type { Context } from '../graphql/context.js';
import { NodeResolver } from '../graphql/node.resolver.js';
import { buildGraphqlSchema, type ResolverClass, type ResolverInstances } from '../graphql/door/schema.js';
import { SealedCursors } from '../graphql/sealed-cursor.js';
import { awaitDecisions } from '../governance/gate/gate.js';
import { ClaimHistoryRepository } from '../lineage/claims/claim-history.repository.js';
import { ClaimHistory } from '../lineage/claims/claim-history.service.js';
import { ClaimReconciler } from '../lineage/statements/claim-reconciler.js';
import { ClaimRepository } from '../lineage/statements/claim.repository.js';
import * as claimResolvers from '../lineage/claims/claim.resolver.js';
import { ClaimService } from '../lineage/claims/claim.service.js';
import { FieldClaimRepository } from '../lineage/fields/field-claim.repository.js';
import * as fieldClaimResolvers from '../lineage/fields/field-claim.resolver.js';
import { FieldClaimService } from '../lineage/fields/field-claim.service.js';
import { FieldFlows } from '../lineage/fields/field-flows.service.js';
import { FieldLineageRepository } from '../lineage/fields/field-lineage.repository.js';
import * as fieldResolvers from '../lineage/fields/field-lineage.resolver.js';
import { FieldLineageService } from '../lineage/fields/field-lineage.service.js';
import { LineageRepository } from '../lineage/trace/lineage.repository.js';
import * as lineageResolvers from '../lineage/trace/lineage.resolver.js';
import { LineageService } from '../lineage/trace/lineage.service.js';
import { OverdueRepository } from '../lineage/runs/overdue.repository.js';
import { OverdueResolver } from '../lineage/runs/overdue.resolver.js';
import { OverdueRuns } from '../lineage/runs/overdue.service.js';
import { ProvenanceRepository } from '../lineage/runs/provenance.repository.js';
import { ProvenanceService } from '../lineage/runs/provenance.service.js';
import { RunRepository } from '../lineage/runs/run.repository.js';
import * as runResolvers from '../lineage/runs/run.resolver.js';
import { RunService } from '../lineage/runs/run.service.js';
import { StatementRepository } from '../lineage/statements/statement.repository.js';
import type { GoingOn } from '../governance/going-on/going-on.worker.js';
import type { PolicyRemarks } from '../governance/sets/policy-remarks.service.js';
import type { PolicySetService } from '../governance/sets/policy-set.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { SignInFailures } from '../principals/sign-in/sign-in-failures.service.js';
import type { SignInService } from '../principals/sign-in/sign-in.service.js';
import type { TokenService } from '../principals/tokens/token.service.js';
import { JobLifecycle } from '../training/worker/job-lifecycle.js';
import { JobFeed } from '../training/jobs/job.feed.js';
import { JobRepository } from '../training/jobs/job.repository.js';
import * as jobResolvers from '../training/jobs/job.resolver.js';
import { JobRights } from '../training/launch/job-rights.policy.js';
import { JobRunner } from '../training/worker/job-runner.worker.js';
import { JobService } from '../training/jobs/job.service.js';
import { LaunchDecision } from '../training/launch/launch-decision.policy.js';
import { LaunchPlanResolver } from '../training/launch/launch-plan.resolver.js';
import { LaunchPlanner } from '../training/launch/launch-plan.service.js';
import { LaunchService } from '../training/launch/launch.service.js';
import { LateRecords } from '../training/worker/late-records.worker.js';
import { LogAccess } from '../training/jobs/log-access.policy.js';
import { LauncherRegistry } from '../launchers/registry.js';
import { UnclaimedTasks } from '../training/worker/unclaimed-tasks.worker.js';
import { StrandedRepository } from '../training/worker/stranded.repository.js';
import { StrandedJobs } from '../training/worker/stranded.worker.js';
import { DataFolders } from '../disk/data-folders.js';
import type { Parts } from './parts.js';
import { wireAccess } from './access.js';
import { wireGoingOn } from './going-on.js';
import { wireGovernance } from './governance.js';
import { wireAudit } from './audit.js';
import { wireNodes } from './nodes.js';
import { wirePrincipals } from './principals.js';
import { wireQuality } from './quality.js';
import { wireQuestions } from './questions.js';
import { wireQuotas } from './quotas.js';
import { wireReproduction } from './reproduction.js';
import { wireOutbox } from './outbox.js';
import { wireLineageExport } from './lineage-export.js';
import { wireOpenlineage, wireReported } from './openlineage.js';
import { wireAliases } from './aliases.js';
import { wireLabels } from './labels.js';
import { wireReleases } from './releases.js';
import { wireViolations } from './violations.js';

export interface Weftline {
  schema: GraphQLSchema;
  matrix: RuleMatrix;
  sets: PolicySetService;
  policyRemarks: PolicyRemarks;
  principals: PrincipalService;
  tokens: TokenService;
  signIn: SignInService;
  signInFailures: SignInFailures;
  jobs: JobRepository;
  runner: JobRunner;
  orphans: UnclaimedTasks;
  stranded: StrandedJobs;
  /** What does by itself what was approved. */
  goingOn: GoingOn;
  feeds: Context['feeds'];
  consistency: Consistency;
  auditLog: AuditLog;
  auditExport: ExportService;
  /** What events of producers are given to. */
  intake: EventIntake;
  /** What tells others of what happens here. */
  outbox: ReturnType<typeof wireOutbox>['outbox'];
  /** What looks for violations of policies by what serves. */
  policyWatch: ReturnType<typeof wireViolations>['policyWatch'];
  lineageExport: LineageExport;
  ingestStatus: IngestStatusService;
  /** The clock that all of it goes by. */
  now: () => Date;
}

const LOOK_AT_JOBS_EVERY_MS = 500;

/**
 * Puts the parts together, by hand: what depends on what can be read here, top down. The outer lock is put on last; only
 * the bench puts on others, to know what it costs.
 */
export function wire(parts: Parts, lock = compileShield): Weftline {
  const { graph, logger, now } = parts;
  const cursors = new SealedCursors(parts.cursorSecret);
  const registry = new LauncherRegistry(parts.launchers);
  const { principals, tokens, sessions, signIn, signInFailures, changes, ...who } = wirePrincipals(parts);

  const assetRows = new AssetRepository(graph, now);
  const namespaceRows = new NamespaceRepository(graph, now);
  const gate = new NamespaceGate(namespaceRows, parts.access.newNamespaces);
  const fieldRows = new FieldRepository(graph, now);
  const twins = new NearTwinPolicy(new NearTwinRepository(graph, now));
  const assets = new AssetService(graph, assetRows, gate, twins, now);
  const registrations = new RegistrationService(graph, new RegistrationRepository(), gate, twins, now);
  const search = new SearchService(new SearchRepository(graph, now), now);
  const namespaces = new NamespaceService(graph, namespaceRows, now);
  const namespaceOwners = new NamespaceOwners(graph, namespaceRows, now);
  const versionRows = new VersionRepository(graph, now);
  const folders = new DataFolders(parts.data?.dataFolders ?? [], parts.data ? [parts.data.home] : []);
  const { audit, auditLog, exportBy, auditTail, resolvers: auditResolvers } = wireAudit(parts, assets);
  const { access, grants, offers, resolvers: accessResolvers } = wireAccess(parts, { assets, assetRows, principals });

  const {
    tells,
    tellsOfViolations,
    outbox,
    facts,
    events: eventsOfFacts,
    resolvers: outboxResolvers,
  } = wireOutbox(parts);

  const lineage = new LineageService(new LineageRepository(graph, now), cursors);
  const runRows = new RunRepository(graph, now);
  const statementRows = new StatementRepository(graph);
  const claimRows = new ClaimRepository(now);
  const engine = new ClaimReconciler(statementRows, claimRows, now);
  const claimHistory = new ClaimHistory(new ClaimHistoryRepository(graph, now), now);
  const claims = new ClaimService(graph, engine, claimRows, runRows, now);
  const fieldFlows = new FieldFlows(claimRows, new FieldClaimRepository());
  const fieldClaims = new FieldClaimService(graph, engine, fieldFlows, runRows, now, awaitDecisions);
  const fieldLineage = new FieldLineageService(new FieldLineageRepository(graph, now), assets, cursors, now);
  const { joining, aliases, resolvers: aliasResolvers } = wireAliases(parts, { assets, assetRows, principals });
  const openlineage = wireOpenlineage(parts, { principals, assets, registrations, engine, joining, aliases });
  const runs = new RunService(graph, runRows, versionRows, assets, engine, now);
  const provenance = new ProvenanceService(new ProvenanceRepository(graph, now), cursors, now);
  const {
    effectiveLabels,
    dimensions,
    declassifications,
    resolvers: labelResolvers,
  } = wireLabels(parts, { assets, versionRows, principals });
  const {
    sets,
    policyRemarks,
    policies,
    glasses,
    breakGlassFeed,
    watching,
    exporting,
    decisions,
    approvals,
    approvalRows,
    resolvers: governanceResolvers,
  } = wireGovernance(parts, {
    access,
    ...{ assets, principals, effectiveLabels, dimensions, auditTail, tells: tellsOfViolations },
    goOn: (id) => goingOn.goOnNow(id),
  });
  const versions = new VersionService(graph, versionRows, assets, new PublishedData(folders, now), policies, now);
  const retirement = new Retirement(graph, assetRows, assets, policies, now);
  const auditExport = exportBy(exporting);
  const shared = { assets, versions, principals, runs, engine, tells, policies };
  const lineageExport = wireLineageExport(parts, { lineage, facts, events: eventsOfFacts, exporting });
  const { releases, releasing, resolvers: releaseResolvers } = wireReleases(parts, shared);
  const violating = wireViolations(parts, { assets, releases, auditTail, watching, decisions, tellsOfViolations });
  const { quality, resolvers: qualityResolvers } = wireQuality(parts, { ...shared, versionRows });

  const jobRows = new JobRepository(graph, now);
  const jobs = new JobService(jobRows, assets);
  const logAccess = new LogAccess(access);
  const closing = new JobLifecycle(graph, jobRows, runs, versions, assets, runRows, tells, now);
  const { worker } = parts;
  const rights = new JobRights(jobRows, access);
  const work = { closing, rights, launchers: registry };
  const runner = new JobRunner(jobRows, work, { worker, logger, now, everyMs: LOOK_AT_JOBS_EVERY_MS });
  const late = new LateRecords(jobRows, { logger, now });
  const orphans = new UnclaimedTasks(jobRows, registry, late, logger);
  const stranded = new StrandedJobs(new StrandedRepository(graph, now), closing, registry, { logger, now });
  const { charging, resolvers: quotaResolvers } = wireQuotas(parts, registry, principals);
  const decision = new LaunchDecision(graph, assets, runs, charging, policies);
  const planner = new LaunchPlanner(jobRows, registry, decision, parts.launchLimits);
  const wake = (): void => runner.wake();
  const launches = new LaunchService(graph, jobRows, assets, runs, registry, decision, {
    policies,
    limits: parts.launchLimits,
    tells,
    now,
    wake,
  });
  const goingOn = wireGoingOn(parts, { approvalRows, changes, launches, releasing, versions, retirement });
  const feeds = {
    catalog: new CatalogFeed(auditTail, assets),
    access: new AccessFeed(auditTail, access, grants),
    violations: violating.violationFeed,
    breakGlasses: breakGlassFeed,
    jobs: new JobFeed(jobRows, registry, logAccess, now),
  };

  const nodes = wireNodes(parts, {
    ...{
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
      violations: violating.violations,
      glasses,
      declassifications,
    },
  });

  const resolvers: ResolverInstances = new Map<ResolverClass, object>([
    [NodeResolver, new NodeResolver(nodes)],
    ...who.resolvers,
    ...auditResolvers,
    ...accessResolvers,
    ...aliasResolvers,
    ...governanceResolvers,
    [RegistrationResolver, new RegistrationResolver(registrations)],
    [assetResolvers.AssetResolver, new assetResolvers.AssetResolver(assets)],
    [NearTwinResolver, new NearTwinResolver(assets)],
    [
      RemovalResolver,
      new RemovalResolver(new RemovalService(graph, new RemovalRepository(now), assets, now), retirement),
    ],
    [dryRuns.RetireDryRunResolver, new dryRuns.RetireDryRunResolver()],
    [dryRuns.DatasetDryRunResolver, new dryRuns.DatasetDryRunResolver()],
    [dryRuns.ModelDryRunResolver, new dryRuns.ModelDryRunResolver()],
    [BulkResolver, new BulkResolver(new BulkService(graph, assets))],
    [FieldMutations, new FieldMutations(new FieldService(graph, assets, assetRows, now))],
    [FieldKinResolver, new FieldKinResolver(new FieldKinService(fieldRows, assets))],
    [FieldChangesResolver, new FieldChangesResolver(new FieldHistory(fieldRows, now))],
    [SearchResolver, new SearchResolver(search)],
    [assetResolvers.DatasetFieldsResolver, new assetResolvers.DatasetFieldsResolver(assets)],
    [NamespaceResolver, new NamespaceResolver(namespaces, namespaceOwners)],
    [NamespaceFieldsResolver, new NamespaceFieldsResolver(principals)],
    [versionResolvers.VersionResolver, new versionResolvers.VersionResolver(versions)],
    [versionResolvers.DatasetVersionsResolver, new versionResolvers.DatasetVersionsResolver(versions)],
    [versionResolvers.ModelVersionsResolver, new versionResolvers.ModelVersionsResolver(versions)],
    [versionResolvers.DatasetVersionFieldsResolver, new versionResolvers.DatasetVersionFieldsResolver(assets)],
    [versionResolvers.ModelVersionFieldsResolver, new versionResolvers.ModelVersionFieldsResolver(assets)],
    [lineageResolvers.LineageResolver, new lineageResolvers.LineageResolver(lineage)],
    [lineageResolvers.AssetLineageResolver, new lineageResolvers.AssetLineageResolver(lineage)],
    [claimResolvers.ClaimMutations, new claimResolvers.ClaimMutations(claims)],
    [claimResolvers.ClaimHistoryResolver, new claimResolvers.ClaimHistoryResolver(claimHistory)],
    [claimResolvers.LineageStatementResolver, new claimResolvers.LineageStatementResolver(principals, runs)],
    [claimResolvers.ClaimResolver, new claimResolvers.ClaimResolver(principals, runs)],
    [fieldClaimResolvers.FieldClaimMutations, new fieldClaimResolvers.FieldClaimMutations(fieldClaims)],
    [fieldClaimResolvers.FieldClaimResolver, new fieldClaimResolvers.FieldClaimResolver(assets)],
    [fieldResolvers.FieldLineageResolver, new fieldResolvers.FieldLineageResolver(fieldLineage)],
    [fieldResolvers.FieldFieldsResolver, new fieldResolvers.FieldFieldsResolver(fieldLineage)],
    [fieldResolvers.DatasetFieldLineageResolver, new fieldResolvers.DatasetFieldLineageResolver(fieldLineage)],
    [OverdueResolver, new OverdueResolver(new OverdueRuns(graph, new OverdueRepository(graph, now), runRows, now))],
    [runResolvers.RunResolver, new runResolvers.RunResolver(runs)],
    [runResolvers.RunFieldsResolver, new runResolvers.RunFieldsResolver(runs, assets, access)],
    [runResolvers.TransformationRunsResolver, new runResolvers.TransformationRunsResolver(runs)],
    [runResolvers.DatasetVersionLineageResolver, new runResolvers.DatasetVersionLineageResolver(runs, provenance)],
    [runResolvers.ModelVersionLineageResolver, new runResolvers.ModelVersionLineageResolver(runs, provenance)],
    ...qualityResolvers,
    ...labelResolvers,
    ...releaseResolvers,
    ...violating.resolvers,
    ...openlineage.resolvers,
    ...outboxResolvers,
    ...wireReported(parts, { principals, assets, access, runs }),
    ...wireQuestions(parts, cursors, principals),
    [jobResolvers.TrainingResolver, new jobResolvers.TrainingResolver(launches, jobs, registry)],
    [
      jobResolvers.TrainingJobFieldsResolver,
      new jobResolvers.TrainingJobFieldsResolver(
        jobs,
        runs,
        versions,
        principals,
        logAccess,
        parts.gridIntensity ?? null,
      ),
    ],
    [jobResolvers.TrainingJobEventResolver, new jobResolvers.TrainingJobEventResolver(logAccess)],
    [jobResolvers.TrainingJobLogResolver, new jobResolvers.TrainingJobLogResolver(jobs, logAccess)],
    [jobResolvers.UnclaimedTasksResolver, new jobResolvers.UnclaimedTasksResolver(orphans, registry)],
    ...quotaResolvers,
    [LaunchPlanResolver, new LaunchPlanResolver(planner, principals)],
    [jobResolvers.RunJobResolver, new jobResolvers.RunJobResolver(jobs)],
    ...wireReproduction({ versions, runs, jobs, assets, registry, logAccess }),
  ]);
  const { schema, matrix } = lock(buildGraphqlSchema(resolvers), rules);
  watchOperations(schema, new AuditWatch(graph, logger, now));
  return {
    schema,
    matrix,
    sets,
    policyRemarks,
    principals,
    tokens,
    signIn,
    signInFailures,
    jobs: jobRows,
    runner,
    orphans,
    stranded,
    goingOn,
    feeds,
    consistency: new Consistency(graph, parts.cursorSecret),
    auditLog,
    auditExport,
    intake: openlineage.intake,
    outbox,
    policyWatch: violating.policyWatch,
    lineageExport,
    ingestStatus: openlineage.status,
    now,
  };
}
