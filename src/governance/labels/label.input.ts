import { Field, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';

@InputType({ description: 'A label of an asset, of one of its versions, or of a field.' })
export class DeclareLabelInput {
  @Field(() => AssetRef, { nullable: true, description: 'The asset, and with it each of its versions.' })
  asset?: string | null;
  @Field(() => ID, { nullable: true, description: 'One version alone, in place of the asset.' })
  version?: string | null;
  @Field(() => String, { nullable: true, description: 'One field of the data set, by its name.' })
  field?: string | null;
  @Field(() => String, { description: 'The dimension, by its name: `labelDimensions` lists them.' })
  dimension!: string;
  @Field(() => [String], {
    description:
      'The value: one level, time, number or expression of SPDX; or codes, of which there may be several. None says that there are none of a union.',
  })
  values!: string[];
  @Field(() => DateTime, { nullable: true, description: 'The time since which it holds; now, when not given.' })
  validFrom?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time until which it holds; without end, when not given.',
  })
  validUntil?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason, for who reads it later.' })
  reason?: string | null;
}

@InputType({ description: 'A label that does not hold.' })
export class WithdrawLabelInput {
  @Field(() => ID, { description: 'Id of what was declared.' })
  label!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time from which on it does not hold; when not given, it never did.',
  })
  from?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason.' })
  reason?: string | null;
}
