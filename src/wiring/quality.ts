import { awaitDecisions } from '../governance/gate/gate.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import { QualityRecorder } from '../catalog/quality/quality-recorder.repository.js';
import { QualityRepository } from '../catalog/quality/quality.repository.js';
import * as qualityResolvers from '../catalog/quality/quality.resolver.js';
import { QualityService } from '../catalog/quality/quality.service.js';
import type { VersionRepository } from '../catalog/versions/version.repository.js';
import type { VersionService } from '../catalog/versions/version.service.js';
import { QualityRunResolver } from '../lineage/runs/quality-run.resolver.js';
import type { RunService } from '../lineage/runs/run.service.js';
import type { TellsOthers } from '../openlineage/outbox/telling.port.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

interface Shared {
  assets: AssetService;
  versionRows: VersionRepository;
  versions: VersionService;
  runs: RunService;
  principals: PrincipalService;
  tells: TellsOthers;
}

/** What is known of the quality of data. */
export function wireQuality({ graph, now }: Parts, { assets, versionRows, versions, runs, principals, tells }: Shared) {
  const rows = new QualityRepository(graph, now);
  const quality = new QualityService(
    graph,
    rows,
    new QualityRecorder(now, awaitDecisions),
    versionRows,
    assets,
    tells,
    now,
  );
  const { QualityMutations, VersionQualityResolver, DatasetQualityResolver, QualityResultFieldsResolver } =
    qualityResolvers;
  const resolvers: ResolverEntries = [
    [QualityMutations, new QualityMutations(quality)],
    [VersionQualityResolver, new VersionQualityResolver(quality)],
    [DatasetQualityResolver, new DatasetQualityResolver(quality)],
    [QualityResultFieldsResolver, new QualityResultFieldsResolver(assets, versions, principals)],
    [QualityRunResolver, new QualityRunResolver(runs)],
  ];
  return { quality, resolvers };
}
