import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.type.js';
import { enumOf } from '../graphql/enums.js';
import { Node } from '../graphql/node.type.js';
import { AssetRef } from '../catalog/ref.scalars.js';
import { BigIntScalar, DateTime, Json } from '../graphql/scalars.js';
import { type AuditOutcome, OUTCOMES } from './record.js';

export const AuditOutcomeEnum = enumOf('AuditOutcome', OUTCOMES, 'What came of it.', {
  DONE: 'It was done.',
  DENIED: 'It was asked for and denied.',
  FAILED: 'It was tried and did not succeed, as signing in with a wrong token.',
});

@ObjectType('AuditEntry', {
  implements: [Node],
  description: 'Who did what, to what, when and why. Written in the transaction of the change.',
})
export class AuditEntryType extends Node {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Its number in the sealed log, from 0 without a gap; null until it is sealed, which takes a moment.',
  })
  seq!: bigint | null;
  @Field(() => DateTime, { description: 'When.' })
  at!: Date;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of who did it; "weftline" for the system itself, null for somebody who had not signed in.',
  })
  actorId!: string | null;
  @Field(() => String, { description: 'The name of who did it, as it then was; "erased" when they were erased.' })
  actorName!: string;
  @Field(() => String, { description: 'What was done: asset:update, access:decide, training:launch.' })
  action!: string;
  @Field(() => AuditOutcomeEnum, { description: 'What came of it.' })
  outcome!: AuditOutcome;
  @Field(() => ID, { nullable: true, description: 'Id of what it was done to; null when that is hidden from you.' })
  targetId!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The urn or name of that, as it then was; null when that is hidden from you, or was erased.',
  })
  targetName!: string | null;
  @Field(() => String, { description: 'The request it came with, as in the server log.' })
  requestId!: string;
  @Field(() => Json, {
    nullable: true,
    description: 'What changed, as it was; null when nothing was. { "sha256" } stands for an erased text.',
  })
  before!: Record<string, unknown> | null;
  @Field(() => Json, {
    nullable: true,
    description: 'What changed, as it became; null when nothing was left. { "sha256" } stands for an erased text.',
  })
  after!: Record<string, unknown> | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why, in the words of who did it; null when they said nothing, or it was erased.',
  })
  reason!: string | null;
  @Field(() => Boolean, {
    description:
      'It concerns an asset you may not see, or is what an auditor asked or somebody was denied, which may name one: what it was done to, what changed and why are withheld.',
  })
  hidden!: boolean;
}

export const AuditEntryConnection = connectionOf(AuditEntryType, 'AuditEntry');

@InputType({ description: 'Which entries a list holds: all conditions together.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'Done by this principal.' })
  actor?: string | null;
  @Field(() => ID, { nullable: true, description: 'Done to this.' })
  target?: string | null;
  @Field(() => AssetRef, { nullable: true, description: 'Concerning this asset, as target or otherwise.' })
  asset?: string | null;
  @Field(() => String, { nullable: true, description: 'Of this request, as in the server log.' })
  requestId?: string | null;
  @Field(() => [String], { nullable: true, description: 'One of these actions.' })
  actions?: string[] | null;
  @Field(() => AuditOutcomeEnum, { nullable: true, description: 'With this outcome.' })
  outcome?: AuditOutcome | null;
  @Field(() => DateTime, { nullable: true, description: 'At or after this time.' })
  from?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Before this time.' })
  until?: Date | null;
}
