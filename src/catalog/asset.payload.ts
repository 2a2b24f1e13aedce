import { Field, ObjectType } from 'type-graphql';
import type { Asset } from './asset.js';
import { AssetType, Dataset, Deployment, Model, Transformation } from './asset.type.js';

@ObjectType({ description: 'The data set as registered.' })
export class RegisterDatasetPayload {
  @Field(() => Dataset, { description: 'The new data set.' })
  dataset!: Asset;
}

@ObjectType({ description: 'The transformation as registered.' })
export class RegisterTransformationPayload {
  @Field(() => Transformation, { description: 'The new transformation.' })
  transformation!: Asset;
}

@ObjectType({ description: 'The model as registered.' })
export class RegisterModelPayload {
  @Field(() => Model, { description: 'The new model.' })
  model!: Asset;
}

@ObjectType({ description: 'The deployment as registered.' })
export class RegisterDeploymentPayload {
  @Field(() => Deployment, { description: 'The new deployment.' })
  deployment!: Asset;
}

@ObjectType({ description: 'The asset after the change.' })
export class UpdateAssetPayload {
  @Field(() => AssetType, { description: 'The asset, with its new revision.' })
  asset!: Asset;
}
