import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Version } from '../catalog/version.js';
import { ModelVersion, VersionUnion } from '../catalog/version.type.js';
import type { Context } from '../graphql/context.js';
import { Json } from '../graphql/scalars.js';
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
      'How to make a model version again: a ready launch input, and what is missing. NOT_FOUND when it is not there for you.',
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
    description: 'How it came about; null when no training job made it that you may see.',
  })
  async training(@Root() version: Version, @Ctx() { actor, loaders }: Context): Promise<TrainingRecord | null> {
    return (await loaders.find('version.training', version.id, (ids) => this.records.of(actor, ids))) ?? null;
  }
}

@Resolver(() => TrainingRecordType)
export class TrainingRecordFieldsResolver {
  constructor(private readonly records: TrainingRecordService) {}

  @FieldResolver(() => [String], { description: 'The program and its arguments.' })
  command(@Root() { job }: TrainingRecord): string[] {
    return [...job.order.command];
  }

  @FieldResolver(() => Json, { description: 'What the program was told.' })
  parameters(@Root() { job }: TrainingRecord): Record<string, unknown> {
    return { ...job.order.parameters };
  }

  @FieldResolver(() => [VersionUnion], { description: 'The exact versions it was trained on that you may see.' })
  async inputs(@Root() record: TrainingRecord, @Ctx() context: Context): Promise<Version[]> {
    return (await this.side(record, context)).versions;
  }

  @FieldResolver(() => Int, { description: 'How many more inputs there are that you may not see.' })
  async hiddenInputs(@Root() record: TrainingRecord, @Ctx() context: Context): Promise<number> {
    return (await this.side(record, context)).hidden;
  }

  private side({ run }: TrainingRecord, { actor, loaders }: Context) {
    return loaders.get('run.inputs', run.id, (ids) => this.records.inputsOf(actor, ids));
  }
}
