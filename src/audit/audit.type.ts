import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.type.js';
import { enumOf } from '../graphql/enums.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, Json } from '../graphql/scalars.js';
import { type AuditOutcome, OUTCOMES } from './audit.js';

export const AuditOutcomeEnum = enumOf('AuditOutcome', OUTCOMES, 'What came of it.', {
  DONE: 'It was done.',
  DENIED: 'It was asked for and denied.',
  FAILED: 'It was tried and failed, as a sign-in with a token that is not valid.',
});

@ObjectType('AuditEntry', {
  implements: [Node],
  description: 'Who did what, to what, when and why. Written in the transaction of the change.',
})
export class AuditEntryType extends Node {
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;
  @Field(() => ID, { nullable: true, description: 'Id of who did it; "weftline" for the system itself.' })
  actorId!: string | null;
  @Field(() => String, { description: 'The name of who did it, as it then was.' })
  actorName!: string;
  @Field(() => String, { description: 'What was done: asset:update, access:decide, training:launch.' })
  action!: string;
  @Field(() => AuditOutcomeEnum, { description: 'What came of it.' })
  outcome!: AuditOutcome;
  @Field(() => ID, { description: 'Id of what it was done to.' })
  targetId!: string;
  @Field(() => String, { description: 'The urn or name of that, as it then was.' })
  targetName!: string;
  @Field(() => String, { description: 'The request it came with, as in the server log.' })
  requestId!: string;
  @Field(() => Json, { nullable: true, description: 'What changed, as it was; null when nothing was.' })
  before!: Record<string, unknown> | null;
  @Field(() => Json, { nullable: true, description: 'What changed, as it became; null when nothing was left.' })
  after!: Record<string, unknown> | null;
  @Field(() => String, { nullable: true, description: 'Why, in the words of who did it; null when they said nothing.' })
  reason!: string | null;
}

export const AuditEntryConnection = connectionOf(AuditEntryType, 'AuditEntry');

@InputType({ description: 'Which entries a list holds: all conditions together.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'Done by this principal.' })
  actor?: string | null;
  @Field(() => ID, { nullable: true, description: 'Done to this.' })
  target?: string | null;
  @Field(() => [String], { nullable: true, description: 'One of these actions.' })
  actions?: string[] | null;
  @Field(() => AuditOutcomeEnum, { nullable: true, description: 'With this outcome.' })
  outcome?: AuditOutcome | null;
  @Field(() => DateTime, { nullable: true, description: 'At or after this time.' })
  from?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Before this time.' })
  until?: Date | null;
}
