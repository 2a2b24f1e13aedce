import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { BigIntScalar, Json } from '../../graphql/scalars.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { JOB_STATES, type JobState } from './job.js';

export const JobStateEnum = enumOf(
  'JobState',
  JOB_STATES,
  'The state of a training job. The last five but CANCELLING are final; an engine that cannot be reached never changes the state.',
  {
    PENDING: 'Accepted; nothing of the present attempt was sent to the launcher yet.',
    SUBMITTING: 'Being handed to the launcher.',
    QUEUED: 'The launcher has it; it waits for room.',
    STARTING: 'The program is being started.',
    RUNNING: 'The program runs.',
    SUCCEEDED: 'The program ended well and left a model; final.',
    FAILED: 'It did not; `failure` says why; final.',
    TIMED_OUT: 'It ran, or waited, longer than allowed and was stopped; final.',
    CANCELLING: 'Asked to stop; it has not yet.',
    CANCELLED: 'Stopped because someone asked; final.',
    LOST: 'It was accepted, and nobody can say how it ended; final.',
  },
);

@InputType({ description: 'The resources that a job needs.' })
export class ResourcesInput {
  @Field(() => Int, { defaultValue: 0, description: 'Number of GPUs.' })
  gpus!: number;
  @Field(() => String, { nullable: true, description: 'The GPUs, as the launcher names them; any, when not given.' })
  gpuType?: string | null;
  @Field(() => Float, { nullable: true, description: 'CPU cores; what the launcher gives, when not given.' })
  cpus?: number | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Memory in bytes; what the launcher gives, when not given.',
  })
  memoryBytes?: bigint | null;
  @Field(() => Int, { defaultValue: 1, description: 'Machines: 1, for the program of a job runs on one.' })
  nodes!: number;
}

@InputType({ description: 'A training to launch.' })
export class LaunchTrainingInput {
  @Field(() => String, {
    description:
      'Repeating a launch with the same key returns the first job; with another body it is a LaunchConflict.',
  })
  idempotencyKey!: string;
  @Field(() => AssetRef, { description: 'The transformation that trains; needs EDIT.' })
  transformation!: string;
  @Field(() => [ID], {
    description:
      'Ids of the exact data set or model versions to train on, one at least; their assets need USE_FOR_TRAINING.',
  })
  inputs!: string[];
  @Field(() => AssetRef, { description: 'The model that gets the new version; needs EDIT.' })
  output!: string;
  @Field(() => [String], {
    nullable: true,
    description: 'The program and its arguments; no shell reads them. docs/training-protocol.md tells what it meets.',
  })
  command?: string[] | null;
  @Field(() => String, { nullable: true, description: 'Container image, for launchers that run images.' })
  image?: string | null;
  @Field(() => Json, {
    nullable: true,
    description: 'Environment variables: a JSON object of strings. No secrets: they are kept with the job.',
  })
  environment?: Record<string, unknown> | null;
  @Field(() => Json, {
    nullable: true,
    description: 'The parameters of the program, a JSON object; kept with the model version.',
  })
  parameters?: Record<string, unknown> | null;
  // Whole: graphql takes the default of a member as it is and does not fill in the defaults of what is below.
  @Field(() => ResourcesInput, { defaultValue: { gpus: 0, nodes: 1 }, description: 'The resources it needs.' })
  resources!: ResourcesInput;
  @Field(() => String, {
    nullable: true,
    description:
      'Name of the launcher; the first that is available and has what `resources`, `image` and `queue` ask for, when not given.',
  })
  launcher?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Queue of the launcher, one of its `queues`: a Slurm partition, a Kubernetes namespace. The one it is configured with, when not given.',
  })
  queue?: string | null;
  @Field(() => Json, {
    nullable: true,
    description:
      'Secrets the program finds in its environment: a JSON object of environment variables, each with the name of a secret of the launcher. Names only; values stay where the launcher keeps them.',
  })
  secrets?: Record<string, unknown> | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Seconds it may run before it is stopped; unlimited, when not given.',
  })
  timeoutSeconds?: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'New attempts after a failure of the machine, never of the program: 0 to 10, default 0. Each waits twice as long as the one before. With one at least, a job that was preempted is tried again up to 20 times more.',
  })
  maxRetries?: number | null;
  @Field(() => [Int], {
    nullable: true,
    description: 'Exit codes of the program, 1 to 255, after which it is tried again too; none, when not given.',
  })
  retryOnExitCodes?: number[] | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'Seconds each attempt may wait until its program begins; then it is taken back, and the job is TIMED_OUT. For ever, when not given.',
  })
  queueTimeoutSeconds?: number | null;
  @Field(() => ID, {
    nullable: true,
    description:
      'The team whose quotas it is charged to, one of yours. When not given: the one of your teams that has a quota, or none.',
  })
  team?: string | null;
  @Field(() => String, { nullable: true, description: 'The stated purpose; kept with the job.' })
  purpose?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'true: the answer is what would come of it, and nothing is done, kept or asked of anybody; planTraining tells more.',
  })
  dryRun?: boolean | null;
}

@InputType({ description: 'A job to stop.' })
export class CancelTrainingInput {
  @Field(() => ID, { description: 'Id of the job.' })
  job!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'Conditions on the jobs of a list, which have to hold together.' })
export class TrainingJobFilter {
  @Field(() => [JobStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: JobState[] | null;
  @Field(() => ID, { nullable: true, description: 'Launched by this user.' })
  requestedBy?: string | null;
  @Field(() => AssetRef, { nullable: true, description: 'Of this transformation.' })
  transformation?: string | null;
}
