import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';

@ObjectType('RejectedEvent', {
  description:
    'An event of OpenLineage, or a body of such events, that was refused. Of each sender the latest 1,000 are kept.',
})
export class RejectedEventType {
  @Field(() => ID, { description: 'The id of this refusal.' })
  id!: string;
  @Field(() => DateTime, { description: 'The time when it was refused.' })
  at!: Date;
  @Field(() => String, { description: 'The code of the error, such as BAD_USER_INPUT.' })
  code!: string;
  @Field(() => String, { description: 'The reason, which names the field that is wrong.' })
  reason!: string;
  @Field(() => String, {
    nullable: true,
    description: 'SHA-256 of what came, in hex; null when it was not read to its end.',
  })
  digest!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The first 2 kB of what came; null when nothing of it was read.',
  })
  excerpt!: string | null;
}

export const RejectedEventConnection = connectionOf(RejectedEventType, 'RejectedEvent');
