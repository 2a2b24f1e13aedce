import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { AccessEventResolver } from './access/access-event.resolver.js';
import { AccessFeed } from './access/access-feed.service.js';
import { AccessRepository } from './access/access.repository.js';
import * as accessResolvers from './access/access.resolver.js';
import { AccessService } from './access/access.service.js';
import { ExplanationRepository } from './access/explanation.repository.js';
import { ExplanationResolver } from './access/explanation.resolver.js';
import { ExplanationService } from './access/explanation.service.js';
import { GrantService } from './access/grant.service.js';
import { OfferRepository } from './access/offer.repository.js';
import * as offerResolvers from './access/offer.resolver.js';
import { OfferService } from './access/offer.service.js';
import { OwnershipRepository } from './access/ownership.repository.js';
import * as ownershipResolvers from './access/ownership.resolver.js';
import { OwnershipService } from './access/ownership.service.js';
import { StandingRepository as AccessStandingRepository } from './access/standing.repository.js';
import { AuditRepository } from './audit/audit.repository.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { AuditTail } from './audit/audit-tail.service.js';
import { AuditService } from './audit/audit.service.js';
import { watchOperations } from './audit/watch.js';
import { AuditWatch } from './audit/watch.service.js';
import { CatalogEventResolver } from './audit/catalog-event.resolver.js';
import { AuditLog } from './audit/audit-log.service.js';
import { CatalogFeed } from './audit/catalog-feed.service.js';
import { TokenVerifier } from './auth/oidc/token-verifier.js';
import { type CheckpointOptions, CheckpointService } from './audit/checkpoint.service.js';
import { ErasureRepository } from './audit/erasure.repository.js';
import { ErasureResolver } from './audit/erasure.resolver.js';
import { ErasureService } from './audit/erasure.service.js';
import { ExportRepository } from './audit/export.repository.js';
import { ExportService } from './audit/export.service.js';
import { ProofRepository } from './audit/proof.repository.js';
import { ProofResolver } from './audit/proof.resolver.js';
import { ProofService } from './audit/proof.service.js';
import { RetentionRepository } from './audit/retention.repository.js';
import { RetentionService } from './audit/retention.service.js';
import { SealingRepository } from './audit/sealing.repository.js';
import { Sequencer } from './audit/sequencer.service.js';
import { rules } from './auth/rules.js';
import { compileShield, type RuleMatrix } from './auth/shield.js';
import { AssetRepository } from './catalog/asset.repository.js';
import * as assetResolvers from './catalog/asset.resolver.js';
import { AssetService } from './catalog/asset.service.js';
import { NamespaceRepository } from './catalog/namespace.repository.js';
import { NamespaceResolver } from './catalog/namespace.resolver.js';
import { NamespaceService } from './catalog/namespace.service.js';
import { SearchService } from './catalog/search.service.js';
import { VersionRepository } from './catalog/version.repository.js';
import * as versionResolvers from './catalog/version.resolver.js';
import { VersionService } from './catalog/version.service.js';
import type { Config } from './config.js';
import type { Context } from './graphql/context.js';
import { NodeResolver, NodeService } from './graphql/node.resolver.js';
import { buildGraphqlSchema, type ResolverInstances } from './graphql/schema.js';
import { SealedCursors } from './graphql/sealed-cursor.js';
import { LineageRepository } from './lineage/lineage.repository.js';
import * as lineageResolvers from './lineage/lineage.resolver.js';
import { LineageService } from './lineage/lineage.service.js';
import { ProvenanceService } from './lineage/provenance.service.js';
import { ReleaseRepository } from './lineage/release.repository.js';
import * as releaseResolvers from './lineage/release.resolver.js';
import { ReleaseService } from './lineage/release.service.js';
import { RunRepository } from './lineage/run.repository.js';
import * as runResolvers from './lineage/run.resolver.js';
import { RunService } from './lineage/run.service.js';
import type { Graph } from './neo4j/graph.js';
import { ExternalUserRepository } from './principals/external-user.repository.js';
import { ExternalUserService } from './principals/external-user.service.js';
import { AuditorSessionRepository } from './principals/auditor-session.repository.js';
import { AuditorSessionResolver } from './principals/auditor-session.resolver.js';
import { AuditorSessionService } from './principals/auditor-session.service.js';
import { PrincipalRepository } from './principals/principal.repository.js';
import * as principalResolvers from './principals/principal.resolver.js';
import { PrincipalService } from './principals/principal.service.js';
import { SignInFailures } from './principals/sign-in-failures.service.js';
import { SignInService } from './principals/sign-in.service.js';
import { StandingRepository } from './principals/standing.repository.js';
import { StandingResolver } from './principals/standing.resolver.js';
import { StandingService } from './principals/standing.service.js';
import { TokenRepository } from './principals/token.repository.js';
import * as tokenResolvers from './principals/token.resolver.js';
import { TokenService } from './principals/token.service.js';
import { JobClosing } from './training/job-closing.service.js';
import { JobFeed } from './training/job-feed.service.js';
import { JobRepository } from './training/job.repository.js';
import * as jobResolvers from './training/job.resolver.js';
import { JobRunner } from './training/job-runner.service.js';
import { JobService } from './training/job.service.js';
import { type LaunchLimits, LaunchService } from './training/launch.service.js';
import { LogAccess } from './training/log-access.service.js';
import type { Launcher } from './training/launchers/launcher.js';
import { LauncherRegistry } from './training/launchers/registry.js';

