import { ArgsType, Field, ID, ObjectType } from 'type-graphql';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import { FieldType } from '../assets/asset.type.js';
import type { AssetField } from '../model/asset.js';
import { type ComparedMember, FIELD_CHANGE_KINDS, type FieldChangeKind } from './field-change.js';

const FieldChangeKindEnum = enumOf('FieldChangeKind', FIELD_CHANGE_KINDS, 'The kind of a change of one field.', {
  ADDED: 'It is there after, and was not before.',
  REMOVED: 'It was there before, and is not after.',
  RENAMED: 'It has another name; its type or description may differ too.',
  CHANGED: 'Its type or description differs.',
});

@ObjectType('FieldChange', {
  description:
    'The change of one field between two states of a data set. A field is the same while its id is; another place among the others is no change.',
})
class FieldChangeType {
  id!: string;
  @Field(() => FieldChangeKindEnum, { description: 'The kind of the change.' })
  kind!: FieldChangeKind;
  @Field(() => FieldType, { nullable: true, description: 'The field as it was; null when it was not there.' })
  before!: AssetField | null;
  @Field(() => FieldType, { nullable: true, description: 'The field as it is after; null when it is not there.' })
  after!: AssetField | null;
  @Field(() => [String], {
    description: 'The names of what differs of a field that is there before and after: name, type, description.',
  })
  changed!: ComparedMember[];
}

export const FieldChangeConnection = connectionOf(FieldChangeType, 'FieldChange');

@ArgsType()
export class FieldChangesArgs extends PageArgs {
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time of the first state; with neither this nor `fromVersion`, before it was registered.',
  })
  from?: Date | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The version of the data set at whose publishing the first state was; or give `from`.',
  })
  fromVersion?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'The time of the second state; now, when not given.' })
  to?: Date | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The version of the data set at whose publishing the second state was; or give `to`.',
  })
  toVersion?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description:
      'The transaction time of the answer: both states as they had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
}
