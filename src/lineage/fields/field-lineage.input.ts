import { ArgsType, Field, Int } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';

@ArgsType()
export class FieldLineageArgs {
  @Field(() => Int, { defaultValue: 5, description: 'How many hops from field to field to go, 1 to 10,000.' })
  depth!: number;
  @Field(() => DateTime, { nullable: true, description: 'What was true at that time; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'What had been recorded by that time; now, when not given.' })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 200, description: 'Fields to return, nearest first: 1 to 5,000.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return fields after this cursor.' })
  after?: string | null;
}
