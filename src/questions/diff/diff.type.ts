import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Claim } from '../../lineage/statements/claim.js';
import { ClaimType } from '../../lineage/statements/claim.type.js';
import { LINEAGE_CLOCKS, type LineageClock } from './diff.js';
import type { Direction } from '../../lineage/trace/lineage.js';
import { CompletenessType, DirectionEnum, LineageEdgeType, LineageNodeType } from '../../lineage/trace/lineage.type.js';

const LineageClockEnum = enumOf('LineageClock', LINEAGE_CLOCKS, 'On which of the two clocks times are compared.', {
  AS_OF: 'Valid time: what was true at the one time and at the other, both as it is known at `knownAt`.',
  KNOWN_AT:
    'Transaction time: what had been recorded by the one time and by the other, both about what was true at `asOf`.',
});

@ObjectType('ChangedLineageEdge', {
  description: 'A flow that existed at both times, stated by different sources.',
})
export class ChangedLineageEdgeType {
  @Field(() => ID, { description: 'Key of the node the data comes from.' })
  source!: string;
  @Field(() => ID, { description: 'Key of the node the data goes to.' })
  target!: string;
  @Field(() => [ClaimType], { description: 'The principal who stated it at `from`.' })
  before!: Claim[];
  @Field(() => [ClaimType], { description: 'The principal who stated it at `to`.' })
  after!: Claim[];
}

@ObjectType('LineageDiff', { description: 'The differences of a lineage between two times.' })
export class LineageDiffType {
  @Field(() => [LineageEdgeType], {
    description: 'The flows it has at `to` and had not at `from`, as claimed at `to`.',
  })
  added!: LineageEdgeType[];
  @Field(() => [LineageEdgeType], {
    description: 'The flows it had at `from` and has not at `to`, as claimed at `from`.',
  })
  removed!: LineageEdgeType[];
  @Field(() => [ChangedLineageEdgeType], {
    description: 'The flows of both that a source began or ceased to state. None with an end that is hidden from you.',
  })
  changed!: ChangedLineageEdgeType[];
  @Field(() => [LineageNodeType], {
    description:
      'The assets these flows lie between, nearest first and as they were at `to`; the asset asked about, with depth 0, is one when a flow touches it. `depth` is that at `to`, or at `from` for what is reached no more.',
  })
  nodes!: LineageNodeType[];
  @Field(() => CompletenessType, {
    description:
      'The completeness of the comparison: what it leaves out, counted over all that is reached at one of the times.',
  })
  completeness!: CompletenessType;
}

@ArgsType()
export class LineageDiffArgs {
  @Field(() => AssetRef, { description: 'The asset whose lineage is compared.' })
  of!: string;
  @Field(() => DirectionEnum, { description: 'The direction in which the flow of data is followed.' })
  direction!: Direction;
  @Field(() => Int, { defaultValue: 5, description: 'The number of hops to follow, 1 to 10,000.' })
  depth!: number;
  @Field(() => DateTime, { description: 'The earlier time.' })
  from!: Date;
  @Field(() => DateTime, { description: 'The later time; not in the future.' })
  to!: Date;
  @Field(() => LineageClockEnum, { defaultValue: 'AS_OF', description: 'On which clock `from` and `to` are.' })
  clock!: LineageClock;
  @Field(() => DateTime, {
    nullable: true,
    description: 'On the clock KNOWN_AT: what was true at that time; now, when not given.',
  })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'On the clock AS_OF: what had been recorded by that time; now, when not given.',
  })
  knownAt?: Date | null;
}
