import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { AccessFeed } from './access/access-feed.service.js';
import { watchOperations } from './audit/watch.js';
import { AuditWatch } from './audit/watch.service.js';
import type { AuditLog } from './audit/audit-log.service.js';
import { CatalogFeed } from './audit/catalog-feed.service.js';
import { type CheckpointOptions } from './audit/checkpoint.service.js';
import type { ExportService } from './audit/export.service.js';
import type { NumberRange } from './audit/known-damage.js';
import { rules } from './auth/rules.js';
import { compileShield, type RuleMatrix } from './auth/shield.js';
import { AssetRepository } from './catalog/asset.repository.js';
import * as assetResolvers from './catalog/asset.resolver.js';
import { AssetService } from './catalog/asset.service.js';
import { NamespaceGate } from './catalog/namespace-gate.service.js';
import { NamespaceOwners } from './catalog/namespace-owners.service.js';
import { NamespaceRepository } from './catalog/namespace.repository.js';
import { NamespaceFieldsResolver, NamespaceResolver } from './catalog/namespace.resolver.js';
import { NamespaceService } from './catalog/namespace.service.js';
import { RegistrationRepository } from './catalog/registration.repository.js';
import { RegistrationResolver } from './catalog/registration.resolver.js';
import { RegistrationService } from './catalog/registration.service.js';
import { SearchService } from './catalog/search.service.js';
import { VersionRepository } from './catalog/version.repository.js';
import * as versionResolvers from './catalog/version.resolver.js';
import { VersionService } from './catalog/version.service.js';
import type { Config } from './config.js';
import { Consistency } from './graphql/consistency.js';
import type { Context } from './graphql/context.js';
import { NodeResolver } from './graphql/node.resolver.js';
import { buildGraphqlSchema, type ResolverClass, type ResolverInstances } from './graphql/schema.js';
import { SealedCursors } from './graphql/sealed-cursor.js';
import { ClaimHistoryRepository } from './lineage/claim-history.repository.js';
import { ClaimHistory } from './lineage/claim-history.service.js';
import { ClaimEngine } from './lineage/claim-engine.service.js';
import { ClaimRepository } from './lineage/claim.repository.js';
import * as claimResolvers from './lineage/claim.resolver.js';
import { ClaimService } from './lineage/claim.service.js';
import { FieldClaimRepository } from './lineage/field-claim.repository.js';
import * as fieldClaimResolvers from './lineage/field-claim.resolver.js';
import { FieldClaimService } from './lineage/field-claim.service.js';
import { FieldFlows } from './lineage/field-flows.service.js';
import { FieldLineageRepository } from './lineage/field-lineage.repository.js';
import * as fieldResolvers from './lineage/field-lineage.resolver.js';
import { FieldLineageService } from './lineage/field-lineage.service.js';
import { LineageRepository } from './lineage/lineage.repository.js';
import * as lineageResolvers from './lineage/lineage.resolver.js';
import { LineageService } from './lineage/lineage.service.js';
import { ProvenanceRepository } from './lineage/provenance.repository.js';
import { ProvenanceService } from './lineage/provenance.service.js';
import { RunRepository } from './lineage/run.repository.js';
import * as runResolvers from './lineage/run.resolver.js';
import { RunService } from './lineage/run.service.js';
import { StatementRepository } from './lineage/statement.repository.js';
import type { Graph } from './neo4j/graph.js';
import type { PrincipalService } from './principals/principal.service.js';
import type { SignInFailures } from './principals/sign-in-failures.service.js';
import type { SignInService } from './principals/sign-in.service.js';
import type { TokenService } from './principals/token.service.js';
import { JobClosing } from './training/job-closing.service.js';
import { JobFeed } from './training/job-feed.service.js';
import { JobRepository } from './training/job.repository.js';
import * as jobResolvers from './training/job.resolver.js';
import { JobRights } from './training/job-rights.service.js';
import { JobRunner } from './training/job-runner.service.js';
import { JobService } from './training/job.service.js';
import { LaunchDecision } from './training/launch-decision.service.js';
import { LaunchPlanResolver } from './training/launch-plan.resolver.js';
import { LaunchPlanner } from './training/launch-plan.service.js';
import { type LaunchLimits, LaunchService } from './training/launch.service.js';
import { LateRecords } from './training/late-records.service.js';
import { LogAccess } from './training/log-access.service.js';
import type { Launcher } from './training/launchers/launcher.js';
import { LauncherRegistry } from './training/launchers/registry.js';
import { OrphanWatch } from './training/orphans.service.js';
import { StrandedRepository } from './training/stranded.repository.js';
import { StrandedJobs } from './training/stranded.service.js';
import { wireAccess } from './wire.access.js';
import { wireAudit } from './wire.audit.js';
import { wireNodes } from './wire.nodes.js';
import { wirePrincipals } from './wire.principals.js';
import { wireQuestions } from './wire.questions.js';
import { wireQuotas } from './wire.quotas.js';
import { wireReproduction } from './wire.reproduction.js';
import { wireReleases } from './wire.releases.js';

