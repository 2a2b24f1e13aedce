import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import type { Metrics, QualityKind, QualitySeverity, QualityVerdict } from './quality.js';
import { QualityKindEnum, QualitySeverityEnum, QualityVerdictEnum } from './quality.enums.js';

@ObjectType('QualityQuantile', { description: 'A value below which a share of the values of a field lies.' })
class QuantileType {
  @Field(() => Float, { description: 'The share: 0 to 1.' })
  quantile!: number;
  @Field(() => Float, { description: 'The value.' })
  value!: number;
}

@ObjectType('QualityMetrics', {
  description: 'Numbers of data as a whole, or of one field. Each is null when it was not measured.',
})
class QualityMetricsType implements Metrics {
  @Field(() => BigIntScalar, { nullable: true, description: 'Rows that were evaluated; null when not measured.' })
  rowCount!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'The size in bytes; null when not measured.' })
  bytes!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Files that were evaluated; null when not measured.' })
  fileCount!: bigint | null;
  @Field(() => DateTime, { nullable: true, description: 'The last change of the data; null when not measured.' })
  lastUpdated!: Date | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Values that are null; null when not measured.' })
  nullCount!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Different values; null when not measured.' })
  distinctCount!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Values of the field; null when not measured.' })
  count!: bigint | null;
  @Field(() => Float, { nullable: true, description: 'The sum of the values; null when not measured.' })
  sum!: number | null;
  @Field(() => Float, { nullable: true, description: 'The least value; null when not measured.' })
  min!: number | null;
  @Field(() => Float, { nullable: true, description: 'The greatest value; null when not measured.' })
  max!: number | null;
  @Field(() => [QuantileType], { description: 'Quantiles of the values; none when not measured.' })
  quantiles!: QuantileType[];
}

@ObjectType('QualityResult', {
  implements: [Node],
  description:
    'The result of a test of data, or of measuring it. Results are history: none is changed, and the same again adds nothing.',
})
export class QualityResultType extends Node {
  @Field(() => QualityKindEnum, { description: 'The kind of result.' })
  kind!: QualityKind;
  @Field(() => String, {
    nullable: true,
    description: 'The field it is about, by the name it had then; null: the data as a whole.',
  })
  field!: string | null;
  @Field(() => DateTime, { description: 'The time when it was measured, by the clock of its source.' })
  measuredAt!: Date;
  @Field(() => DateTime, { description: 'The time when it was recorded here.' })
  recordedAt!: Date;
  @Field(() => String, { description: 'The program or person that measured.' })
  source!: string;
  @Field(() => String, {
    nullable: true,
    description: 'The kind of test, in the words of its source, such as not_null; null for a METRIC.',
  })
  assertion?: string;
  @Field(() => Boolean, { nullable: true, description: 'It passed; null for a METRIC.' })
  success?: boolean;
  @Field(() => QualitySeverityEnum, {
    nullable: true,
    description: 'The severity when it does not pass; null when not said.',
  })
  severity?: QualitySeverity | null;
  @Field(() => String, { nullable: true, description: 'The name of the test; null when it has none.' })
  name?: string | null;
  @Field(() => String, { nullable: true, description: 'The purpose of the test, for people; null when not said.' })
  description?: string | null;
  @Field(() => String, { nullable: true, description: 'The value expected; null when not said.' })
  expected?: string | null;
  @Field(() => String, { nullable: true, description: 'The value observed; null when not said.' })
  observed?: string | null;
  @Field(() => Json, {
    nullable: true,
    description: 'The parameters of the test: {} when not given; null for a METRIC.',
  })
  params?: Record<string, unknown>;
  @Field(() => QualityMetricsType, { nullable: true, description: 'The numbers of a METRIC; null for an ASSERTION.' })
  metrics?: Metrics;
}

export const QualityResultConnection = connectionOf(QualityResultType, 'QualityResult');

@ObjectType('QualityStatus', {
  description:
    'The verdict over a version: the newest result of each test of each source, and of several of one time the worst.',
})
export class QualityStatusType {
  @Field(() => QualityVerdictEnum, { description: 'The verdict over all of them.' })
  verdict!: QualityVerdict;
  @Field(() => Int, { description: 'Tests that passed.' })
  passed!: number;
  @Field(() => Int, { description: 'Tests that did not pass, of the severity WARN.' })
  warned!: number;
  @Field(() => Int, { description: 'Tests that did not pass, of the severity ERROR or none.' })
  failed!: number;
  @Field(() => DateTime, { nullable: true, description: 'The time of the newest result; null when there is none.' })
  checkedAt!: Date | null;
}

@ArgsType()
export class QualityStatusArgs {
  @Field(() => DateTime, {
    nullable: true,
    description:
      'The valid time of the answer: what had been measured by then, as when a run began; now, when not given.',
  })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
}

@ArgsType()
export class QualityArgs extends PageArgs {
  @Field(() => QualityKindEnum, { nullable: true, description: 'Results of this kind alone; all, when not given.' })
  kind?: QualityKind | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Tests that passed, or those that did not; all results, when not given.',
  })
  success?: boolean | null;
  @Field(() => String, { nullable: true, description: 'Results about this field alone; all, when not given.' })
  field?: string | null;
}

@ArgsType()
export class QualityHistoryArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Results of this kind of test alone; all, when not given.' })
  assertion?: string | null;
  @Field(() => String, { nullable: true, description: 'Results about this field alone; all, when not given.' })
  field?: string | null;
}

@ObjectType({ description: 'The report as kept.' })
export class ReportQualityPayload {
  @Field(() => Int, { description: 'Results that are new.' })
  added!: number;
  @Field(() => Int, { description: 'Results that were there already, and stay as they are.' })
  repeated!: number;
}
