import { Field, ID, InputType, Int } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { AssetKindEnum, VisibilityEnum } from '../model/asset.enums.js';
import { Json } from '../../graphql/scalars.js';
import { AssetRef } from '../model/ref.scalars.js';
import type { Visibility } from '../model/asset.js';
import type { AssetKind } from '../model/urn.js';

const OWNER_ROLES = ['OWNER', 'STEWARD'] as const;
export type OwnerRole = (typeof OWNER_ROLES)[number];

export const OwnerRoleEnum = enumOf('OwnerRole', OWNER_ROLES, 'In which way a principal owns an asset.', {
  OWNER: 'Answers for it: may do everything and decides who else may.',
  STEWARD: 'Takes care of the metadata.',
});

@InputType({ description: 'An owner an asset shall have.' })
export class OwnerInput {
  @Field(() => ID, { description: 'Id of a user or team.' })
  owner!: string;
  @Field(() => OwnerRoleEnum, { defaultValue: 'OWNER', description: 'In which way they own it.' })
  role!: OwnerRole;
}

@InputType({ description: 'A field (column) of a data set.' })
export class FieldInput {
  @Field(() => String, { description: 'The name; nested fields join their parts with dots. Unique in the data set.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'The type as the producer writes it.' })
  type?: string | null;
  @Field(() => String, { nullable: true, description: 'What it means.' })
  description?: string | null;
}

@InputType({ description: 'Where the code of a transformation is.' })
export class CodeRefInput {
  @Field(() => String, { nullable: true, description: 'Repository, as a URL.' })
  repository?: string | null;
  @Field(() => String, { nullable: true, description: 'Commit, tag or digest.' })
  revision?: string | null;
  @Field(() => String, { nullable: true, description: 'Path within the repository.' })
  path?: string | null;
  @Field(() => String, { nullable: true, description: 'Container image with its digest.' })
  image?: string | null;
}

@InputType({ description: 'Which asset changes, seen at which revision, and why.' })
export class ChangeAssetInput {
  @Field(() => AssetRef, { description: 'Which asset.' })
  ref!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'The revision you have seen; another one is answered STALE_REVISION.',
  })
  ifRevision?: number | null;
  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'Changes to an asset: what is absent stays, null clears.' })
export class UpdateAssetInput extends ChangeAssetInput {
  @Field(() => String, { nullable: true, description: 'What it is.' })
  description?: string | null;
  @Field(() => [String], { nullable: true, description: 'All its tags: they replace those it has.' })
  tags?: string[] | null;
  @Field(() => Json, { nullable: true, description: 'All its properties: they replace those it has.' })
  properties?: Record<string, unknown> | null;
  @Field(() => VisibilityEnum, {
    nullable: true,
    description: 'Who may see the metadata; null: from now on that of the namespace.',
  })
  visibility?: Visibility | null;
  @Field(() => [FieldInput], {
    nullable: true,
    description: 'Data set only: all its fields, in order. A name that stays keeps its id.',
  })
  fields?: FieldInput[] | null;
  @Field(() => String, { nullable: true, description: 'Data set only: how it is written.' })
  format?: string | null;
  @Field(() => String, { nullable: true, description: 'Data set only: where the data lies.' })
  uri?: string | null;
  @Field(() => CodeRefInput, { nullable: true, description: 'Transformation only: where its code is.' })
  codeRef?: CodeRefInput | null;
  @Field(() => String, { nullable: true, description: 'Model only: what it is for.' })
  task?: string | null;
  @Field(() => String, { nullable: true, description: 'Model only: SPDX licence expression.' })
  license?: string | null;
  @Field(() => String, { nullable: true, description: 'Deployment only: which environment it is.' })
  environment?: string | null;
  @Field(() => String, { nullable: true, description: 'Deployment only: where it answers.' })
  endpoint?: string | null;
}

@InputType({ description: 'A new name for an asset. Its id stays, and its former urns keep resolving.' })
export class RenameAssetInput extends ChangeAssetInput {
  @Field(() => String, { nullable: true, description: 'The new namespace; the present one when not given.' })
  namespace?: string | null;
  @Field(() => String, { description: 'The new name.' })
  name!: string;
}

@InputType({
  description: 'Says that an asset is no longer used. It stays in history and lineage; nothing new may use it.',
})
export class RetireAssetInput extends ChangeAssetInput {
  @Field(() => Boolean, { defaultValue: true, description: 'false takes the retirement back.' })
  retired!: boolean;
}

@InputType({ description: 'Which assets a list holds: all conditions together. What is absent does not restrict.' })
export class AssetFilter {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'Of one of these kinds.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], { nullable: true, description: 'In one of these namespaces.' })
  namespaces?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'With all of these tags.' })
  tags?: string[] | null;
  @Field(() => [ID], { nullable: true, description: 'Owned by one of these users or teams.' })
  owners?: string[] | null;
  @Field(() => String, { nullable: true, description: 'With this text in the name, upper and lower case alike.' })
  nameContains?: string | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Retired assets too.' })
  includeRetired!: boolean;
}
