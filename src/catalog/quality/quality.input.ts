import { Field, Float, ID, InputType } from 'type-graphql';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import { AssetRef } from '../model/ref.scalars.js';
import type { QualitySeverity } from './quality.js';
import { QualitySeverityEnum } from './quality.enums.js';

@InputType({ description: 'The result of a test.' })
export class QualityAssertionInput {
  @Field(() => String, { description: 'The kind of test: not_null, unique, row_count, freshness.' })
  assertion!: string;
  @Field(() => Boolean, { description: 'It passed.' })
  success!: boolean;
  @Field(() => String, {
    nullable: true,
    description: 'The field it is about, by its name; the data as a whole, when not given.',
  })
  field?: string | null;
  @Field(() => QualitySeverityEnum, { nullable: true, description: 'The severity when it does not pass.' })
  severity?: QualitySeverity | null;
  @Field(() => String, {
    nullable: true,
    description: 'The name of the test, which tells it from others of its kind on the same field.',
  })
  name?: string | null;
  @Field(() => String, { nullable: true, description: 'The purpose of the test, for people.' })
  description?: string | null;
  @Field(() => String, { nullable: true, description: 'The value expected.' })
  expected?: string | null;
  @Field(() => String, { nullable: true, description: 'The value observed.' })
  observed?: string | null;
  @Field(() => Json, { nullable: true, description: 'The parameters of the test: a JSON object.' })
  params?: Record<string, unknown> | null;
}

@InputType({ description: 'A value below which a share of the values of a field lies.' })
export class QuantileInput {
  @Field(() => Float, { description: 'The share: 0 to 1.' })
  quantile!: number;
  @Field(() => Float, { description: 'The value.' })
  value!: number;
}

@InputType({ description: 'Numbers of one field; at least one of them.' })
export class FieldMetricsInput {
  @Field(() => String, { description: 'The field, by its name.' })
  field!: string;
  @Field(() => BigIntScalar, { nullable: true, description: 'Values that are null.' })
  nullCount?: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Different values.' })
  distinctCount?: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Values of the field.' })
  count?: bigint | null;
  @Field(() => Float, { nullable: true, description: 'The sum of the values.' })
  sum?: number | null;
  @Field(() => Float, { nullable: true, description: 'The least value.' })
  min?: number | null;
  @Field(() => Float, { nullable: true, description: 'The greatest value.' })
  max?: number | null;
  @Field(() => [QuantileInput], { nullable: true, description: 'Quantiles of the values.' })
  quantiles?: QuantileInput[] | null;
}

@InputType({ description: 'Numbers of the data as a whole and of its fields; at least one of them.' })
export class QualityMetricsInput {
  @Field(() => BigIntScalar, { nullable: true, description: 'Rows that were evaluated.' })
  rowCount?: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'The size in bytes.' })
  bytes?: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Files that were evaluated.' })
  fileCount?: bigint | null;
  @Field(() => DateTime, { nullable: true, description: 'The last change of the data.' })
  lastUpdated?: Date | null;
  @Field(() => [FieldMetricsInput], { nullable: true, description: 'Numbers of fields, of each once.' })
  fields?: FieldMetricsInput[] | null;
}

@InputType({
  description: 'Results of tests and of measuring, of one version or, where that is not known, of a data set.',
})
export class ReportQualityInput {
  @Field(() => AssetRef, {
    nullable: true,
    description: 'The data set, where the version is not known; or give `version`.',
  })
  dataset?: string | null;
  @Field(() => ID, { nullable: true, description: 'The version of a data set; or give `dataset`.' })
  version?: string | null;
  @Field(() => String, { description: 'The program or person that measured, such as great_expectations.' })
  source!: string;
  @Field(() => DateTime, {
    description:
      'The time when it was measured. With the same time and content, a report that is repeated adds nothing.',
  })
  measuredAt!: Date;
  @Field(() => ID, { nullable: true, description: 'The run that measured it, which you may see.' })
  run?: string | null;
  @Field(() => [QualityAssertionInput], { nullable: true, description: 'Results of tests.' })
  assertions?: QualityAssertionInput[] | null;
  @Field(() => QualityMetricsInput, { nullable: true, description: 'Numbers that were measured.' })
  metrics?: QualityMetricsInput | null;
}
