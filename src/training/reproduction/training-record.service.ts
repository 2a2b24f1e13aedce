import type { Actor } from '../../auth/actor.js';
import type { Version } from '../../catalog/versions/version.js';
import type { VersionService } from '../../catalog/versions/version.service.js';
import type { VersionSide } from '../../lineage/runs/run.repository.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import type { JobService } from '../jobs/job.service.js';
import { toRecord, type TrainingRecord } from './training-record.js';

/** Finds how model versions came about. */
export class TrainingRecordService {
  constructor(
    private readonly versions: VersionService,
    private readonly runs: RunService,
    private readonly jobs: JobService,
  ) {}

  /** The records of versions; none for one that no training job made that the actor may see. */
  async of(actor: Actor, versionIds: readonly string[]): Promise<Map<string, TrainingRecord>> {
    const [versions, runs] = await Promise.all([
      this.versions.byIds(actor, versionIds),
      this.runs.generatedBy(actor, versionIds),
    ]);
    if (runs.size === 0) return new Map();
    const jobs = await this.jobs.ofRuns(
      actor,
      [...runs.values()].map(({ id }) => id),
    );
    const records = [...versions.values()].flatMap((version: Version): TrainingRecord[] => {
      const run = runs.get(version.id);
      const job = run && jobs.get(run.id);
      return job ? [toRecord(version, run, job)] : [];
    });
    return new Map(records.map((record) => [record.version.id, record]));
  }

  inputsOf(actor: Actor, runIds: readonly string[]): Promise<Map<string, VersionSide>> {
    return this.runs.inputsOf(actor, runIds);
  }
}
