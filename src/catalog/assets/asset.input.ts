import { Field, ID, InputType, Int } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import type { GraphQLScalarType } from 'graphql';
import { AssetKindEnum, VisibilityEnum } from '../model/asset.enums.js';
import { Json } from '../../graphql/scalars.js';
import { AssetRef } from '../model/ref.scalars.js';
import type { Visibility } from '../model/asset.js';
import type { AttributesOf } from '../model/attributes.js';
import { ASSET_KINDS, type AssetKind } from '../model/urn.js';

const OWNER_ROLES = ['OWNER', 'STEWARD'] as const;
export type OwnerRole = (typeof OWNER_ROLES)[number];

export const OwnerRoleEnum = enumOf('OwnerRole', OWNER_ROLES, 'The role in which a principal owns an asset.', {
  OWNER: 'Answers for it: may do everything and decides who else may.',
  STEWARD: 'Takes care of the metadata.',
});

@InputType({ description: 'An owner an asset shall have.' })
export class OwnerInput {
  @Field(() => ID, { description: 'Id of a user or team.' })
  owner!: string;
  @Field(() => OwnerRoleEnum, { defaultValue: 'OWNER', description: "The owner's role." })
  role!: OwnerRole;
}

@InputType({ description: 'A field (column) of a data set.' })
export class FieldInput {
  @Field(() => String, {
    description:
      'The name, unique in the data set. The path of a nested field joins its parts with dots; the values of an array are `element`, those of a map `key` and `value`; a dot that is part of a name stands between backticks: `` `unit.price`.amount ``.',
  })
  name!: string;
  @Field(() => String, { nullable: true, description: 'The type as the producer writes it.' })
  type?: string | null;
  @Field(() => String, { nullable: true, description: 'The meaning of the field.' })
  description?: string | null;
}

@InputType({ description: 'The location of the code of a transformation.' })
class CodeRefInput {
  @Field(() => String, { nullable: true, description: 'Repository, as a URL.' })
  repository?: string | null;
  @Field(() => String, { nullable: true, description: 'Commit, tag or digest.' })
  revision?: string | null;
  @Field(() => String, { nullable: true, description: 'Path within the repository.' })
  path?: string | null;
  @Field(() => String, { nullable: true, description: 'Container image with its digest.' })
  image?: string | null;
}

interface AttributeInput {
  type: () => GraphQLScalarType | typeof String | typeof Int | typeof CodeRefInput;
  description: string;
  /** It has to be given when the asset is registered. */
  required?: true;
}

/** How each attribute is given, when an asset is registered as when it is changed. */
const ATTRIBUTE_INPUTS: { [K in AssetKind]: { [Name in keyof AttributesOf<K>]: AttributeInput } } = {
  DATASET: {
    format: { type: () => String, description: 'The format: csv, parquet.' },
    uri: { type: () => String, description: 'The location of the data.' },
    retentionDays: {
      type: () => Int,
      description: 'The retention of its data, in days: 1 to 36,500; null: nothing was decided.',
    },
  },
  TRANSFORMATION: { codeRef: { type: () => CodeRefInput, description: 'The location of its code.' } },
  MODEL: {
    task: { type: () => String, description: 'The task: classification, ranking.' },
    license: { type: () => String, description: 'SPDX licence expression.' },
  },
  DEPLOYMENT: {
    environment: { type: () => String, required: true, description: 'The environment: production, staging.' },
    endpoint: { type: () => String, description: 'The address where it answers.' },
  },
};
const KIND_IN_WORDS: Readonly<Record<AssetKind, string>> = {
  DATASET: 'Data set',
  TRANSFORMATION: 'Transformation',
  MODEL: 'Model',
  DEPLOYMENT: 'Deployment',
};

/** Gives an input what an asset of the kind is registered with besides what all have. */
export function RegistersAttributes(kind: AssetKind): ClassDecorator {
  return ({ prototype }) => {
    for (const [name, { type, description, required }] of inputsOf(kind))
      Field(type, { nullable: required !== true, description })(prototype as object, name);
  };
}

/** Gives an input what can be changed of assets of each kind. */
export function ChangesAttributes(): ClassDecorator {
  return ({ prototype }) => {
    for (const kind of ASSET_KINDS)
      for (const [name, { type, description }] of inputsOf(kind)) {
        const words = /^[A-Z][a-z]/.test(description)
          ? `${description[0]?.toLowerCase() ?? ''}${description.slice(1)}`
          : description;
        Field(type, { nullable: true, description: `${KIND_IN_WORDS[kind]} only: ${words}` })(
          prototype as object,
          name,
        );
      }
  };
}

const inputsOf = (kind: AssetKind): [string, AttributeInput][] => Object.entries(ATTRIBUTE_INPUTS[kind]);

@InputType({ description: 'The asset to change, the revision it was seen at, and the reason.' })
export class ChangeAssetInput {
  @Field(() => AssetRef, { description: 'The asset to change.' })
  ref!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'The revision you have seen; another one is answered STALE_REVISION.',
  })
  ifRevision?: number | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'Changes to an asset: what is absent stays, null clears.' })
@ChangesAttributes()
export class UpdateAssetInput extends ChangeAssetInput {
  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description?: string | null;
  @Field(() => [String], {
    nullable: true,
    description: 'All its tags: they replace those it has. Upper and lower case are alike.',
  })
  tags?: string[] | null;
  @Field(() => Json, { nullable: true, description: 'All its properties: they replace those it has.' })
  properties?: Record<string, unknown> | null;
  @Field(() => VisibilityEnum, {
    nullable: true,
    description: 'The visibility of the metadata; null: from now on that of the namespace.',
  })
  visibility?: Visibility | null;
  @Field(() => [FieldInput], {
    nullable: true,
    description: 'Data set only: all its fields, in order. A name that stays keeps its id.',
  })
  fields?: FieldInput[] | null;
}

@InputType({ description: 'A new name for an asset. Its id stays, and its former urns keep resolving.' })
export class RenameAssetInput extends ChangeAssetInput {
  @Field(() => String, { nullable: true, description: 'The new namespace; the present one when not given.' })
  namespace?: string | null;
  @Field(() => String, { description: 'The new name.' })
  name!: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'true: refused with CONFLICT while there is an asset you may see that it could be taken for (`Asset.nearTwins`).',
  })
  strict!: boolean;
}

@InputType({ description: 'Tags to put to an asset, or to take from it; those that are not named stay.' })
export class ChangeTagsInput extends ChangeAssetInput {
  @Field(() => [String], { description: 'The tags.' })
  tags!: string[];
}

@InputType({
  description: 'Conditions on the assets of a list, which have to hold together. What is absent does not restrict.',
})
export class AssetFilter {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'Of one of these kinds.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], { nullable: true, description: 'In one of these namespaces.' })
  namespaces?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'With all of these tags, upper and lower case alike.' })
  tags?: string[] | null;
  @Field(() => [ID], { nullable: true, description: 'Owned by one of these users or teams.' })
  owners?: string[] | null;
  @Field(() => String, { nullable: true, description: 'With this text in the name, upper and lower case alike.' })
  nameContains?: string | null;
  @Field(() => Int, { nullable: true, description: 'Data sets that are kept for at least so many days.' })
  minRetentionDays?: number | null;
  @Field(() => Int, { nullable: true, description: 'Data sets that are kept for at most so many days.' })
  maxRetentionDays?: number | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Retired assets too.' })
  includeRetired!: boolean;
}
