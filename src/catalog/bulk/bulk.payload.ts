import { Extensions, Field, Int, ObjectType } from 'type-graphql';
import { PageInfo } from '../../graphql/connection.type.js';
import { MAX_PAGE } from '../../graphql/page.js';
import { AssetType } from '../assets/asset.type.js';
import type { Asset } from '../model/asset.js';

@ObjectType({ description: 'An asset that was not changed, and why.' })
export class UnchangedAsset {
  @Field(() => AssetType, { description: 'The asset as it is.' })
  asset!: Asset;
  @Field(() => String, { description: 'FORBIDDEN, BAD_USER_INPUT, CONFLICT or NOT_FOUND, as for this asset alone.' })
  code!: string;
  @Field(() => String, { description: 'A message that says what happened, with which value, and what to do.' })
  message!: string;
}

@ObjectType({
  description: 'The outcome for the assets of this call, of all that match. Call again with `endCursor` for the rest.',
})
export class UpdateAssetsPayload {
  @Field(() => Int, { description: 'Assets that matched when this call began, of those that you may see.' })
  matchedCount!: number;
  @Field(() => Int, { description: 'Assets of this call that were changed; of a dry run: that would be.' })
  changedCount!: number;
  @Field(() => Int, { description: 'Assets of this call that are so already.' })
  unchangedCount!: number;
  @Extensions({ listSize: MAX_PAGE })
  @Field(() => [AssetType], { description: 'The assets that were changed; of a dry run: that would be, as they are.' })
  assets!: Asset[];
  @Extensions({ listSize: MAX_PAGE })
  @Field(() => [UnchangedAsset], { description: 'Assets of this call that cannot be changed, or not by you.' })
  refused!: UnchangedAsset[];
  @Field(() => PageInfo, { description: 'Whether more assets match after this call, and where they begin.' })
  pageInfo!: PageInfo;
}
