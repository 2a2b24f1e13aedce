import { Field, InputType } from 'type-graphql';
import { BigIntScalar, Json } from '../../graphql/scalars.js';
import { AssetRef } from '../model/ref.scalars.js';

@InputType({ description: 'The members that every version is published with.' })
export class PublishVersionInput {
  @Field(() => String, {
    description: 'The name of this version: 2026-11-23, v3, a commit. Unique for the asset.',
  })
  version!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Digest of the bytes, such as sha256:<64 hex digits>; of a folder as docs/training-protocol.md tells. Filled in where the server reads the data; one that differs is refused.',
  })
  digest?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The exact location of the data: an absolute path of the server or its `file:` URI in any spelling, kept as file:///data/in.csv; or the URI of another store, such as s3://bucket/in.csv.',
  })
  uri?: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its size in bytes; filled in as `digest`.' })
  bytes?: bigint | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: the answer is what would come of it, and nothing is done, kept or asked of anybody.',
  })
  dryRun?: boolean | null;
}

@InputType({ description: 'A state of a data set to publish.' })
export class PublishDatasetVersionInput extends PublishVersionInput {
  @Field(() => AssetRef, { description: 'The data set that the version is of.' })
  dataset!: string;
  @Field(() => BigIntScalar, {
    nullable: true,
    description:
      'The number of rows, without the header; of a CSV file filled in as `digest`, with the fields of a data set that has none.',
  })
  rowCount?: bigint | null;
}

@InputType({ description: 'A state of a model to publish, when it was not trained through Weftline.' })
export class PublishModelVersionInput extends PublishVersionInput {
  @Field(() => AssetRef, { description: 'The model that the version is of.' })
  model!: string;
  @Field(() => Json, {
    nullable: true,
    description:
      'The metrics: a JSON object with a number under each name, such as {"auc": 0.93}; what is no finite number as "NaN", "Infinity" or "-Infinity". Anything else is refused by its name.',
  })
  metrics?: Record<string, unknown> | null;
  @Field(() => Json, { nullable: true, description: 'The parameters of the training: a JSON object.' })
  parameters?: Record<string, unknown> | null;
}
