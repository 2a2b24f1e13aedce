import { Field, Float, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { enumOf } from '../../graphql/enums.js';
import { HEALTH_STATES, type HealthState } from './health.js';

export const HealthStateEnum = enumOf(
  'HealthState',
  HEALTH_STATES,
  'The health of a deployment, as its monitor says.',
  {
    HEALTHY: 'It serves as it should.',
    DEGRADED: 'It serves, but slower or worse than it should.',
    FAILING: 'It does not serve.',
  },
);

@InputType({ description: 'A heartbeat of a deployment.' })
export class ReportHealthInput {
  @Field(() => AssetRef, { description: 'The deployment; needs EDIT.' })
  deployment!: string;
  @Field(() => HealthStateEnum, { description: 'The state of its health.' })
  state!: HealthState;
  @Field(() => String, { nullable: true, description: 'A message for people.' })
  message?: string | null;
  @Field(() => Float, { nullable: true, description: 'The time it takes to answer, in seconds.' })
  latencySeconds?: number | null;
  @Field(() => Float, { nullable: true, description: 'The share of its answers that are errors: 0 to 1.' })
  errorRate?: number | null;
}
