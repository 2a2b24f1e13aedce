import { createUnionType, Field, Float, Int, ObjectType, Root } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import type { DenialReason } from '../../access/explanation/denial.js';
import { DryRunType } from '../../access/explanation/dry-run.type.js';
import { DenialReasonType } from '../../access/explanation/denial.type.js';
import { connectionOf, PageInfo } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import { ENERGY_METHODS, type EnergyMethod } from './energy.js';
import type { JobState, Resources, TrainingJob } from './job.js';
import { JobStateEnum } from './job.input.js';
import type { LaunchOutcome } from '../launch/launch.service.js';

/** Who is told what a program was told and what it said (log-access.policy.ts). */
export const FOR_WHOM =
  'For who launched the job, who may EDIT its transformation or output model, and an AUDITOR; a text is withheld from others.';

@ObjectType('Resources', { description: 'The resources that a job was given.' })
class ResourcesType {
  @Field(() => Int, { description: 'Number of GPUs.' })
  gpus!: number;
  @Field(() => String, { nullable: true, description: 'The GPUs; null: any.' })
  gpuType!: string | null;
  @Field(() => Float, { nullable: true, description: 'CPU cores; null: what the launcher gives.' })
  cpus!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Memory in bytes; null: what the launcher gives.' })
  memoryBytes!: bigint | null;
  @Field(() => Int, { description: 'Number of machines; currently always 1.' })
  nodes!: number;
}

@ObjectType({
  description:
    'The freshness of the state of a job. An engine that cannot be reached makes it stale and never changes the state.',
})
export class Observation {
  @Field(() => DateTime, {
    description:
      'The time when the launcher was last asked with success; when it never was, when the job was launched.',
  })
  at!: Date;
  @Field(() => Boolean, { description: 'The launcher could not be asked since.' })
  stale!: boolean;
  @Field(() => String, {
    nullable: true,
    description:
      'The reason why it could not, and what to do: it does not answer, or no server has it configured any more; null when it is fresh.',
  })
  error!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The reason why its program has not begun, in the words of the engine, as "Resources" of Slurm; null once it has, and when the engine says nothing.',
  })
  waitingFor!: string | null;
}

@ObjectType('JobTransition', { description: 'A step in the life of a job.' })
export class JobTransitionType {
  @Field(() => Int, { description: 'The number of the line, from 1, without gaps.' })
  seq!: number;
  @Field(() => JobStateEnum, { description: 'The state it went to.' })
  state!: JobState;
  @Field(() => DateTime, { description: 'The time of the transition.' })
  at!: Date;
  @Field(() => String, { description: `The cause, for people. ${FOR_WHOM}` })
  cause!: string;
  @Field(() => Int, { description: 'The attempt it was in, or went to with this step.' })
  attempt!: number;
}

@ObjectType('JobFailure', { description: 'The reason why a job did not succeed.' })
class JobFailureType {
  @Field(() => String, {
    description:
      'For programs: EXIT_CODE, SIGNAL, START_FAILED, RUN_TIMEOUT, QUEUE_TIMEOUT, OUT_OF_MEMORY, NODE_FAILURE, PREEMPTED, UNSCHEDULABLE, IMAGE_PULL, CANCELLED_BY_USER, CANCELLED_OUTSIDE, RESULT_MISSING, RESULT_INVALID, OUTPUT_TOO_LARGE, INPUT_CHANGED, INPUT_MISSING, BACKEND_LOST, REJECTED, ACCESS_ENDED.',
  })
  code!: string;
  @Field(() => String, { description: `For people: what happened and what to do. ${FOR_WHOM}` })
  message!: string;
  @Field(() => Boolean, { description: 'Another attempt of the same might succeed.' })
  retryable!: boolean;
}

const EnergyMethodEnum = enumOf('EnergyMethod', ENERGY_METHODS, 'The method by which energy was found out.', {
  NVML: "By the driver of the GPUs: a card's counter, or its power once a second.",
  RAPL: "By the counters of the processor packages: the program's share by processor time.",
  SLURM:
    'By the accounting of Slurm, where nothing was measured beside the program: what its energy plugin counts, of the whole node.',
  ESTIMATE: 'Not measured: by what such hardware may draw, times how long it was held.',
});

