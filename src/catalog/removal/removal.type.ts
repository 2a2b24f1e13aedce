import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ChangeAssetInput } from '../assets/asset.input.js';
import { AssetType } from '../assets/asset.type.js';
import type { Asset } from '../model/asset.js';
import type { DryRun } from '../model/denied.js';
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

@InputType({
  description: 'Says that an asset is no longer used. It stays in history and lineage; nothing new may use it.',
})
export class RetireAssetInput extends ChangeAssetInput {
  @Field(() => Boolean, { defaultValue: true, description: 'false takes the retirement back.' })
  retired!: boolean;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: the answer is what would come of it, and nothing is done, kept or asked of anybody.',
  })
  dryRun?: boolean | null;
}

@ObjectType({ description: 'The asset after its retirement, or after that was taken back.' })
export class RetireAssetPayload {
  @Field(() => AssetType, { description: 'The asset, with its new revision; of a dry run as it is.' })
  asset!: Asset;
  dryRun!: DryRun | null;
}
