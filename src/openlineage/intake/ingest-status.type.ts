import { Field, Float, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';

@ObjectType('IngestSource', {
  description: 'An account whose events of OpenLineage have come, since this server started.',
})
export class IngestSourceType {
  @Field(() => BigIntScalar, { description: 'Its events that were taken.' })
  taken!: bigint;
  @Field(() => BigIntScalar, { description: 'Its events that had been taken before, so that they changed nothing.' })
  repeated!: bigint;
  @Field(() => BigIntScalar, { description: 'Its events, and bodies of events, that were refused for good.' })
  refused!: bigint;
  @Field(() => DateTime, { description: 'The time when something of it came last.' })
  lastArrivedAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: '`eventTime` of its last event, by the clock of the producer; null: none could be read yet.',
  })
  lastEventTime!: Date | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Seconds from `eventTime` of that event until it came; below 0, the clock of the producer is ahead. null: none could be read yet.',
  })
  behindSeconds!: number | null;
}

export const IngestSourceConnection = connectionOf(IngestSourceType, 'IngestSource');

@ObjectType('IngestStatus', { description: 'The state of the intake of events of OpenLineage, on this server.' })
export class IngestStatusType {
  @Field(() => DateTime, { description: 'The time when this server started: all is counted since then.' })
  since!: Date;
  @Field(() => Int, { description: 'Events that have come and are not in the graph yet.' })
  waitingEvents!: number;
  @Field(() => BigIntScalar, { description: 'Bytes of bodies that are read or whose events wait, after inflating.' })
  waitingBytes!: bigint;
  @Field(() => Float, {
    description: 'The lag: seconds since the oldest of the waiting events came; 0 when none waits.',
  })
  oldestWaitingSeconds!: number;
  @Field(() => Int, { description: 'The most events that may wait; more are answered 429 and come again.' })
  mostWaitingEvents!: number;
  @Field(() => BigIntScalar, { description: 'The most bytes that may wait; more are answered 429 and come again.' })
  mostWaitingBytes!: bigint;
  @Field(() => Boolean, { description: 'Backpressure: whatever comes now is answered 429.' })
  isFull!: boolean;
  @Field(() => BigIntScalar, { description: 'Number of times that something was answered 429, as too much waited.' })
  turnedAway!: bigint;
  @Field(() => Float, { description: 'Events taken a second, over the last minute.' })
  eventsPerSecond!: number;
}
