import { Field, ObjectType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { Json } from '../../graphql/scalars.js';
import type { TrainingJob } from '../jobs/job.js';
import { TrainingJobType } from '../jobs/job.type.js';
import { type MissingPart, REPRODUCTION_PARTS, type ReproductionPart } from './reproduction.js';

@ObjectType('TrainingRecord', { description: 'The record of how a model version came about.' })
export class TrainingRecordType {
  @Field(() => TrainingJobType, { description: 'The job that made it.' })
  job!: TrainingJob;
  @Field(() => Json, { description: 'The seeds its program names in the manifest; {} when it does not.' })
  seeds!: Record<string, unknown>;
  @Field(() => Json, {
    description:
      'The surroundings that its program reports in the manifest: imageDigest, packageLockDigest and the like; {} when it does not.',
  })
  environment!: Record<string, unknown>;
  @Field(() => Json, {
    description:
      'The machine: what the launcher saw of it under `host`, and what the program says in the manifest; {} when not known.',
  })
  hardware!: Record<string, unknown>;
}

const ReproductionPartEnum = enumOf(
  'ReproductionPart',
  REPRODUCTION_PARTS,
  'A part of what it takes to make a model version again.',
  {
    JOB: 'The training job that made it.',
    COMMAND: 'The members of the launch that are withheld from you: command, image, environment, secrets, purpose.',
    CODE_REVISION: 'The revision of the code that ran.',
    IMAGE_DIGEST: 'The container image, by its digest.',
    PACKAGE_LOCK: 'The packages, by the digest of their lock.',
    SEED: 'The seed that the random numbers began with.',
    HARDWARE: 'The machine it ran on.',
    INPUT: 'An exact version it was trained on.',
    TRANSFORMATION: 'The transformation that trains.',
    MODEL: 'The model that gets the version.',
    LAUNCHER: 'The launcher it ran on.',
    SECRET: 'A secret it was given.',
  },
);

@ObjectType('MissingPart', { description: 'A part that is missing to make a version again as it was.' })
class MissingPartType {
  @Field(() => ReproductionPartEnum, { description: 'The part, for programs.' })
  part!: ReproductionPart;
  @Field(() => String, { description: 'For people: what is missing, and how to have it next time.' })
  message!: string;
}

@ObjectType('Reproduction', { description: 'The means to make a model version again.' })
export class ReproductionType {
  @Field(() => Json, {
    nullable: true,
    description:
      'A ready LaunchTrainingInput with a new idempotency key; null when no job is known that made the version. Without command, image, environment, secrets and purpose where `missing` names COMMAND. Whether you may launch it, planTraining tells.',
  })
  input!: Record<string, unknown> | null;
  @Field(() => [MissingPartType], {
    description: 'The parts that were not recorded or are no more; [] when all is there to make the very same again.',
  })
  missing!: MissingPart[];
}
