import { ArgsType, Field, Int, ObjectType, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetKindEnum } from '../../catalog/model/asset.enums.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { PageInfo } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Direction } from '../../lineage/trace/lineage.js';
import { DirectionEnum } from '../../lineage/trace/lineage.type.js';
import { ORPHAN_REASONS, type OrphanReason } from './lineage-gaps.js';

const OrphanReasonEnum = enumOf('OrphanReason', ORPHAN_REASONS, 'The lineage that an asset lacks.', {
  UNCONNECTED: 'Nothing feeds it, and it feeds nothing.',
  NO_UPSTREAM: 'It feeds something, and nothing says where it comes from.',
  NO_DOWNSTREAM: 'Something feeds it, and nothing says what it is for.',
});

@ArgsType()
export class OrphansArgs {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'Only these kinds; all, when not given.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], {
    nullable: true,
    description: 'Only assets that lie in one of these namespaces today; in all, when not given.',
  })
  namespaces?: string[] | null;
  @Field(() => DirectionEnum, {
    nullable: true,
    description:
      'UPSTREAM: what nothing feeds; DOWNSTREAM: what feeds nothing; BOTH: what does neither. When not given, what its kind must have: a data set either side, a transformation what it makes, a model what it was made by, a deployment what it serves.',
  })
  lacking?: Direction | null;
  @Field(() => DateTime, { nullable: true, description: 'The valid time of the answer; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 25, description: 'Rows to return: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
}

@ObjectType({ description: 'An asset that lacks lineage.' })
export class OrphanEdge {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => AssetType, { description: 'The asset that lacks lineage.' })
  node!: Asset;
  @Field(() => OrphanReasonEnum, { description: 'The side of its lineage that it lacks.' })
  reason!: OrphanReason;
}

@ObjectType({
  description:
    'Assets that lack lineage, those that you may see and that are not retired, in order of registration. A page looks at 20,000 assets at most: it may be short, even empty, while `hasNextPage` says that there are more.',
})
export class OrphanConnection {
  @Field(() => [OrphanEdge], { description: 'The assets with what they lack.' })
  edges!: OrphanEdge[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, {
    description: 'Orphans in the whole list; counted only when selected, by reading every asset within the time limit.',
  })
  totalCount(@Root() page: { countAll: () => Promise<number> }): Promise<number> {
    return page.countAll();
  }
}
