import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Declaration, Dimension } from './label.js';
import {
  DIMENSION_KINDS,
  type DimensionKind,
  type Precision,
  PRECISIONS,
  VALUE_KINDS,
  type ValueKind,
} from './label.js';
import type { FollowedLine } from './effective.service.js';
import type { Arrival } from './propagation.js';

const DimensionKindEnum = enumOf('LabelJoin', DIMENSION_KINDS, 'The way values of a dimension are joined.', {
  MAX: 'The highest.',
  MIN: 'The lowest.',
  UNION: 'All codes together.',
  INTERSECTION: 'The codes that all have.',
  LICENCES: 'All licences, each of which has to be kept.',
});
const ValueKindEnum = enumOf('LabelValueKind', VALUE_KINDS, 'The values of a dimension.', {
  LEVELS: 'One of a list of levels.',
  CODES: 'Codes, any number of them.',
  INSTANT: 'A time.',
  SPDX: 'An expression of licences, as SPDX has them.',
  NUMBER: 'A number from 0 to 1.',
});
const PrecisionEnum = enumOf('LabelPrecision', PRECISIONS, 'The precision of the line along which labels came.', {
  FIELD:
    'Columns, for what is declared of fields: what goes into no column of it is left out. What is declared of the whole comes by versions.',
  VERSION: 'Versions and the runs that read and made them.',
  DATASET: 'Claims between assets, with all versions of these: where there is no version to ask.',
});

@ObjectType('LabelDimension', { description: 'A dimension in which things are labelled.' })
export class LabelDimensionType implements Pick<Dimension, 'name' | 'kind' | 'values' | 'description'> {
  @Field(() => String, { description: 'The name.' })
  name!: string;
  @Field(() => DimensionKindEnum, { description: 'The way labels that come together are joined.' })
  kind!: DimensionKind;
  @Field(() => ValueKindEnum, { description: 'The kind of value.' })
  values!: ValueKind;
  @Field(() => [String], { nullable: true, description: 'The levels, from the lowest; null: it has none.' })
  levels?: readonly string[];
  @Field(() => [String], { nullable: true, description: 'The codes there are; null: any, or it has none.' })
  codes?: readonly string[];
  @Field(() => String, { description: 'The meaning, for people.' })
  description!: string;
}

@ObjectType('LabelDeclaration', { description: 'A label as somebody declared it.' })
export class LabelDeclarationType {
  @Field(() => ID, { description: 'Opaque id.' })
  id!: string;
  @Field(() => String, { description: 'The dimension, by its name.' })
  dimension!: string;
  @Field(() => String, { nullable: true, description: 'The field it is of, by its name; null: of the whole.' })
  field!: string | null;
  @Field(() => DateTime, { description: 'The time since which it holds.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time until which it holds; null: without end.' })
  validUntil!: Date | null;
  @Field(() => DateTime, { description: 'The time when it was recorded.' })
  recordedAt!: Date;
  @Field(() => String, { nullable: true, description: 'The reason; null when there is none.' })
  reason!: string | null;
}

@ObjectType({ description: 'A label after the change.' })
export class LabelDeclarationPayload {
  @Field(() => LabelDeclarationType, { description: 'The label declaration as it is after the change.' })
  labelDeclaration!: Declaration;
}

@ObjectType('LabelStep', { description: 'A step of the way that a label came.' })
export class LabelStepType {
  @Field(() => Boolean, { description: 'It is of an asset that you may not see.' })
  hidden!: boolean;
  @Field(() => ID, { nullable: true, description: 'Id of the version, run, release or asset; null when hidden.' })
  id!: string | null;
  @Field(() => String, { nullable: true, description: 'VERSION, RUN, RELEASE or ASSET; null when hidden.' })
  kind!: string | null;
  @Field(() => String, { nullable: true, description: 'The urn of the asset; null when hidden.' })
  urn!: string | null;
  @Field(() => String, { nullable: true, description: 'The name of the version; null when it is none, or hidden.' })
  version!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The field in which it came there; null: the whole, or what has no fields, or hidden.',
  })
  field!: string | null;
}

@ObjectType('LabelWitness', { description: 'One shortest way of a label, from where it was declared.' })
export class LabelWitnessType {
  @Field(() => [LabelStepType], { description: 'The steps, the origin first.' })
  steps!: LabelStepType[];
  @Field(() => [ID], {
    description:
      'Ids of the declassification grants that lowered it on the way, in their order, without those of transformations that you may not see.',
  })
  grants!: readonly string[];
}

/** A part of a label, and of which line it is. */
export type PlacedArrival = Arrival & { of: string; line: FollowedLine };

@ObjectType('LabelOrigin', { description: 'A declaration from which a label follows.' })
export class LabelOriginType {
  @Field(() => Int, { description: 'Hops from what was asked about; a version and a run are a hop each.' })
  depth!: number;
  @Field(() => PrecisionEnum, { description: 'The precision of its way: FIELD when it came along columns.' })
  precision!: Precision;
}

@ObjectType('EffectiveLabel', { description: 'The label in one dimension that follows from all that is up the line.' })
export class EffectiveLabelType {
  @Field(() => String, { description: 'The dimension, by its name.' })
  dimension!: string;
  @Field(() => [String], {
    nullable: true,
    description: 'The join of all that is known; null: nothing is. [] of a union: there are none.',
  })
  values!: readonly string[] | null;
  @Field(() => Boolean, {
    description:
      'Something up the line says nothing of this dimension: where it is enforced, it counts as the most restrictive, whatever `values` say.',
  })
  unknown!: boolean;
  @Field(() => Boolean, { description: 'Nothing is left that all of it allows.' })
  conflict!: boolean;
  @Field(() => PrecisionEnum, {
    description: 'The precision of the line: FIELD when all that is declared of fields was followed along columns.',
  })
  precision!: Precision;
  @Field(() => Int, { description: 'The number of origins that you may not see. They count in `values`.' })
  hiddenOrigins!: number;
}

@ObjectType('Labels', { description: 'Labels as they were declared, and what follows from them along the lineage.' })
export class LabelsType {}

@ArgsType()
export class LabelsArgs {
  @Field(() => DateTime, {
    nullable: true,
    description: 'The valid time of the answer: what held and had been read and made then; now, when not given.',
  })
  validAt?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
}
