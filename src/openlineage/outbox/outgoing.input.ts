import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { PageArgs } from '../../graphql/connection.type.js';
import { type OutgoingState, OutgoingStateEnum } from './outgoing.enums.js';

@ArgsType()
export class OutgoingEventsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'The name of a destination; all, when not given.' })
  destination?: string | null;
  @Field(() => OutgoingStateEnum, { nullable: true, description: 'Their state; either, when not given.' })
  state?: OutgoingState | null;
}

@InputType({ description: 'Events that were refused and are to be sent again.' })
export class RetryOutgoingEventsInput {
  @Field(() => [ID], { nullable: true, description: 'Their ids; all that were refused, when not given.' })
  events?: string[] | null;
  @Field(() => String, { nullable: true, description: 'The name of a destination; all, when not given.' })
  destination?: string | null;
}