@ObjectType({ description: 'The resources that a job, or one attempt of it, used.' })
export class ResourceUsage {
  @Field(() => Float, { description: 'GPUs times seconds they were held.' })
  gpuSeconds!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'CPU seconds of the program and its children; null where not measured.',
  })
  cpuSeconds!: number | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Peak resident memory in bytes; null where not measured.' })
  maxMemoryBytes!: bigint | null;
  @Field(() => Float, {
    nullable: true,
    description: 'Energy in joules; null when it was neither measured nor can be estimated: `energyNote` says why.',
  })
  energyJoules!: number | null;
  @Field(() => EnergyMethodEnum, {
    nullable: true,
    description: 'The method by which the energy, or the greater part of it, was found out; null with `energyJoules`.',
  })
  energyMethod!: EnergyMethod | null;
  @Field(() => Float, { description: 'Share of the run time that was measured: 0 to 1, and 0 for an estimate.' })
  energyCoverage!: number;
  @Field(() => String, {
    nullable: true,
    description:
      'A remark: why there is no energy, or what it holds and how it was attributed; null when there is nothing to say.',
  })
  energyNote!: string | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Grams of CO2 equivalents, by the intensity of the grid that is configured now; null without it, or without `energyJoules`.',
  })
  carbonGrams!: number | null;
}

@ObjectType('JobAttempt', { description: 'One try of a job.' })
export class JobAttemptType {
  @Field(() => Int, { description: 'The number of the attempt, counted from 1.' })
  number!: number;
  @Field(() => String, { nullable: true, description: "The launcher's own id of it; null before it was accepted." })
  externalId!: string | null;
  @Field(() => JobStateEnum, { description: 'The state.' })
  state!: JobState;
  @Field(() => DateTime, { nullable: true, description: 'The time when the program began; null before.' })
  startedAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it ended; null before.' })
  endedAt!: Date | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Exit status of the program; null when a signal ended it or it has not ended.',
  })
  exitCode!: number | null;
  @Field(() => String, { nullable: true, description: 'The signal that ended the program; null when none did.' })
  signal!: string | null;
  @Field(() => String, { nullable: true, description: 'Code of what went wrong; null when nothing did.' })
  reason!: string | null;
  @Field(() => Json, {
    description: 'The last value of each metric its program reported; empty until it has ended: see the job.',
  })
  metrics!: Record<string, unknown>;
  @Field(() => ResourceUsage, {
    nullable: true,
    description: 'The resources it used; null until it has ended, and when its program never began.',
  })
  usage!: ResourceUsage | null;
  @Field(() => String, {
    nullable: true,
    description:
      'A message about its exit record, when that was found after the job had ended as LOST; looked for during a day. The job stays LOST and its output is no version. null: none was found. ' +
      FOR_WHOM,
  })
  foundLater!: string | null;
}

@ObjectType('LogLine', { description: 'One line a program wrote.' })
export class LogLineType {
  @Field(() => String, { description: 'Position after this line: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it was written.' })
  at!: Date;
  @Field(() => String, { description: 'STDOUT, STDERR, or SYSTEM for a remark of the launcher.' })
  stream!: string;
  @Field(() => String, { description: 'The text, without its line end.' })
  text!: string;
}

@ObjectType({ description: 'A page of the log of a job, oldest first.' })
export class LogConnection {
  @Field(() => [LogLineType], { description: 'The lines of this page, the oldest first.' })
  nodes!: LogLineType[];
  @Field(() => PageInfo, { description: 'The position of this page.' })
  pageInfo!: PageInfo;
}

@ObjectType('TrainingJob', { implements: [Node], description: 'A training launched through Weftline, until its end.' })
export class TrainingJobType extends Node {
  @Field(() => JobStateEnum, { description: 'The state.' })
  state!: JobState;
  @Field(() => String, { description: 'Name of the launcher that runs it.' })
  launcher!: string;
  @Field(() => ResourcesType, { description: 'The resources it was given.' })
  resources!: Resources;
  @Field(() => String, {
    nullable: true,
    description: `The stated purpose; null when not said, or when you are none of those it is for. ${FOR_WHOM}`,
  })
  purpose!: string | null;
  @Field(() => DateTime, { description: 'The time when it was launched.' })
  createdAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when its program began; null before.' })
  startedAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it ended; null before.' })
  endedAt!: Date | null;
  @Field(() => Int, { description: 'New attempts it may have after failures of the machine.' })
  maxRetries!: number;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The present attempt begins at this time or later, after a pause; null for the first.',
  })
  notBefore!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time of the cancellation request; null when there was none.',
  })
  cancelRequestedAt!: Date | null;
  @Field(() => Json, {
    description:
      'The latest value of each metric the program of the present attempt reported; in the end, with those of its manifest. What is no number is the text NaN, Infinity or -Infinity. Up to 1,000 names of 200 characters, 65,536 bytes together: `reportNote` says when there was more.',
  })
  metrics!: Record<string, unknown>;
  @Field(() => String, {
    nullable: true,
    description:
      'A message about the reports and the manifest of its program: what was not kept, and which limit was met, at most 4,000 characters; and what is stored of the job and cannot be read. null: all was kept.',
  })
  reportNote!: string | null;
  @Field(() => Int, {
    description:
      'The number of lines in the reports of the present attempt that were neither a metric nor progress, and were passed over.',
  })
  linesNotUnderstood!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'The progress, 0 to 1, as the program says; null when it does not.',
  })
  progress!: number | null;
  @Field(() => JobFailureType, {
    nullable: true,
    description: 'The reason why it did not succeed; null when it did or has not ended.',
  })
  failure!: TrainingJob['failure'];
}

