import { Field, ObjectType } from 'type-graphql';
import type { Role } from '../../auth/actor.js';
import { enumOf, RoleEnum } from '../../graphql/enums.js';
import type { AccessGrant } from '../grants/access.js';
import { AccessGrantType } from '../grants/access.type.js';
import { REASON_KINDS, type ReasonKind } from './explanation.js';

const ReasonKindEnum = enumOf('AccessReasonKind', REASON_KINDS, 'The source that a right comes from.', {
  OWNER: 'Owning the asset, in person or through a team.',
  STEWARD: 'Taking care of its metadata, in person or through a team.',
  GRANT: 'A grant that has not ended.',
  ROLE: 'The role in this installation.',
  VISIBILITY: 'Everyone who is signed in has it.',
  NONE: 'Nothing gives it; the message says what is missing.',
});

@ObjectType({ description: 'One way by which a right is given, or one thing that is missing.' })
export class AccessReason {
  @Field(() => ReasonKindEnum, { description: 'The source that the right comes from.' })
  kind!: ReasonKind;
  @Field(() => String, { description: 'The reason, for people; when there is no right, also how to get it.' })
  message!: string;
  @Field(() => AccessGrantType, {
    nullable: true,
    description: 'The grant that gives it, or gave it until it ended; null when none.',
  })
  grant!: AccessGrant | null;
  @Field(() => RoleEnum, { nullable: true, description: 'The role that gives it; null when none.' })
  role!: Role | null;
}

@ObjectType({ description: 'Whether somebody may do something with an asset, and exactly why.' })
export class AccessExplanation {
  @Field(() => Boolean, { description: 'Whether the principal may do it.' })
  allowed!: boolean;
  @Field(() => [AccessReason], { description: 'Each way that gives the right; when none does, what is missing.' })
  reasons!: AccessReason[];
  @Field(() => [String], {
    description: 'An obstacle to using the right although it is given, such as that the asset is retired.',
  })
  notes!: string[];
}
