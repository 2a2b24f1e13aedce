import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { CodeRef } from '../../catalog/model/attributes.js';
import { CodeRefType } from '../../catalog/assets/asset.type.js';
import type { Version } from '../../catalog/versions/version.js';
import { ModelVersion, VersionUnion } from '../../catalog/versions/version.type.js';
import type { Context } from '../../graphql/context.js';
import { Json } from '../../graphql/scalars.js';
import { FOR_WHOM } from '../jobs/job.type.js';
import type { LogAccess } from '../jobs/log-access.policy.js';
import type { Reproduction } from './reproduction.js';
import type { ReproductionService } from './reproduction.service.js';
import { ReproductionType, TrainingRecordType } from './reproduction.type.js';
import type { TrainingRecord } from './training-record.js';
import type { TrainingRecordService } from './training-record.service.js';

@Resolver(() => ReproductionType)
export class ReproductionResolver {
  constructor(private readonly reproductions: ReproductionService) {}

  @Query(() => ReproductionType, {
    description:
      'The means to make a model version again: a ready launch input, and what is missing. NOT_FOUND when it is not there for you.',
  })
  reproduce(
    @Ctx() { actor }: Context,
    @Arg('modelVersion', () => ID, { description: 'Id of the model version.' }) modelVersion: string,
  ): Promise<Reproduction> {
    return this.reproductions.of(actor, modelVersion);
  }

  @FieldResolver(() => ModelVersion, { description: 'The version it is about.' })
  modelVersion(@Root() { version }: Reproduction): Version {
    return version;
  }
}

@Resolver(() => ModelVersion)
export class ModelVersionTrainingResolver {
  constructor(private readonly records: TrainingRecordService) {}

  @FieldResolver(() => TrainingRecordType, {
    nullable: true,
    description: 'The training record; null when no training job made it that you may see.',
  })
  async training(@Root() version: Version, @Ctx() { actor, loaders }: Context): Promise<TrainingRecord | null> {
    return (await loaders.find('version.training', version.id, (ids) => this.records.of(actor, ids))) ?? null;
  }
}

@Resolver(() => TrainingRecordType)
export class TrainingRecordFieldsResolver {
  constructor(
    private readonly records: TrainingRecordService,
    private readonly logAccess: LogAccess,
  ) {}

  @FieldResolver(() => [String], {
    nullable: true,
    description: `The program and its arguments; null when you are none of those it is for. ${FOR_WHOM}`,
  })
  async command(@Root() { job }: TrainingRecord, @Ctx() { actor, loaders }: Context): Promise<string[] | null> {
    return (await this.logAccess.allows(actor, job, loaders)) ? [...job.order.command] : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: `The container image it was launched with; null when none, or when you are none of those it is for. ${FOR_WHOM}`,
  })
  async image(@Root() { job, image }: TrainingRecord, @Ctx() { actor, loaders }: Context): Promise<string | null> {
    return image !== null && (await this.logAccess.allows(actor, job, loaders)) ? image : null;
  }

  @FieldResolver(() => CodeRefType, {
    nullable: true,
    description:
      'The code that ran, as its manifest or its transformation at the launch named it; null when neither did. Its `image` is for the same people as `command`.',
  })
  async codeRef(@Root() { job, codeRef }: TrainingRecord, @Ctx() { actor, loaders }: Context): Promise<CodeRef | null> {
    if (codeRef?.image == null || (await this.logAccess.allows(actor, job, loaders))) return codeRef;
    return { ...codeRef, image: null };
  }

  @FieldResolver(() => Json, { description: 'The parameters of the program; the same as `ModelVersion.parameters`.' })
  parameters(@Root() { job }: TrainingRecord): Record<string, unknown> {
    return { ...job.order.parameters };
  }

  @FieldResolver(() => [VersionUnion], { description: 'The exact versions it was trained on that you may see.' })
  async inputs(@Root() record: TrainingRecord, @Ctx() context: Context): Promise<Version[]> {
    return (await this.side(record, context)).versions;
  }

  @FieldResolver(() => Int, { description: 'The number of further inputs, which you may not see.' })
  async hiddenInputs(@Root() record: TrainingRecord, @Ctx() context: Context): Promise<number> {
    return (await this.side(record, context)).hidden;
  }

  private side({ run }: TrainingRecord, { actor, loaders }: Context) {
    return loaders.get('run.inputs', run.id, (ids) => this.records.inputsOf(actor, ids));
  }
}
