import { Field, Int, ObjectType } from 'type-graphql';
import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';
import { DenialReasonType } from '../../access/explanation/denial.type.js';
import { PolicyWarningType } from '../../access/explanation/dry-run.type.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { TrainingJob } from '../jobs/job.js';
import { TrainingJobType } from '../jobs/job.type.js';
import type { QuotaStanding } from '../quotas/quota.js';
import { QuotaType, QuotaUsage } from '../quotas/quota.type.js';

@ObjectType({ description: 'A launcher that a launch could go to, and whether it could take it now.' })
export class PlannedLauncher {
  @Field(() => String, { description: 'The name of the launcher.' })
  name!: string;
  @Field(() => String, { description: 'The kind of launcher: local, slurm, ray or kubernetes.' })
  kind!: string;
  @Field(() => Boolean, { description: 'It could take the launch now.' })
  available!: boolean;
  @Field(() => String, { nullable: true, description: 'The reason why it could not; null when it could.' })
  message!: string | null;
}

@ObjectType({ description: 'The share of a quota that a launch would take.' })
export class PlannedQuota {
  @Field(() => QuotaType, { description: 'The quota that the training would draw on.' })
  quota!: QuotaStanding;
  @Field(() => QuotaUsage, { description: 'The amount that is taken of it now.' })
  before!: QuotaUsage;
  @Field(() => QuotaUsage, { description: 'The amount that would be taken once the launch was accepted.' })
  after!: QuotaUsage;
}

@ObjectType('TrainingPlan', { description: 'The plan of a launch. Nothing was written or reserved for it.' })
export class TrainingPlanType {
  @Field(() => Boolean, {
    description:
      'launchTraining would answer with a job now: a new one, or `job` when this same launch was made before.',
  })
  accepted!: boolean;
  @Field(() => [DenialReasonType], {
    description: 'All that is in the way: rights, quotas and policies. Empty: nothing is.',
  })
  reasons!: DenialReason[];
  @Field(() => [PolicyWarningType], {
    description: 'All that policies tell besides, and let through. Empty: nothing, or they were not asked.',
  })
  warnings!: PolicyWarning[];
  @Field(() => PlannedLauncher, { description: 'The launcher it would go to.' })
  launcher!: PlannedLauncher;
  @Field(() => [PlannedLauncher], {
    description: 'Launchers before it that could not take it; empty when one was named.',
  })
  passedOver!: PlannedLauncher[];
  @Field(() => String, {
    nullable: true,
    description: 'The queue it would wait in; null: the one the launcher is configured with, or none.',
  })
  queue!: string | null;
  @Field(() => [PlannedQuota], {
    description: 'The quotas of the team it would be charged to; empty when there are none.',
  })
  quotas!: PlannedQuota[];
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Bytes of all inputs together; null when that of one is not known.',
  })
  inputBytes!: bigint | null;
  @Field(() => Int, { description: 'Inputs whose size is not known.' })
  inputsOfUnknownSize!: number;
  @Field(() => TrainingJobType, {
    nullable: true,
    description:
      'The job of an earlier launch with this idempotency key; null when there is none. Not `accepted`: that launch was another.',
  })
  job!: TrainingJob | null;
  teamId!: string | null;
}
