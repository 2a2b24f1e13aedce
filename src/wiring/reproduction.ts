import type { AssetService } from '../catalog/assets/asset.service.js';
import type { VersionService } from '../catalog/versions/version.service.js';
import type { RunService } from '../lineage/runs/run.service.js';
import type { JobService } from '../training/jobs/job.service.js';
import type { LogAccess } from '../training/jobs/log-access.policy.js';
import type { LauncherRegistry } from '../launchers/registry.js';
import * as reproduction from '../training/reproduction/reproduction.resolver.js';
import { ReproductionService } from '../training/reproduction/reproduction.service.js';
import { TrainingRecordService } from '../training/reproduction/training-record.service.js';
import type { ResolverEntries } from './parts.js';

interface Shared {
  versions: VersionService;
  runs: RunService;
  jobs: JobService;
  assets: AssetService;
  registry: LauncherRegistry;
  logAccess: LogAccess;
}

/** How model versions came about, and how to make them again. */
export function wireReproduction({ versions, runs, jobs, assets, registry, logAccess }: Shared): ResolverEntries {
  const records = new TrainingRecordService(versions, runs, jobs);
  const reproductions = new ReproductionService(versions, records, assets, registry, logAccess);
  return [
    [reproduction.ReproductionResolver, new reproduction.ReproductionResolver(reproductions)],
    [reproduction.ModelVersionTrainingResolver, new reproduction.ModelVersionTrainingResolver(records)],
    [reproduction.TrainingRecordFieldsResolver, new reproduction.TrainingRecordFieldsResolver(records, logAccess)],
  ];
}
