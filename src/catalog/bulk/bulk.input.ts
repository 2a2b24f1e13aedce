import { Field, InputType, Int } from 'type-graphql';
import { Json } from '../../graphql/scalars.js';
import { AssetFilter, ChangesAttributes } from '../assets/asset.input.js';
import { VisibilityEnum } from '../model/asset.enums.js';
import type { Visibility } from '../model/asset.js';

@InputType({ description: 'The part of the matching assets that a call is for.' })
abstract class BulkInput {
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'true: nothing is changed; the answer tells what would be.',
  })
  dryRun!: boolean;
  @Field(() => Int, {
    nullable: true,
    description:
      'The number of assets that match, as you have counted it (`matchedCount` of a dry run): another number is refused with CONFLICT. Checked on the first page.',
  })
  expectedCount?: number | null;
  @Field(() => Int, { defaultValue: 200, description: 'Assets to look at in this call: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Go on after this `endCursor` of the call before.' })
  after?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The change of each asset: a member that is absent stays, null clears.' })
@ChangesAttributes()
export class AssetsChangeInput {
  @Field(() => String, { nullable: true, description: 'A description for people.' })
  description?: string | null;
  @Field(() => [String], { nullable: true, description: 'Tags to put to each, besides those it has.' })
  addTags?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'Tags to take from each.' })
  removeTags?: string[] | null;
  @Field(() => Json, {
    nullable: true,
    description: 'Properties to put to each, besides those it has; one that is null is taken away.',
  })
  mergeProperties?: Record<string, unknown> | null;
  @Field(() => VisibilityEnum, {
    nullable: true,
    description:
      'The visibility of the metadata; null: from now on that of the namespace. Needs MANAGE_OWNERS or to be a STEWARD.',
  })
  visibility?: Visibility | null;
}

@InputType({ description: 'A change of all assets that match.' })
export class UpdateAssetsInput extends BulkInput {
  @Field(() => AssetFilter, { description: 'The assets to change, of those that you may see.' })
  filter!: AssetFilter;
  @Field(() => AssetsChangeInput, { description: 'The change of each.' })
  change!: AssetsChangeInput;
}

@InputType({ description: 'A tag to be called otherwise.' })
export class RenameTagInput extends BulkInput {
  @Field(() => String, { description: 'The tag as it is.' })
  tag!: string;
  @Field(() => String, {
    description: 'The tag that stands in its place from now on; assets that have both keep it once.',
  })
  newTag!: string;
  @Field(() => AssetFilter, { nullable: true, description: 'Only on assets that match; all, when not given.' })
  filter?: AssetFilter | null;
}