export interface Parts {
  graph: Graph;
  launchers: readonly Launcher[];
  launchLimits: LaunchLimits;
  /** Grams of CO2 equivalents a kWh of the grid; absent or null: not known. */
  gridIntensity?: number | null;
  /** Who may sign in, what callers without a token may see, how long tokens and grants last, and who may use new namespaces. */
  access: Pick<Config, 'oidc' | 'anonymousDiscovery' | 'maxTokenDays' | 'maxGrantDays' | 'newNamespaces'>;
  /** Health that was reported longer ago is stale. */
  heartbeatSeconds: number;
  /** Secret of this installation: cursors and opaque keys are made with it. */
  cursorSecret: string;
  audit: Pick<CheckpointOptions, 'origin' | 'signer' | 'verifiers' | 'files'> & {
    checkpointSeconds: number;
    /** null: entries are kept for ever. */
    retentionDays: number | null;
    checkSeconds: number;
    knownDamage: readonly NumberRange[];
  };
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
}

/** Resolver classes with the objects that answer for them. */
export type ResolverEntries = readonly (readonly [ResolverClass, object])[];

export interface Weftline {
  schema: GraphQLSchema;
  matrix: RuleMatrix;
  principals: PrincipalService;
  tokens: TokenService;
  signIn: SignInService;
  signInFailures: SignInFailures;
  jobs: JobRepository;
  runner: JobRunner;
  orphans: OrphanWatch;
  stranded: StrandedJobs;
  feeds: Context['feeds'];
  consistency: Consistency;
  auditLog: AuditLog;
  auditExport: ExportService;
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
  const { principals, tokens, sessions, signIn, signInFailures, ...who } = wirePrincipals(parts);

  const assetRows = new AssetRepository(graph, now);
  const namespaceRows = new NamespaceRepository(graph, now);
  const gate = new NamespaceGate(namespaceRows, parts.access.newNamespaces);
  const assets = new AssetService(graph, assetRows, gate, now);
  const registrations = new RegistrationService(graph, new RegistrationRepository(), gate, now);
  const search = new SearchService(assetRows);
  const namespaces = new NamespaceService(graph, namespaceRows, now);
  const namespaceOwners = new NamespaceOwners(graph, namespaceRows, now);
  const versionRows = new VersionRepository(graph, now);
  const versions = new VersionService(graph, versionRows, assets, now);
  const { audit, auditLog, auditExport, auditTail, resolvers: auditResolvers } = wireAudit(parts, assets);
  const { access, grants, offers, resolvers: accessResolvers } = wireAccess(parts, { assets, assetRows, principals });

  const lineage = new LineageService(new LineageRepository(graph, now), cursors);
  const runRows = new RunRepository(graph, now);
  const statementRows = new StatementRepository(graph);
  const claimRows = new ClaimRepository(now);
  const engine = new ClaimEngine(statementRows, claimRows, now);
  const claimHistory = new ClaimHistory(new ClaimHistoryRepository(graph, now), now);
  const claims = new ClaimService(graph, engine, claimRows, runRows, now);
  const fieldFlows = new FieldFlows(claimRows, new FieldClaimRepository());
  const fieldClaims = new FieldClaimService(graph, engine, fieldFlows, runRows, now);
  const fieldLineage = new FieldLineageService(new FieldLineageRepository(graph, now), assets, cursors, now);
  const runs = new RunService(graph, runRows, versionRows, assets, engine, now);
  const provenance = new ProvenanceService(new ProvenanceRepository(graph, now), cursors, now);
  const shared = { assets, versions, principals, runs, engine };
  const { releases, resolvers: releaseResolvers } = wireReleases(parts, shared);

