import type { AssetService } from './catalog/asset.service.js';
import type { VersionService } from './catalog/version.service.js';
import type { ClaimEngine } from './lineage/claim-engine.service.js';
import { HealthRepository } from './deployment/health.repository.js';
import * as health from './deployment/health.resolver.js';
import { HealthService } from './deployment/health.service.js';
import { ReleaseChoice } from './lineage/release-choice.service.js';
import { ReleaseRepository } from './lineage/release.repository.js';
import * as release from './lineage/release.resolver.js';
import { ReleaseService } from './lineage/release.service.js';
import { ReleasingResolver } from './lineage/releasing.resolver.js';
import { Releasing } from './lineage/releasing.service.js';
import type { RunService } from './lineage/run.service.js';
import type { PrincipalService } from './principals/principal.service.js';
import type { Parts, ResolverEntries } from './wire.js';

interface Shared {
  assets: AssetService;
  versions: VersionService;
  principals: PrincipalService;
  runs: RunService;
  engine: ClaimEngine;
}

/** What serves where, and how it does. */
export function wireReleases(
  { graph, heartbeatSeconds, now }: Parts,
  { assets, versions, principals, runs, engine }: Shared,
): { releases: ReleaseService; resolvers: ResolverEntries } {
  const rows = new ReleaseRepository(graph, now);
  const releases = new ReleaseService(rows);
  const choice = new ReleaseChoice(rows, assets, runs);
  const releasing = new Releasing(graph, rows, assets, choice, engine, now);
  const healths = new HealthService(graph, new HealthRepository(graph), assets, { heartbeatSeconds, now });
  return {
    releases,
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
