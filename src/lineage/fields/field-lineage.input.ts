import { ArgsType, Field, Int } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';

@ArgsType()
export class FieldLineageArgs {
  @Field(() => Int, { defaultValue: 5, description: 'The number of hops from field to field to follow, 1 to 10,000.' })
  depth!: number;
  @Field(() => DateTime, { nullable: true, description: 'The valid time of the answer; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 200, description: 'Fields to return, nearest first: 1 to 5,000.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return fields after this cursor.' })
  after?: string | null;
}
