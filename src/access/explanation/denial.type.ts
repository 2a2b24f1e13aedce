import { Field, ObjectType } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetType } from '../../catalog/assets/asset.type.js';

@ObjectType('DenialReason', { description: 'One reason why something was denied.' })
export class DenialReasonType {
  @Field(() => String, { description: 'The rule, for programs: ACTION_NOT_GRANTED, ASSET_RETIRED, QUOTA.' })
  rule!: string;
  @Field(() => String, { description: 'The reason, for people: what is in the way and what to do.' })
  message!: string;
  @Field(() => AssetType, { nullable: true, description: 'The asset it is about; null when none.' })
  asset!: Asset | null;
}
