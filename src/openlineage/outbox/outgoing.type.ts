import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { type OutgoingState, OutgoingStateEnum } from './outgoing.enums.js';

@ObjectType('OutgoingEvent', {
  description:
    'An event of OpenLineage that tells others of a training, a release or quality here, and is not taken yet. One that was taken is kept no longer.',
})
export class OutgoingEventType {
  @Field(() => ID, { description: 'The id of the event.' })
  id!: string;
  @Field(() => String, { description: 'The name of its destination.' })
  destination!: string;
  @Field(() => OutgoingStateEnum, { description: 'Its state.' })
  state!: OutgoingState;
  @Field(() => String, { description: 'The subject of the event, in a few words.' })
  about!: string;
  @Field(() => String, { description: 'The event, as JSON: its first 10,000 characters.' })
  body!: string;
  @Field(() => DateTime, { description: 'The time since which it waits.' })
  since!: Date;
  @Field(() => Int, { description: 'The number of times it was sent.' })
  attempts!: number;
  @Field(() => DateTime, { nullable: true, description: 'The time of the next attempt; null: there is none.' })
  dueAt!: Date | null;
  @Field(() => Int, {
    nullable: true,
    description: 'The status of the last answer; null: there was none.',
  })
  status!: number | null;
  @Field(() => String, { nullable: true, description: 'The reason why it was not taken; null: it was not sent yet.' })
  reason!: string | null;
}

export const OutgoingEventConnection = connectionOf(OutgoingEventType, 'OutgoingEvent');

@ObjectType({ description: 'Events that are sent again.' })
export class RetryOutgoingEventsPayload {
  @Field(() => Int, { description: 'The number of them, at most 10,000 of a destination.' })
  retried!: number;
}
