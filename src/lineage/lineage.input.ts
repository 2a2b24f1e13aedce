import { ArgsType, Field, Int } from 'type-graphql';
import { AssetKindEnum } from '../catalog/asset.enums.js';
import { DateTime } from '../graphql/scalars.js';
import type { AssetKind } from '../catalog/urn.js';

@ArgsType()
export class LineageArgs {
  @Field(() => Int, { defaultValue: 5, description: 'How many hops to go, 1 to 50.' })
  depth!: number;
  @Field(() => DateTime, { nullable: true, description: 'What was true at that time; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'What had been recorded by that time; now, when not given.' })
  knownAt?: Date | null;
  @Field(() => [AssetKindEnum], {
    nullable: true,
    description: 'Show only these kinds. The walk goes through the others.',
  })
  kinds?: AssetKind[] | null;
  @Field(() => Int, { defaultValue: 200, description: 'Nodes to return, nearest first: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return nodes after this cursor.' })
  after?: string | null;
}