  const jobRows = new JobRepository(graph, now);
  const jobs = new JobService(jobRows, assets);
  const logAccess = new LogAccess(access);
  const closing = new JobClosing(graph, jobRows, runs, versions, assets, runRows, now);
  const { worker } = parts;
  const rights = new JobRights(jobRows, access);
  const work = { closing, rights, launchers: registry };
  const runner = new JobRunner(jobRows, work, { worker, logger, now, everyMs: LOOK_AT_JOBS_EVERY_MS });
  const late = new LateRecords(jobRows, { logger, now });
  const orphans = new OrphanWatch(jobRows, registry, late, logger);
  const stranded = new StrandedJobs(new StrandedRepository(graph, now), closing, registry, { logger, now });
  const { charging, resolvers: quotaResolvers } = wireQuotas(parts, registry, principals);
  const decision = new LaunchDecision(graph, assets, runs, charging);
  const planner = new LaunchPlanner(jobRows, registry, decision, parts.launchLimits);
  const wake = (): void => runner.wake();
  const launches = new LaunchService(graph, jobRows, assets, runs, registry, decision, {
    limits: parts.launchLimits,
    now,
    wake,
  });
  const feeds = {
    catalog: new CatalogFeed(auditTail, assets),
    access: new AccessFeed(auditTail, access, grants),
    jobs: new JobFeed(jobRows, registry, logAccess, now),
  };

  const nodes = wireNodes(parts, {
    ...{ assets, namespaces, versions, runs, releases, jobs, principals, sessions, access, grants, offers, audit },
  });

  const resolvers: ResolverInstances = new Map<ResolverClass, object>([
    [NodeResolver, new NodeResolver(nodes)],
    ...who.resolvers,
    ...auditResolvers,
    ...accessResolvers,
    [RegistrationResolver, new RegistrationResolver(registrations)],
    [assetResolvers.AssetResolver, new assetResolvers.AssetResolver(assets, search)],
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
    [claimResolvers.ClaimingResolver, new claimResolvers.ClaimingResolver(claims)],
    [claimResolvers.ClaimHistoryResolver, new claimResolvers.ClaimHistoryResolver(claimHistory)],
    [claimResolvers.LineageStatementResolver, new claimResolvers.LineageStatementResolver(principals, runs)],
    [claimResolvers.ClaimResolver, new claimResolvers.ClaimResolver(principals, runs)],
    [fieldClaimResolvers.FieldClaimingResolver, new fieldClaimResolvers.FieldClaimingResolver(fieldClaims)],
    [fieldClaimResolvers.FieldClaimResolver, new fieldClaimResolvers.FieldClaimResolver(assets)],
    [fieldResolvers.FieldLineageResolver, new fieldResolvers.FieldLineageResolver(fieldLineage)],
    [fieldResolvers.FieldFieldsResolver, new fieldResolvers.FieldFieldsResolver(fieldLineage)],
    [fieldResolvers.DatasetFieldLineageResolver, new fieldResolvers.DatasetFieldLineageResolver(fieldLineage)],
    [runResolvers.RunResolver, new runResolvers.RunResolver(runs)],
    [runResolvers.RunFieldsResolver, new runResolvers.RunFieldsResolver(runs, assets, access)],
    [runResolvers.TransformationRunsResolver, new runResolvers.TransformationRunsResolver(runs)],
    [runResolvers.DatasetVersionLineageResolver, new runResolvers.DatasetVersionLineageResolver(runs, provenance)],
    [runResolvers.ModelVersionLineageResolver, new runResolvers.ModelVersionLineageResolver(runs, provenance)],
    ...releaseResolvers,
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
    [jobResolvers.LauncherOrphansResolver, new jobResolvers.LauncherOrphansResolver(orphans, registry)],
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
    principals,
    tokens,
    signIn,
    signInFailures,
    jobs: jobRows,
    runner,
    orphans,
    stranded,
    feeds,
    consistency: new Consistency(graph, parts.cursorSecret),
    auditLog,
    auditExport,
  };
}
