import { Field, InputType } from 'type-graphql';
import { AssetRef } from '../catalog/ref.scalars.js';
import { DateTime } from '../graphql/scalars.js';

@InputType({ description: 'That data flows from one asset to another.' })
export class FlowInput {
  @Field(() => AssetRef, { description: 'What the data comes from.' })
  source!: string;
  @Field(() => AssetRef, { description: 'What the data goes to.' })
  target!: string;
}

@InputType({ description: 'Flows to state in the name of a source. Saying the same again changes nothing.' })
export class ClaimLineageInput {
  @Field(() => [FlowInput], {
    description:
      'The flows, up to 1,000: data sets and models into transformations, transformations into data sets and models, models into deployments, deployments into data sets.',
  })
  flows!: FlowInput[];
  @Field(() => String, {
    defaultValue: 'manual',
    description: 'In whose name: a producer, a tool, or "manual". Sources never overwrite each other.',
  })
  claimSource!: string;
  @Field(() => DateTime, { nullable: true, description: 'Since when it is true; now, when not given.' })
  validFrom?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when it was true; still, when not given.' })
  validUntil?: Date | null;
  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'Flows that a source no longer states. What other sources state of them stays.' })
export class RetractLineageInput {
  @Field(() => [FlowInput], { description: 'The flows, up to 1,000.' })
  flows!: FlowInput[];
  @Field(() => String, { defaultValue: 'manual', description: 'In whose name they were stated.' })
  claimSource!: string;
  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}