export const TrainingJobConnection = connectionOf(TrainingJobType, 'TrainingJob');

@ObjectType({ description: 'The launch was denied.' })
class LaunchDenied {
  @Field(() => [DenialReasonType], { description: 'All that is in the way.' })
  reasons!: DenialReason[];
}

@ObjectType({ description: 'The idempotency key was used for something else.' })
class LaunchConflict {
  @Field(() => TrainingJobType, {
    description: 'The job launched with this key.',
    deprecationReason: calledByType('trainingJob'),
  })
  job!: TrainingJob;
  @Field(() => TrainingJobType, { description: 'The job launched with this key.' })
  trainingJob?(@Root() { job }: LaunchConflict): TrainingJob {
    return job;
  }
  @Field(() => String, { description: 'A message that says what happened and what to do.' })
  message!: string;
}

@ObjectType({ description: 'The launcher cannot take the job now.' })
class LauncherUnavailable {
  @Field(() => String, { description: 'The name of the launcher.' })
  launcher!: string;
  @Field(() => String, { description: 'A message that says why, and what to do.' })
  message!: string;
}

export const LaunchTrainingResult = createUnionType({
  name: 'LaunchTrainingResult',
  description: 'The accepted job, or why there is none; of a dry run what would come of it.',
  types: () => [TrainingJobType, LaunchDenied, LaunchConflict, LauncherUnavailable, DryRunType] as const,
  resolveType: (value) => (value as unknown as LaunchOutcome).__typename,
});

@ObjectType({ description: 'The job after the cancellation request.' })
export class CancelTrainingPayload {
  @Field(() => TrainingJobType, { description: 'The job; it ends soon, or had ended.' })
  trainingJob!: TrainingJob;
  @Field(() => TrainingJobType, {
    description: 'The job; it ends soon, or had ended.',
    deprecationReason: calledByType('trainingJob'),
  })
  job?(@Root() { trainingJob }: CancelTrainingPayload): TrainingJob {
    return trainingJob;
  }
}

@ObjectType('Launcher', { description: 'A place where jobs can run.' })
export class LauncherType {
  @Field(() => String, { description: 'The name that jobs are addressed to.' })
  name!: string;
  @Field(() => String, { description: 'The kind of launcher: local, slurm, ray or kubernetes.' })
  kind!: string;
  @Field(() => Boolean, { description: 'It takes jobs now.' })
  available!: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'A message: why it does not answer, or a remark; null when there is nothing to say.',
  })
  message!: string | null;
  @Field(() => Int, { nullable: true, description: 'GPUs it can give; null when it cannot tell.' })
  gpus!: number | null;
  @Field(() => [String], {
    nullable: true,
    description:
      'Queues a job may name, such as partitions of Slurm or namespaces of Kubernetes; empty when it has none to name, null when it cannot tell now.',
  })
  queues!: readonly string[] | null;
}

@ObjectType('OrphanTask', { description: 'A task at a launcher that no open job asked for.' })
export class OrphanTaskType {
  @Field(() => String, { description: 'The name Weftline gives: id of the job and number of the attempt.' })
  name!: string;
  @Field(() => String, { description: "The launcher's own id of it." })
  externalId!: string;
}

const JobChangeEnum = enumOf('TrainingJobChange', ['STATE', 'REPORT'] as const, 'A change of a job.', {
  STATE: 'It went to another state.',
  REPORT: 'Its program reported metrics or progress.',
});

@ObjectType('TrainingJobEvent', { description: 'Something happened to a job.' })
export class TrainingJobEventType {
  @Field(() => String, { description: 'Its position in the stream: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it happened.' })
  at!: Date;
  @Field(() => JobChangeEnum, { description: 'The kind of change.' })
  change!: 'STATE' | 'REPORT';
  @Field(() => JobStateEnum, { description: 'The state it went to, or is in.' })
  state!: JobState;
  @Field(() => String, { description: `The cause, for people. ${FOR_WHOM}` })
  cause!: string;
  @Field(() => TrainingJobType, {
    description: 'The job, as it is now.',
    deprecationReason: calledByType('trainingJob'),
  })
  job!: TrainingJob;
  @Field(() => TrainingJobType, { description: 'The job, as it is now.' })
  trainingJob?(@Root() { job }: TrainingJobEventType): TrainingJob {
    return job;
  }
}
