import { ArgsType, Field, InputType, ObjectType } from 'type-graphql';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetKindEnum } from '../../catalog/model/asset.enums.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';

@ObjectType('UnownedAsset', {
  description:
    'An asset without an owner, such as one that events of OpenLineage brought into a namespace without owners.',
})
export class UnownedAssetType {
  @Field(() => AssetType, { description: 'The asset.' })
  asset!: Asset;
  @Field(() => DateTime, { description: 'The time since which it has no owner.' })
  since!: Date;
}

export const UnownedAssetConnection = connectionOf(UnownedAssetType, 'UnownedAsset');

@InputType({ description: 'A choice among the assets without an owner: all that is given must hold.' })
export class UnownedFilter {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'Of one of these kinds.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], { nullable: true, description: 'In one of these namespaces.' })
  namespaces?: string[] | null;
}

@ArgsType()
export class UnownedArgs extends PageArgs {
  @Field(() => UnownedFilter, { nullable: true, description: 'A choice among them; all, when not given.' })
  filter?: UnownedFilter | null;
}
