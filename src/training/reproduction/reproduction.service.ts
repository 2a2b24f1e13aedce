import { type Actor, actorId } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { VersionService } from '../../catalog/versions/version.service.js';
import { badInput, notFound } from '../../errors.js';
import { newId } from '../../ids.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import type { LogAccess } from '../jobs/log-access.policy.js';
import { missingOf, missingWithoutWords, type Reproduction, toLaunchInput, withoutWords } from './reproduction.js';
import type { TrainingRecord } from './training-record.js';
import type { TrainingRecordService } from './training-record.service.js';

/** Tells how to make a model version again, and what is missing for that. */
export class ReproductionService {
  constructor(
    private readonly versions: VersionService,
    private readonly records: TrainingRecordService,
    private readonly assets: AssetService,
    private readonly registry: LauncherRegistry,
    private readonly logAccess: LogAccess,
  ) {}

  /** Throws NOT_FOUND, or BAD_USER_INPUT for a version of a data set. */
  async of(actor: Actor, versionId: string): Promise<Reproduction> {
    const version = (await this.versions.byIds(actor, [versionId])).get(versionId);
    if (!version) throw notFound(`There is no version ${versionId}, or you may not know of it.`);
    if (version.__typename !== 'ModelVersion')
      throw badInput(`${versionId} is a version of a data set; only model versions are trained.`);
    const record = (await this.records.of(actor, [versionId])).get(versionId);
    if (!record) {
      const message =
        'No training job that you may see made this version: it was published or reported from outside, or its transformation is hidden from you.';
      return { version, input: null, missing: [{ part: 'JOB', message }] };
    }
    const { damage } = record.job;
    if (damage !== null) return { version, input: null, missing: [{ part: 'JOB', message: damage }] };
    const [standing, told] = await Promise.all([
      this.standing(actor, record),
      this.logAccess.allows(actor, record.job),
    ]);
    // A frozen session is told the same each time; it launches nothing.
    const input = toLaunchInput(record, standing, actor.readsAsOf ? actorId(actor) : newId());
    if (told) return { version, input, missing: missingOf(record, standing) };
    return { version, input: withoutWords(input), missing: missingWithoutWords(record, standing) };
  }

  private async standing(actor: Actor, { run, job }: TrainingRecord) {
    const side = (await this.records.inputsOf(actor, [run.id])).get(run.id);
    const inputs = side?.versions ?? [];
    const assetIds = [job.transformationId, job.outputId, ...inputs.map(({ assetId }) => assetId)];
    return {
      inputs,
      checks: side?.checks ?? [],
      hiddenInputs: side?.hidden ?? 0,
      assets: await this.assets.byIds(actor, [...new Set(assetIds)]),
      launcherKnown: this.registry.find(job.launcher) !== null,
    };
  }
}