export interface Parts {
  graph: Graph;
  launchers: readonly Launcher[];
  launchLimits: LaunchLimits;
  /** Who may sign in, and what callers without a token may see. */
  access: Pick<Config, 'oidc' | 'anonymousDiscovery'>;
  /** Secret of this installation: cursors and opaque keys are made with it. */
  cursorSecret: string;
  audit: Pick<CheckpointOptions, 'origin' | 'signer' | 'verifiers' | 'files'> & {
    checkpointSeconds: number;
    /** null: entries are kept for ever. */
    retentionDays: number | null;
  };
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
}

export interface Weftline {
  schema: GraphQLSchema;
  matrix: RuleMatrix;
  principals: PrincipalService;
  tokens: TokenService;
  signIn: SignInService;
  signInFailures: SignInFailures;
  jobs: JobRepository;
  runner: JobRunner;
  feeds: Context['feeds'];
  auditLog: AuditLog;
  auditExport: ExportService;
}

const LOOK_AT_JOBS_EVERY_MS = 500;
const TELL_OF_FAILURES_EVERY_MS = 60_000;

/**
 * Puts the parts together, by hand: what depends on what can be read here, top down. The outer lock is put on last; only
 * the bench puts on others, to know what it costs.
 */
export function wire(parts: Parts, lock = compileShield): Weftline {
  const { graph, now } = parts;
  const cursors = new SealedCursors(parts.cursorSecret);
  const registry = new LauncherRegistry(parts.launchers);
  const { principals, tokens, standing, signIn, signInFailures } = wirePrincipals(parts);

  const assetRows = new AssetRepository(graph, now);
  const assets = new AssetService(graph, assetRows, now);
  const search = new SearchService(assetRows);
  const sessions = new AuditorSessionService(graph, new AuditorSessionRepository(graph, now), now);
  const namespaces = new NamespaceService(graph, new NamespaceRepository(graph, now), now);
  const versionRows = new VersionRepository(graph, now);
  const versions = new VersionService(graph, versionRows, assets, now);
  const audit = new AuditService(new AuditRepository(graph, now), assets);
  const { logger } = parts;
  const log = new SealingRepository(graph, now);
  const { checkpointSeconds: everySeconds, retentionDays: days, ...identity } = parts.audit;
  const auditLog = new AuditLog(
    new Sequencer(graph, log, { logger, now }),
    new CheckpointService(log, { ...identity, everySeconds, logger, now }),
    new RetentionService(graph, new RetentionRepository(), { days, logger, now }),
  );
  const proofs = new ProofService(audit, new ProofRepository(graph), auditLog.checkpoints);
  const erasures = new ErasureService(graph, new ErasureRepository(graph), auditLog.sequencer, now);
  const auditExport = new ExportService(graph, new ExportRepository(graph), log, auditLog, now);
  const [accessRows, standings, owners] = [
    new AccessRepository(graph, now),
    new AccessStandingRepository(graph),
    new OwnershipRepository(graph, now),
  ];
  const ownership = new OwnershipService(graph, owners, standings, assets, assetRows, now);
  const offers = new OfferService({
    ...{ graph, owners, ownership, standings, assets, now },
    offers: new OfferRepository(graph, now),
  });
  const grants = new GrantService(graph, accessRows, assets, { owners, standings }, now);
  const explanations = new ExplanationService(new ExplanationRepository(graph), accessRows, standings, assets, now);
  const access = new AccessService(graph, accessRows, assets, grants, now);

  const lineage = new LineageService(graph, new LineageRepository(graph, now), cursors, now);
  const runRows = new RunRepository(graph, now);
  const runs = new RunService(graph, runRows, versionRows, assets, lineage, now);
  const provenance = new ProvenanceService(runRows, cursors);
  const releases = new ReleaseService(graph, new ReleaseRepository(graph, now), assets, runs, lineage, now);

  const jobRows = new JobRepository(graph, now);
  const jobs = new JobService(jobRows, assets);
  const logAccess = new LogAccess(access);
  const closing = new JobClosing(graph, jobRows, runs, versions, assets, runRows, now);
  const { worker } = parts;
  const runner = new JobRunner(jobRows, closing, access, registry, {
    worker,
    logger,
    now,
    everyMs: LOOK_AT_JOBS_EVERY_MS,
  });
  const wake = (): void => runner.wake();
  const launches = new LaunchService(graph, jobRows, assets, runs, registry, { limits: parts.launchLimits, now, wake });
  const auditTail = new AuditTail(audit, log);
  const feeds = {
    catalog: new CatalogFeed(auditTail, assets),
    access: new AccessFeed(auditTail, access, grants),
    jobs: new JobFeed(jobRows, registry, logAccess, now),
  };

  const nodes = new NodeService(graph, [
    { labels: ['Asset'], discoverable: true, find: (actor, ids) => assets.byIds(actor, ids) },
    { labels: ['Namespace'], find: (actor, ids) => namespaces.byIds(actor, ids) },
    { labels: ['Field'], discoverable: true, find: (actor, ids) => assets.fieldsByIds(actor, ids) },
    { labels: ['Version'], discoverable: true, find: (actor, ids) => versions.byIds(actor, ids) },
    { labels: ['Run'], find: (actor, ids) => runs.byIds(actor, ids) },
    { labels: ['Release'], find: (actor, ids) => releases.byIds(actor, ids) },
    { labels: ['TrainingJob'], find: (actor, ids) => jobs.byIds(actor, ids) },
    { labels: ['Principal'], find: (actor, ids) => principals.byIds(actor, ids) },
    { labels: ['AuditorSession'], find: (actor, ids) => sessions.byIds(actor, ids) },
    { labels: ['AccessRequest'], find: (actor, ids) => access.requestsByIds(actor, ids) },
    { labels: ['AccessGrant'], find: (actor, ids) => grants.byIds(actor, ids) },
    { labels: ['OwnershipOffer'], find: (actor, ids) => offers.byIds(actor, ids) },
    { labels: ['AuditEntry'], find: (actor, ids) => audit.byIds(actor, ids) },
  ]);

  const resolvers: ResolverInstances = new Map<abstract new (...args: never[]) => object, object>([
    [NodeResolver, new NodeResolver(nodes)],
    [principalResolvers.PrincipalResolver, new principalResolvers.PrincipalResolver(principals, sessions)],
    [principalResolvers.UserFieldsResolver, new principalResolvers.UserFieldsResolver(principals)],
    [principalResolvers.ServiceAccountFieldsResolver, new principalResolvers.ServiceAccountFieldsResolver(principals)],
    [principalResolvers.TeamFieldsResolver, new principalResolvers.TeamFieldsResolver(principals)],
    [AuditorSessionResolver, new AuditorSessionResolver(sessions, principals)],
    [StandingResolver, new StandingResolver(standing)],
    [tokenResolvers.TokenResolver, new tokenResolvers.TokenResolver(tokens)],
    [tokenResolvers.UserTokensResolver, new tokenResolvers.UserTokensResolver(tokens)],
    [tokenResolvers.ServiceAccountTokensResolver, new tokenResolvers.ServiceAccountTokensResolver(tokens)],
    [assetResolvers.AssetResolver, new assetResolvers.AssetResolver(assets, search)],
    [assetResolvers.DatasetFieldsResolver, new assetResolvers.DatasetFieldsResolver(assets)],
    [NamespaceResolver, new NamespaceResolver(namespaces)],
    [versionResolvers.VersionResolver, new versionResolvers.VersionResolver(versions)],
    [versionResolvers.DatasetVersionsResolver, new versionResolvers.DatasetVersionsResolver(versions)],
    [versionResolvers.ModelVersionsResolver, new versionResolvers.ModelVersionsResolver(versions)],
    [versionResolvers.DatasetVersionFieldsResolver, new versionResolvers.DatasetVersionFieldsResolver(assets)],
    [versionResolvers.ModelVersionFieldsResolver, new versionResolvers.ModelVersionFieldsResolver(assets)],
    [AuditResolver, new AuditResolver(audit)],
    [CatalogEventResolver, new CatalogEventResolver()],
    [ProofResolver, new ProofResolver(proofs)],
    [ErasureResolver, new ErasureResolver(erasures)],
    [accessResolvers.AccessResolver, new accessResolvers.AccessResolver(access, grants, assets)],
    [accessResolvers.AssetAccessResolver, new accessResolvers.AssetAccessResolver(access)],
    [ownershipResolvers.OwnershipResolver, new ownershipResolvers.OwnershipResolver(ownership)],
    [ownershipResolvers.OwnershipFieldsResolver, new ownershipResolvers.OwnershipFieldsResolver(principals)],
    [ExplanationResolver, new ExplanationResolver(explanations, principals)],
    [AccessEventResolver, new AccessEventResolver(access, grants)],
    [offerResolvers.OfferResolver, new offerResolvers.OfferResolver(offers, assets)],
    [offerResolvers.OfferFieldsResolver, new offerResolvers.OfferFieldsResolver(principals, assets)],
    [accessResolvers.AccessRequestResolver, new accessResolvers.AccessRequestResolver(principals, assets)],
    [accessResolvers.AccessGrantResolver, new accessResolvers.AccessGrantResolver(principals, assets)],
    [lineageResolvers.LineageResolver, new lineageResolvers.LineageResolver(lineage)],
    [lineageResolvers.AssetLineageResolver, new lineageResolvers.AssetLineageResolver(lineage)],
    [lineageResolvers.ClaimResolver, new lineageResolvers.ClaimResolver(principals, runs)],
    [runResolvers.RunResolver, new runResolvers.RunResolver(runs)],
    [runResolvers.RunFieldsResolver, new runResolvers.RunFieldsResolver(runs, assets, access)],
    [runResolvers.TransformationRunsResolver, new runResolvers.TransformationRunsResolver(runs)],
    [runResolvers.DatasetVersionLineageResolver, new runResolvers.DatasetVersionLineageResolver(runs, provenance)],
    [runResolvers.ModelVersionLineageResolver, new runResolvers.ModelVersionLineageResolver(runs, provenance)],
    [releaseResolvers.ReleaseResolver, new releaseResolvers.ReleaseResolver(releases)],
    [releaseResolvers.ReleaseFieldsResolver, new releaseResolvers.ReleaseFieldsResolver(assets, versions, principals)],
    [releaseResolvers.DeploymentReleasesResolver, new releaseResolvers.DeploymentReleasesResolver(releases)],
    [releaseResolvers.ModelVersionReleasesResolver, new releaseResolvers.ModelVersionReleasesResolver(releases)],
    [jobResolvers.TrainingResolver, new jobResolvers.TrainingResolver(launches, jobs, registry)],
    [
      jobResolvers.TrainingJobFieldsResolver,
      new jobResolvers.TrainingJobFieldsResolver(jobs, runs, versions, principals),
    ],
    [jobResolvers.TrainingJobLogResolver, new jobResolvers.TrainingJobLogResolver(jobs, logAccess)],
    [jobResolvers.RunJobResolver, new jobResolvers.RunJobResolver(jobs)],
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
    feeds,
    auditLog,
    auditExport,
  };
}

/** Principals and their tokens: all that `npm run token` needs. */
export function wireTokens(graph: Graph, now: () => Date) {
  const rows = new PrincipalRepository(graph);
  const tokenRows = new TokenRepository(graph);
  const principals = new PrincipalService(graph, rows, now);
  const standing = new StandingService(graph, new StandingRepository(now), now);
  const tokens = new TokenService({ graph, tokens: tokenRows, rows, principals, standing, now });
  return { principals, standing, tokens, tokenRows };
}

/** Who there is, and how they sign in. */
function wirePrincipals({ graph, now, logger, access }: Parts) {
  const { principals, standing, tokens, tokenRows } = wireTokens(graph, now);
  const people = new ExternalUserRepository(graph, now);
  const oidc = access.oidc && {
    verifier: new TokenVerifier(access.oidc, logger, now),
    people: new ExternalUserService(graph, people, access.oidc, now),
  };
  const signInFailures = new SignInFailures(graph, logger, { now, everyMs: TELL_OF_FAILURES_EVERY_MS });
  const { anonymousDiscovery } = access;
  const signIn = new SignInService({ tokens: tokenRows, oidc, failures: signInFailures, anonymousDiscovery, now });
  return { principals, tokens, standing, signIn, signInFailures };
}
