import { Field, Int, InterfaceType, ObjectType } from 'type-graphql';
import { AssetKindEnum, VisibilityEnum } from '../model/asset.enums.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime, Json } from '../../graphql/scalars.js';
import { Urn } from '../model/ref.scalars.js';
import type { Asset, Visibility } from '../model/asset.js';
import type { AttributesOf, CodeRef } from '../model/attributes.js';
import type { AssetKind } from '../model/urn.js';

@InterfaceType('Asset', {
  implements: [Node],
  description: 'The thing that people own and browse: a data set, a transformation, a model or a deployment.',
  resolveType: (value: Asset) => value.__typename,
})
export abstract class AssetType extends Node {
  @Field(() => Urn, { description: 'The natural key. A rename gives a new one; the old keeps resolving.' })
  urn!: string;
  @Field(() => AssetKindEnum, { description: 'The kind.' })
  kind!: AssetKind;
  @Field(() => String, {
    description: 'The namespace that the name lives in, after the OpenLineage naming rules: a scheme and authority.',
  })
  namespace!: string;
  @Field(() => String, { description: 'The name within the namespace.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'A description in a few sentences; null when nobody said.' })
  description!: string | null;
  @Field(() => [String], { description: 'Free words to find it by.' })
  tags!: string[];
  @Field(() => Json, { description: 'Free key-value pairs, as one JSON object.' })
  properties!: Record<string, unknown>;
  @Field(() => VisibilityEnum, { description: 'The visibility of the metadata.' })
  visibility!: Visibility;
  @Field(() => Boolean, { description: 'It follows the visibility of its namespace; false: it has one of its own.' })
  visibilityInherited!: boolean;
  @Field(() => DateTime, { description: 'The time when it was registered.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'The time when it last changed.' })
  updatedAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which it is no longer used; null while it is.',
  })
  retiredAt!: Date | null;
  @Field(() => Int, {
    description:
      'Grows by one with each change; send it back as `ifRevision` to notice a concurrent edit (STALE_REVISION).',
  })
  revision!: number;
}

@ObjectType('Field', { implements: [Node], description: 'A field (column) of a data set.' })
export class FieldType extends Node {
  @Field(() => String, { description: 'The name, with the whole path of a nested field: `address.city`.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'The type as the producer writes it; null when unknown.' })
  type!: string | null;
  @Field(() => String, { nullable: true, description: 'The meaning of the field; null when nobody said.' })
  description!: string | null;
  @Field(() => Int, { description: 'Position in the data set, from 1.' })
  ordinal!: number;
}

@ObjectType('CodeRef', { description: 'The location of the code of a transformation.' })
export class CodeRefType implements CodeRef {
  @Field(() => String, { nullable: true, description: 'Repository, as a URL; null when unknown.' })
  repository!: string | null;
  @Field(() => String, { nullable: true, description: 'Commit, tag or digest; null when unknown.' })
  revision!: string | null;
  @Field(() => String, { nullable: true, description: 'Path within the repository; null when it is the whole.' })
  path!: string | null;
  @Field(() => String, { nullable: true, description: 'Container image with its digest; null when there is none.' })
  image!: string | null;
}

@ObjectType({ implements: [AssetType, Node], description: 'Data that is kept: a table, a folder of files, a stream.' })
export class Dataset extends AssetType implements AttributesOf<'DATASET'> {
  @Field(() => String, { nullable: true, description: 'The format: csv, parquet, a table; null when unknown.' })
  format!: string | null;
  @Field(() => String, { nullable: true, description: 'The location of the data; null when it was not said.' })
  uri!: string | null;
  @Field(() => Int, {
    nullable: true,
    description: 'The retention of its data, in days; null when nothing was decided.',
  })
  retentionDays!: number | null;
}

@ObjectType({
  implements: [AssetType, Node],
  description: 'Code that turns data or models into data or models (an OpenLineage job). Its executions are runs.',
})
export class Transformation extends AssetType implements AttributesOf<'TRANSFORMATION'> {
  @Field(() => CodeRefType, { nullable: true, description: 'The location of its code; null when it was not said.' })
  codeRef!: CodeRef | null;
}

@ObjectType({ implements: [AssetType, Node], description: 'A trained model; its versions are what gets deployed.' })
export class Model extends AssetType implements AttributesOf<'MODEL'> {
  @Field(() => String, { nullable: true, description: 'The task: classification, ranking; null when not said.' })
  task!: string | null;
  @Field(() => String, { nullable: true, description: 'SPDX licence expression; null when not said.' })
  license!: string | null;
}

@ObjectType({ implements: [AssetType, Node], description: 'A place where a model serves.' })
export class Deployment extends AssetType implements AttributesOf<'DEPLOYMENT'> {
  @Field(() => String, { description: 'The environment: production, staging.' })
  environment!: string;
  @Field(() => String, { nullable: true, description: 'The address where it answers; null when not said.' })
  endpoint!: string | null;
}

export const AssetConnection = connectionOf(AssetType, 'Asset');
