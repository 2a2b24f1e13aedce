import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import { QUOTA_PERIODS, type QuotaPeriod, type QuotaStanding } from './quota.js';

const QuotaPeriodEnum = enumOf(
  'QuotaPeriod',
  QUOTA_PERIODS,
  'The period over which GPU-hours are counted together, in UTC.',
  {
    DAY: 'From midnight to midnight.',
    WEEK: 'From Monday.',
    MONTH: 'From the first of the month.',
  },
);

@InputType({
  description: 'A quota of the jobs of a team. Without `runningGpus` and `gpuHours` the quota is taken away.',
})
export class SetQuotaInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'GPUs that its open jobs may hold together; no limit, when not given.',
  })
  runningGpus?: number | null;
  @Field(() => Float, { nullable: true, description: 'GPU-hours it may use in a period; no limit, when not given.' })
  gpuHours?: number | null;
  @Field(() => QuotaPeriodEnum, { defaultValue: 'MONTH', description: 'The period of `gpuHours`.' })
  period!: QuotaPeriod;
  @Field(() => String, {
    nullable: true,
    description: 'For jobs of this launcher alone; for all launchers together, when not given. A team can have both.',
  })
  launcher?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@ObjectType('Quota', { description: 'A quota of the jobs charged to a team, and the amount that is taken of it now.' })
export class QuotaType {
  @Field(() => String, {
    nullable: true,
    description: 'The launcher it is for; null: for all launchers together.',
  })
  launcher!: string | null;
  @Field(() => Int, { nullable: true, description: 'GPUs that open jobs may hold together; null: no limit.' })
  runningGpus!: number | null;
  @Field(() => Float, { nullable: true, description: 'GPU-hours in a period; null: no limit.' })
  gpuHours!: number | null;
  @Field(() => QuotaPeriodEnum, { description: 'The period of `gpuHours`.' })
  period!: QuotaPeriod;
  @Field(() => DateTime, { description: 'The time when it was last set.' })
  changedAt!: Date;
}

@ObjectType({ description: 'The amount that is taken of a quota in the present period.' })
export class QuotaUsage {
  @Field(() => DateTime, { description: 'Beginning of the period.' })
  from!: Date;
  @Field(() => DateTime, { description: 'End of the period: what was used is 0 again then.' })
  until!: Date;
  @Field(() => Int, { description: 'GPUs held by open jobs: accepted and not ended.' })
  runningGpus!: number;
  @Field(() => Float, {
    description: 'GPU-hours of jobs that ended in the period, all attempts, and of earlier attempts of open jobs.',
  })
  usedGpuHours!: number;
  @Field(() => Float, { description: 'GPU-hours that open jobs may still use: their GPUs times their time limit.' })
  reservedGpuHours!: number;
  @Field(() => Int, { nullable: true, description: 'GPUs that are left; null: no limit.' })
  leftGpus!: number | null;
  @Field(() => Float, { nullable: true, description: 'GPU-hours that are left in the period; null: no limit.' })
  leftGpuHours!: number | null;
}

@ObjectType({ description: 'The quota as set.' })
export class SetQuotaPayload {
  @Field(() => QuotaType, { nullable: true, description: 'The quota; null when it was taken away.' })
  quota!: QuotaStanding | null;
}
