import { Field, ObjectType } from 'type-graphql';
import type { Asset } from '../model/asset.js';
import { AssetType } from './asset.type.js';

@ObjectType({ description: 'The asset after the change.' })
export class UpdateAssetPayload {
  @Field(() => AssetType, { description: 'The asset, with its new revision.' })
  asset!: Asset;
}
