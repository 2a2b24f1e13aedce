import { Field, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { ClaimType } from '../statements/claim.type.js';
import {
  FIELD_TRANSFORMATION_SUBTYPES,
  FIELD_TRANSFORMATION_TYPES,
  type FieldTransformationSubtype,
  type FieldTransformationType,
} from './field-claim.js';

export const FieldTransformationTypeEnum = enumOf(
  'FieldTransformationType',
  FIELD_TRANSFORMATION_TYPES,
  'The way a field bears on another (OpenLineage).',
  {
    DIRECT: 'Its values are made of the values of the other.',
    INDIRECT: 'The other only decides which values there are, or in which order.',
  },
);

export const FieldTransformationSubtypeEnum = enumOf(
  'FieldTransformationSubtype',
  FIELD_TRANSFORMATION_SUBTYPES,
  'The transformation of a field on its way into another (OpenLineage).',
  {
    IDENTITY: 'DIRECT: taken over as it is.',
    TRANSFORMATION: 'DIRECT: computed, row by row.',
    AGGREGATION: 'DIRECT: computed from many rows, such as a sum.',
    JOIN: 'INDIRECT: decides which rows are joined.',
    GROUP_BY: 'INDIRECT: decides which rows are put together.',
    FILTER: 'INDIRECT: decides which rows are kept.',
    SORT: 'INDIRECT: decides the order of rows.',
    WINDOW: 'INDIRECT: decides which rows are seen together.',
    CONDITIONAL: 'INDIRECT: decides which of several values is taken.',
  },
);

@ObjectType('FieldClaim', {
  description: "One source's statement that a field goes into another. A source never overwrites another's.",
})
export class FieldClaimType extends ClaimType {
  @Field(() => FieldTransformationTypeEnum, { description: 'Whether it makes the values or decides about them.' })
  type!: FieldTransformationType;
  @Field(() => FieldTransformationSubtypeEnum, {
    nullable: true,
    description: 'The transformation of the field; null when the source did not say.',
  })
  subtype!: FieldTransformationSubtype | null;
  @Field(() => String, { nullable: true, description: 'The same in words; null when the source gave none.' })
  description!: string | null;
  @Field(() => Boolean, { description: 'Whether the field is masked: its content cannot be read back from the other.' })
  masking!: boolean;
}

@ObjectType({ description: 'The outcome of a report about fields.' })
export class ClaimFieldLineagePayload {
  @Field(() => Int, { description: 'Flows that were stated.' })
  stated!: number;
  @Field(() => Int, { description: 'Flows that ended because the report, complete as it is, leaves them out.' })
  ended!: number;
}

@ObjectType({ description: 'The outcome of a retraction of flows between fields.' })
export class RetractFieldLineagePayload {
  @Field(() => Int, { description: 'The number of statements that were taken back: they were never true.' })
  retracted!: number;
  @Field(() => Int, { description: 'The number of statements that ended: they were true until `from`.' })
  ended!: number;
}
