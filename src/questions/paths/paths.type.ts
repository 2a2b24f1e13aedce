import { ArgsType, Extensions, Field, Int, ObjectType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';
import { LineageEdgeType, LineageNodeType } from '../../lineage/trace/lineage.type.js';

@ObjectType('LineagePath', {
  description: 'One way of data from an asset to another. It passes no asset twice; a hidden one keeps its place.',
})
export class LineagePathType {
  @Extensions({ listSize: 10 })
  @Field(() => [LineageNodeType], {
    description: 'The assets in order, both ends among them; `depth` counts from the first.',
  })
  nodes!: LineageNodeType[];
  @Extensions({ listSize: 10 })
  @Field(() => [LineageEdgeType], { description: 'The flows from each node to the next, with all that is claimed.' })
  edges!: LineageEdgeType[];
}

@ArgsType()
export class LineagePathsArgs {
  @Field(() => AssetRef, { description: 'The asset that the data comes from.' })
  from!: string;
  @Field(() => AssetRef, { description: 'The asset that the data ends up in; another asset than `from`.' })
  to!: string;
  @Field(() => DateTime, { nullable: true, description: 'The valid time of the answer; now, when not given.' })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 1, description: 'Paths to return, shortest first: 1 to 50.' })
  first!: number;
}
