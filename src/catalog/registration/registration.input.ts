import { Field, InputType } from 'type-graphql';
import { Json } from '../../graphql/scalars.js';
import type { Visibility } from '../model/asset.js';
import { VisibilityEnum } from '../model/asset.enums.js';
import { FieldInput, OwnerInput, RegistersAttributes } from '../assets/asset.input.js';

@InputType({ description: 'The members that every asset is registered with.' })
export class RegisterAssetInput {
  @Field(() => String, {
    description: 'The namespace that the name lives in, after the OpenLineage naming rules.',
  })
  namespace!: string;
  @Field(() => String, { description: 'The name within the namespace.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'A description in a few sentences.' })
  description?: string | null;
  @Field(() => [String], { nullable: true, description: 'Free words to find it by. They are kept in small letters.' })
  tags?: string[] | null;
  @Field(() => Json, { nullable: true, description: 'Free key-value pairs: a JSON object.' })
  properties?: Record<string, unknown> | null;
  @Field(() => VisibilityEnum, {
    nullable: true,
    description: 'The visibility of the metadata; that of the namespace, when not given.',
  })
  visibility?: Visibility | null;
  @Field(() => [OwnerInput], { nullable: true, description: 'The owners, one OWNER at least; you, when not given.' })
  owners?: OwnerInput[] | null;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'true: refused with CONFLICT while there is an asset you may see, or one before it in the batch, that it could be taken for (`Asset.nearTwins`).',
  })
  strict?: boolean;
}

@InputType({ description: 'A data set to register.' })
@RegistersAttributes('DATASET')
export class RegisterDatasetInput extends RegisterAssetInput {
  @Field(() => [FieldInput], { nullable: true, description: 'Its fields, in order.' })
  fields?: FieldInput[] | null;
}

@InputType({ description: 'A transformation to register.' })
@RegistersAttributes('TRANSFORMATION')
export class RegisterTransformationInput extends RegisterAssetInput {}

@InputType({ description: 'A model to register.' })
@RegistersAttributes('MODEL')
export class RegisterModelInput extends RegisterAssetInput {}

@InputType({ description: 'A deployment to register.' })
@RegistersAttributes('DEPLOYMENT')
export class RegisterDeploymentInput extends RegisterAssetInput {}

@InputType({ description: 'One of a batch to register: exactly one of its members is given.' })
export class AssetToRegisterInput {
  @Field(() => RegisterDatasetInput, {
    nullable: true,
    description: 'A data set to register; null when the item is of another kind.',
  })
  dataset?: RegisterDatasetInput | null;
  @Field(() => RegisterTransformationInput, {
    nullable: true,
    description: 'A transformation to register; null when the item is of another kind.',
  })
  transformation?: RegisterTransformationInput | null;
  @Field(() => RegisterModelInput, {
    nullable: true,
    description: 'A model to register; null when the item is of another kind.',
  })
  model?: RegisterModelInput | null;
  @Field(() => RegisterDeploymentInput, {
    nullable: true,
    description: 'A deployment to register; null when the item is of another kind.',
  })
  deployment?: RegisterDeploymentInput | null;
}

@InputType({ description: 'Assets to register together.' })
export class RegisterAssetsInput {
  @Field(() => [AssetToRegisterInput], { description: 'The assets, one at least.' })
  assets!: AssetToRegisterInput[];
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'true: one transaction, of which nothing is kept when one of them cannot be registered. false: each stands for itself.',
  })
  allOrNothing!: boolean;
}
