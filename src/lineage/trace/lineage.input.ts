import { ArgsType, Field, InputType, Int } from 'type-graphql';
import { AssetKindEnum } from '../../catalog/model/asset.enums.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import { DateTime } from '../../graphql/scalars.js';

@InputType({
  description:
    'Noise: an asset of which one of these is true. It is passed through and not shown; a hidden one never is.',
})
export class LineageIgnoreInput {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'It is of one of these kinds.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], { nullable: true, description: 'It has one of these tags.' })
  tags?: string[] | null;
  @Field(() => [AssetRef], { nullable: true, description: 'It is one of these assets.' })
  refs?: string[] | null;
}

@InputType({
  description:
    'The conditions to stop at: an asset of which one of these is true is shown, and not walked beyond; a hidden one never is.',
})
export class LineageUntilInput {
  @Field(() => [AssetKindEnum], { nullable: true, description: 'It is of one of these kinds.' })
  kinds?: AssetKind[] | null;
  @Field(() => [String], { nullable: true, description: 'It has one of these tags.' })
  tags?: string[] | null;
  @Field(() => [String], { nullable: true, description: 'One of these principals owns it: their ids.' })
  owners?: string[] | null;
}

@ArgsType()
export class LineageArgs {
  @Field(() => Int, { defaultValue: 5, description: 'The number of hops to follow, 1 to 10,000.' })
  depth!: number;
  @Field(() => DateTime, { nullable: true, description: 'The valid time of the answer; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => [AssetKindEnum], {
    nullable: true,
    description: 'Show only these kinds. The walk goes through the others.',
  })
  kinds?: AssetKind[] | null;
  @Field(() => LineageIgnoreInput, {
    nullable: true,
    description: 'Noise to leave out: edges bridge over it, and it counts as hops.',
  })
  ignore?: LineageIgnoreInput | null;
  @Field(() => LineageUntilInput, {
    nullable: true,
    description: 'The conditions to stop at before the depth is reached.',
  })
  until?: LineageUntilInput | null;
  @Field(() => Int, { defaultValue: 200, description: 'Nodes to return, nearest first: 1 to 1,000.' })
  first!: number;
  @Field(() => String, {
    nullable: true,
    description: 'Return nodes after this cursor, of an earlier page of the same question.',
  })
  after?: string | null;
}
