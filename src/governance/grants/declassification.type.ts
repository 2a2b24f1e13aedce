import { Field, Float, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Condition } from '../labels/condition.js';
import { type DeclassificationGrant, GRANT_STATES } from './declassification.js';

export const GrantStateEnum = enumOf('DeclassificationState', GRANT_STATES, 'The state of a declassification grant.', {
  REQUESTED: 'Asked for, and not yet approved by two: it lowers nothing.',
  ACTIVE: 'Approved by two: runs of exactly its code lower the label.',
  REJECTED: 'Refused by one who could approve it.',
  REVOKED: 'Taken back: what it lowered is high again.',
  EXPIRED: 'Its time is over: what it lowered is high again.',
  VOID: 'The transformation has had other code since: no run of later lowers anything by it, also when the former code comes back.',
});

@ObjectType('DeclassificationCondition', { description: 'A condition on the facets of a run.' })
class DeclassificationConditionType implements Condition {
  @Field(() => String, { description: 'JSON pointer into the facets of the run.' })
  facet!: string;
  @Field(() => String, { nullable: true, description: 'The text that stands there; null: any.' })
  equals!: string | null;
  @Field(() => Float, { nullable: true, description: 'The lowest number; null: any.' })
  atLeast!: number | null;
  @Field(() => Float, { nullable: true, description: 'The highest number; null: any.' })
  atMost!: number | null;
}

@ObjectType('DeclassificationApproval', { description: 'An approval of a declassification grant.' })
export class DeclassificationApprovalType {
  @Field(() => DateTime, { description: 'The time of the approval.' })
  at!: Date;
  @Field(() => Boolean, { description: 'Whether it is the word of an ADMIN; false: of who takes care of the data.' })
  isAdmin!: boolean;
}

@ObjectType('DeclassificationEnd', { description: 'The word by which a declassification grant was ended.' })
export class DeclassificationEndType {
  @Field(() => DateTime, { description: 'The time.' })
  at!: Date;
  @Field(() => String, { description: 'The reason.' })
  reason!: string;
}

@ObjectType('DeclassificationGrant', {
  implements: [Node],
  description:
    'A grant by which runs of exactly one code lower a label: two approve it who neither asked for it nor wrote the code.',
})
export class DeclassificationGrantType extends Node {
  @Field(() => String, { description: 'The dimension, by its name.' })
  dimension!: string;
  @Field(() => [String], { description: 'The value that is lowered; [] of an intersection.' })
  from!: readonly string[];
  @Field(() => [String], { description: 'The value that it becomes; of an intersection, what is allowed besides.' })
  to!: readonly string[];
  @Field(() => [DeclassificationConditionType], { description: 'Conditions on the facets of the run.' })
  conditions!: readonly Condition[];
  @Field(() => String, { description: 'SHA-256 over the code, the image and the command that it is for.' })
  codeDigest!: string;
  @Field(() => String, { description: 'The reason for which it was asked.' })
  reason!: string;
  @Field(() => DateTime, { description: 'The time when it was asked for.' })
  requestedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time since which two have approved it; null: not yet.' })
  approvedAt!: Date | null;
  @Field(() => DateTime, { description: 'The time from which it lowers nothing any more.' })
  expiresAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since when the transformation has had other code; null: it has not.',
  })
  voidedAt!: Date | null;
}

export const DeclassificationGrantConnection = connectionOf(DeclassificationGrantType, 'DeclassificationGrant');

@ObjectType({ description: 'The grant after the change.' })
export class DeclassificationGrantPayload {
  @Field(() => DeclassificationGrantType, { description: 'The declassification grant as it is after the change.' })
  declassificationGrant!: DeclassificationGrant;
}
