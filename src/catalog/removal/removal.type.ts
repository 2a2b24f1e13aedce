import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { AssetType } from '../assets/asset.type.js';
import type { Asset } from '../model/asset.js';
import { Urn } from '../model/ref.scalars.js';

@InputType({ description: 'A urn to be given back.' })
export class ReleaseUrnInput {
  @Field(() => Urn, { description: 'A former urn of an asset, or the present one of a retired asset.' })
  urn!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@ObjectType({ description: 'The asset after one of its urns was given back.' })
export class ReleaseUrnPayload {
  @Field(() => AssetType, { description: 'The asset; under another name, when it was its present one.' })
  asset!: Asset;
}

@ObjectType({ description: 'The outcome of a deletion.' })
export class DeleteAssetPayload {
  @Field(() => ID, { description: 'The id of the asset that is no more; the audit log knows it by this.' })
  deletedId!: string;
  @Field(() => [Urn], { description: 'The urns that it had, which may be taken now.' })
  releasedUrns!: string[];
}
