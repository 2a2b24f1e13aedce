import { createUnionType, Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import type { Version } from './version.js';

@ObjectType({ implements: [Node], description: 'An exact state of a data set. It never changes.' })
export class DatasetVersion extends Node {
  @Field(() => String, { description: 'The name of this version; unique for the data set.' })
  version!: string;
  @Field(() => String, { nullable: true, description: 'Digest of the bytes, such as sha256:…; null when not given.' })
  digest!: string | null;
  @Field(() => String, { nullable: true, description: 'The exact location of the data; null when not given.' })
  uri!: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Rows it has; null when not given.' })
  rowCount!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its size in bytes; null when not given.' })
  bytes!: bigint | null;
  @Field(() => DateTime, { description: 'The time when it was published.' })
  createdAt!: Date;
}

@ObjectType({ implements: [Node], description: 'An exact state of a model. It never changes.' })
export class ModelVersion extends Node {
  @Field(() => String, { description: 'The name of this version; unique for the model.' })
  version!: string;
  @Field(() => String, { nullable: true, description: 'Digest of the bytes, such as sha256:…; null when not given.' })
  digest!: string | null;
  @Field(() => String, { nullable: true, description: 'The exact location of the data; null when not given.' })
  uri!: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its size in bytes; null when not given.' })
  bytes!: bigint | null;
  @Field(() => Json, {
    description:
      'The metrics, by name; {} when nothing was measured. Each is a number, or "NaN", "Infinity" or "-Infinity"; what else an earlier release took, or a program wrote into its manifest, is shown as it was said.',
  })
  metrics!: Record<string, unknown>;
  @Field(() => Json, { description: 'The parameters of the training; {} when not given.' })
  parameters!: Record<string, unknown>;
  @Field(() => DateTime, { description: 'The time when it was published.' })
  createdAt!: Date;
}

export const DatasetVersionConnection = connectionOf(DatasetVersion, 'DatasetVersion');
export const ModelVersionConnection = connectionOf(ModelVersion, 'ModelVersion');

export const VersionUnion = createUnionType({
  name: 'Version',
  description: 'An exact state of a data set or model.',
  types: () => [DatasetVersion, ModelVersion] as const,
  resolveType: (value) => (value as unknown as Version).__typename,
});

@ObjectType({ description: 'The version as published.' })
export class PublishDatasetVersionPayload {
  @Field(() => DatasetVersion, { description: 'The new version.' })
  datasetVersion!: Version;
}

@ObjectType({ description: 'The version as published.' })
export class PublishModelVersionPayload {
  @Field(() => ModelVersion, { description: 'The new version.' })
  modelVersion!: Version;
}
