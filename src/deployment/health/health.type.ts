import { Field, Float, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import type { HealthState } from './health.js';
import { HealthStateEnum } from './health.input.js';

@ObjectType('DeploymentHealth', { description: 'The last heartbeat of a deployment.' })
export class DeploymentHealthType {
  @Field(() => HealthStateEnum, { description: 'The state of its health at that time.' })
  state!: HealthState;
  @Field(() => DateTime, { description: 'The time when it was reported.' })
  at!: Date;
  @Field(() => DateTime, { description: 'The time since which it is so, without a report of another state.' })
  since!: Date;
  @Field(() => String, { nullable: true, description: 'A message for people; null when nothing was said.' })
  message!: string | null;
  @Field(() => Float, { nullable: true, description: 'Seconds it took to answer; null when not said.' })
  latencySeconds!: number | null;
  @Field(() => Float, { nullable: true, description: 'Part of its answers that were errors; null when not said.' })
  errorRate!: number | null;
}

@ObjectType({ description: 'The heartbeat as kept.' })
export class ReportHealthPayload {
  @Field(() => HealthStateEnum, { description: 'The state as it now stands.' })
  state!: HealthState;
  @Field(() => DateTime, { description: 'The time when it was received.' })
  at!: Date;
  @Field(() => Boolean, {
    description: 'It was another state before, or there was none: the audit log has the change.',
  })
  changed!: boolean;
}
