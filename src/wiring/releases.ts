import type { AssetService } from '../catalog/assets/asset.service.js';
import type { VersionService } from '../catalog/versions/version.service.js';
import type { ClaimReconciler } from '../lineage/statements/claim-reconciler.js';
import { HealthRepository } from '../deployment/health/health.repository.js';
import * as health from '../deployment/health/health.resolver.js';
import { HealthService } from '../deployment/health/health.service.js';
import { ReleaseTarget } from '../deployment/releases/release-target.service.js';
import { ReleaseRepository } from '../deployment/releases/release.repository.js';
import * as release from '../deployment/releases/release.resolver.js';
import { ReleaseService } from '../deployment/releases/release.service.js';
import { ReleasingResolver } from '../deployment/releases/release-commands.resolver.js';
import { ReleaseCommands } from '../deployment/releases/release-commands.service.js';
import type { RunService } from '../lineage/runs/run.service.js';
import type { DecidesByPolicy } from '../governance/decisions/decides.port.js';
import type { TellsOthers } from '../openlineage/outbox/telling.port.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

interface Shared {
  assets: AssetService;
  versions: VersionService;
  principals: PrincipalService;
  runs: RunService;
  engine: ClaimReconciler;
  tells: TellsOthers;
  policies: DecidesByPolicy;
}

/** What serves where, and how it does. */
export function wireReleases(
  { graph, heartbeatSeconds, now }: Parts,
  { assets, versions, principals, runs, engine, tells, policies }: Shared,
): { releases: ReleaseService; releasing: ReleaseCommands; resolvers: ResolverEntries } {
  const rows = new ReleaseRepository(graph, now);
  const releases = new ReleaseService(rows);
  const choice = new ReleaseTarget(rows, assets, runs);
  const releasing = new ReleaseCommands(graph, rows, assets, choice, engine, tells, policies, now);
  const healths = new HealthService(graph, new HealthRepository(graph), assets, { heartbeatSeconds, now });
  return {
    releases,
    releasing,
    resolvers: [
      [ReleasingResolver, new ReleasingResolver(releasing)],
      [release.ReleaseFieldsResolver, new release.ReleaseFieldsResolver(releases, assets, versions, principals)],
      [release.DeploymentReleasesResolver, new release.DeploymentReleasesResolver(releases)],
      [release.ModelVersionReleasesResolver, new release.ModelVersionReleasesResolver(releases)],
      [health.HealthReportResolver, new health.HealthReportResolver(healths)],
      [health.DeploymentHealthResolver, new health.DeploymentHealthResolver(healths)],
      [health.HealthFieldsResolver, new health.HealthFieldsResolver(healths, releases, principals)],
    ],
  };
}
