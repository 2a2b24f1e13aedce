import { Field, ID, ObjectType } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetType } from '../../catalog/assets/asset.type.js';

@ObjectType('DenialReason', { description: 'One reason why something was denied.' })
export class DenialReasonType {
  @Field(() => String, {
    description: 'The rule, for programs: ACTION_NOT_GRANTED, ASSET_RETIRED, QUOTA, POLICY:<id of the policy>, POLICY.',
  })
  rule!: string;
  @Field(() => String, { description: 'The reason, for people: what is in the way and what to do.' })
  message!: string;
  @Field(() => AssetType, { nullable: true, description: 'The asset it is about; null when none.' })
  asset!: Asset | null;
  @Field(() => ID, {
    nullable: true,
    description: 'Id of the decision by policies that says so; null: it is none of theirs, or only planned.',
  })
  policyDecision?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the approval that is waited for; null: none is.' })
  policyApproval?: string | null;
}
