import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import { type Integrity, INTEGRITY_STATES, type IntegrityState } from './integrity.js';
import { type AuditOutcome, OUTCOMES } from '../record/record.js';

const AuditOutcomeEnum = enumOf('AuditOutcome', OUTCOMES, 'The outcome of an act.', {
  DONE: 'It was done.',
  DENIED: 'It was asked for and denied.',
  FAILED: 'It was tried and did not succeed, as signing in with a wrong token.',
});

const AuditIntegrityStateEnum = enumOf(
  'AuditIntegrityState',
  INTEGRITY_STATES,
  'Whether an entry is shown as it was sealed.',
  {
    INTACT: 'It is what was sealed: its text hashes to its place in the log, and everything beside it says the same.',
    WAITING: 'A server of this installation wrote it, and it is not sealed yet, which takes a moment.',
    ALTERED: 'It is shown as it was sealed. What is named in `differs` was changed beside its text.',
    UNPROVEN:
      'Its text fits its place in the log, but the tree of the log does not confirm that place: the tree was changed.',
    EDITED: 'The entry differs from what was sealed, or nobody sealed it. Nothing of it is shown.',
    UNREADABLE: 'Its text is missing or cannot be read, as far as `differs` says. Nothing of that is shown.',
  },
);

@ObjectType('AuditIntegrity', {
  description:
    'Whether an entry is shown as it was sealed, checked when it was read. An AUDITOR checks all of the log by an export.',
})
class AuditIntegrityType {
  @Field(() => AuditIntegrityStateEnum, { description: 'Whether it is shown as it was sealed.' })
  state!: IntegrityState;
  @Field(() => [String], {
    description:
      'The members that differ from the sealed text, or cannot be shown: names of what lists filter by, `detached /reason` for a text about a person, `body` for all of it.',
  })
  differs!: string[];
}

@ObjectType('AuditEntry', {
  implements: [Node],
  description: 'A record of who did what, to what, when and why. Written in the transaction of the change.',
})
export class AuditEntryType extends Node {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Its number in the sealed log, from 0 without a gap; null until it is sealed, which takes a moment.',
  })
  seq!: bigint | null;
  @Field(() => DateTime, { description: 'The time of the act.' })
  at!: Date;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of who did it; "weftline" for the system itself, null for somebody who had not signed in.',
  })
  actorId!: string | null;
  @Field(() => String, {
    description:
      'The name of who did it, as it then was; "erased" when they were erased, "altered" when it was replaced.',
  })
  actorName!: string;
  @Field(() => String, { description: 'The act: asset:update, access:decide, training:launch.' })
  action!: string;
  @Field(() => AuditOutcomeEnum, { description: 'The outcome.' })
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
    description: 'The changed values before the change; null when nothing was. { "sha256" } stands for an erased text.',
  })
  before!: Record<string, unknown> | null;
  @Field(() => Json, {
    nullable: true,
    description:
      'The changed values after the change; null when nothing was left. { "sha256" } stands for an erased text.',
  })
  after!: Record<string, unknown> | null;
  @Field(() => String, {
    nullable: true,
    description: 'The reason, in the words of who did it; null when they said nothing, or it was erased.',
  })
  reason!: string | null;
  @Field(() => Boolean, {
    description:
      'It concerns an asset you may not see, or is what an auditor asked or somebody was denied, which may name one: what it was done to, what changed and why are withheld.',
  })
  hidden!: boolean;
  @Field(() => AuditIntegrityType, {
    description:
      'Whether this is what was sealed. Lists find an entry by what stands beside its text, and show what the text says.',
  })
  integrity!: Integrity;
}

export const AuditEntryConnection = connectionOf(AuditEntryType, 'AuditEntry');

@InputType({ description: 'Conditions on the entries of a list, which have to hold together.' })
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
