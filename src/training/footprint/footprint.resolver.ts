import { Args, Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { FootprintService } from './footprint.service.js';
import * as type from './footprint.type.js';

@Resolver()
export class FootprintResolver {
  constructor(private readonly footprints: FootprintService) {}

  @Query(() => type.FootprintType, {
    complexity: 50,
    description:
      'Energy, carbon and processor time of all runs upstream of a version, or of all versions of a data set or model, or of all jobs of a team.',
  })
  footprint(
    @Ctx() { actor }: Context,
    @Args(() => type.FootprintArgs) args: type.FootprintArgs,
  ): Promise<type.FootprintType> {
    return this.footprints.of(actor, args);
  }
}
