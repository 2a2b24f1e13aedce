import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetKindEnum } from '../../catalog/model/asset.enums.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { PageInfo } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { CompletenessType } from '../../lineage/trace/lineage.type.js';
import type { ImpactScope } from './impact.js';
import type { Release } from '../../deployment/releases/release.js';
import { ReleaseType } from '../../deployment/releases/release.type.js';

@ArgsType()
export class ImpactArgs {
  @Field(() => [AssetRef], { description: 'The assets that change.' })
  of!: string[];
  @Field(() => Int, { defaultValue: 50, description: 'The number of hops to follow, 1 to 10,000.' })
  depth!: number;
  @Field(() => [AssetKindEnum], {
    nullable: true,
    description: 'List only these kinds. The walk goes through the others, and the counts are of all.',
  })
  kinds?: AssetKind[] | null;
  @Field(() => DateTime, { nullable: true, description: 'The valid time of the answer; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 50, description: 'Rows to return, nearest first: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
}

@ObjectType({ description: 'The number of affected assets of a kind.' })
export class KindCount {
  @Field(() => AssetKindEnum, { description: 'The kind of the assets that are counted.' })
  kind!: AssetKind;
  @Field(() => Int, { description: 'Affected assets of this kind that you may see, on all pages.' })
  count!: number;
}

@ArgsType()
export class AffectedOwnersArgs {
  @Field(() => Int, { defaultValue: 50, description: 'Rows to return, the owners of most first: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
}

@ObjectType({ description: 'An owner of affected assets, who should be notified.' })
export class AffectedOwnerEdge {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => Int, { description: 'The number of affected assets they own, of those that you may see.' })
  assets!: number;
  ownerId!: string;
}

@ObjectType({ description: 'A page of the owners of affected assets (Relay).' })
export class AffectedOwnerConnection {
  @Field(() => [AffectedOwnerEdge], { description: 'The owners, with how much of it is theirs.' })
  edges!: AffectedOwnerEdge[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'The number of all owners.' })
  totalCount!: number;
}

@ObjectType('AffectedEdge', {
  description: 'An asset that a change reaches. A hidden one shows only that it exists.',
})
export class AffectedEdgeType {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => ID, { description: 'Its id; an opaque key, stable within one answer and its pages, when it is hidden.' })
  key!: string;
  @Field(() => Int, { description: 'Hops from the nearest of the assets asked about.' })
  depth!: number;
  @Field(() => AssetType, { nullable: true, description: 'The asset; null when you may not see it.' })
  asset!: Asset | null;
  @Field(() => ReleaseType, {
    nullable: true,
    description:
      'The release that serves on it, if it is a deployment on which something does; as of `asOf`, when that is given.',
  })
  live!: Release | null;
}

@ObjectType('Impact', {
  description: 'The impact of a change of some assets downstream: the assets, their owners, what serves on them.',
})
export class ImpactType {
  @Field(() => [KindCount], { description: 'The number of each kind that you may see, over all pages and all kinds.' })
  kinds!: KindCount[];
  owners!: AffectedOwnerConnection;
  @Field(() => [AffectedEdgeType], { description: 'The assets that are reached, nearest first.' })
  edges!: AffectedEdgeType[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Distinct assets reached within the depth, of all kinds, hidden ones included.' })
  totalCount!: number;
  @Field(() => CompletenessType, { description: 'The completeness of this answer: what it leaves out.' })
  completeness!: CompletenessType;
  scope!: ImpactScope;
}
