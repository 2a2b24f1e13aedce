import { ArgsType, Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';

@ArgsType()
export class FootprintArgs {
  @Field(() => AssetRef, {
    nullable: true,
    description:
      'Id of a data set or model version, or a data set or model by its id or URN: all its versions together.',
  })
  of?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of a team: all jobs charged to it. Instead of `of`.' })
  team?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Runs that ended at this time or later; all, when not given.' })
  from?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Runs that ended before this time; all, when not given.' })
  to?: Date | null;
}

@ObjectType('Footprint', {
  description:
    'The energy and carbon of the runs behind something together, each counted once and wholly, however many ways lead to it. Only runs whose transformation you may see; how many others there are stands in `hiddenRuns`.',
})
export class FootprintType {
  @Field(() => Int, { description: 'Runs that you may see.' })
  runs!: number;
  @Field(() => Int, { description: 'The number of these runs whose energy was measured, if not in all of their time.' })
  measuredRuns!: number;
  @Field(() => Int, { description: 'The number of these runs whose energy could only be estimated.' })
  estimatedRuns!: number;
  @Field(() => Int, {
    description:
      'The number of these runs of whose energy nothing is known, such as those reported from outside: they add nothing to the sums.',
  })
  unknownRuns!: number;
  @Field(() => Int, { description: 'Further runs that you may not see: they add nothing to the sums.' })
  hiddenRuns!: number;
  @Field(() => Float, { description: 'GPUs times seconds they were held.' })
  gpuSeconds!: number;
  @Field(() => Float, { description: 'CPU seconds, where they were measured.' })
  cpuSeconds!: number;
  @Field(() => Float, { nullable: true, description: 'Energy in joules; null when of no run anything is known.' })
  energyJoules!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Grams of CO2 equivalents, by the intensity of the grid that is configured now; null without it, or without `energyJoules`.',
  })
  carbonGrams!: number | null;
}
