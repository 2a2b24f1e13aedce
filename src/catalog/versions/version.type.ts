import { createUnionType, Field, ObjectType } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import { BigIntScalar, DateTime, Json } from '../../graphql/scalars.js';
import { CONTENT_STATES, type ContentState } from './content-check.js';
import type { DryRun } from '../model/denied.js';
import type { Version } from './version.js';

const ContentStateEnum = enumOf(
  'ContentState',
  CONTENT_STATES,
  'Whether the bytes of a version were seen when it was published.',
  {
    VERIFIED: 'Its data was read, and has the digest and size of the version.',
    NOT_VERIFIED: 'They are what the publisher says.',
  },
);

@ObjectType('ContentCheck', {
  description: 'Whether the data of a version was compared with what it is published with.',
})
export class ContentCheckType {
  @Field(() => ContentStateEnum, { description: 'Whether it was, and is the same.' })
  state!: ContentState;
  @Field(() => String, { nullable: true, description: 'For people: why it is not verified; null when it is.' })
  note!: string | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was looked at; null when it was not.' })
  at!: Date | null;
}

export const CONTENT_CHECK =
  'Whether the data was read when it was published, or when the job ended that made it. Whether a run read the same, `Run.inputChecks` tells.';

@ObjectType({ implements: [Node], description: 'An exact state of a data set. It never changes.' })
export class DatasetVersion extends Node {
  @Field(() => String, { description: 'The name of this version; unique for the data set.' })
  version!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Digest of the bytes, such as sha256:…; null when it is not known.',
  })
  digest!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The exact location of the data; of a file or folder of the server its `file:` URI. null when not given.',
  })
  uri!: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Rows it has; null when it is not known.' })
  rowCount!: bigint | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its size in bytes; null when it is not known.' })
  bytes!: bigint | null;
  @Field(() => DateTime, { description: 'The time when it was published.' })
  createdAt!: Date;
}

@ObjectType({ implements: [Node], description: 'An exact state of a model. It never changes.' })
export class ModelVersion extends Node {
  @Field(() => String, { description: 'The name of this version; unique for the model.' })
  version!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Digest of the bytes, such as sha256:…; null when it is not known.',
  })
  digest!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The exact location of the data; of a file or folder of the server its `file:` URI. null when not given.',
  })
  uri!: string | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'Its size in bytes; null when it is not known.' })
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
  @Field(() => DatasetVersion, { nullable: true, description: 'The new version; null: it was a dry run.' })
  datasetVersion!: Version | null;
  dryRun!: DryRun | null;
}

@ObjectType({ description: 'The version as published.' })
export class PublishModelVersionPayload {
  @Field(() => ModelVersion, { nullable: true, description: 'The new version; null: it was a dry run.' })
  modelVersion!: Version | null;
  dryRun!: DryRun | null;
}
