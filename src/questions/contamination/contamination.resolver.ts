import { Arg, Args, ArgsType, Ctx, Field, ID, Int, Query, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { ContaminationService } from './contamination.service.js';
import { ContaminationType } from './contamination.type.js';

@ArgsType()
class ContaminationArgs {
  @Field(() => Int, { defaultValue: 50, description: 'Findings to return: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return findings after this cursor.' })
  after?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The valid time of the answer: what runs had read and made by then; now, when not given.',
  })
  asOf?: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
}

@Resolver()
export class ContaminationResolver {
  constructor(private readonly contaminations: ContaminationService) {}

  @Query(() => ContaminationType, {
    complexity: 200,
    description:
      'Whether what something is evaluated with had a part in its training: versions both come from, and the same bytes under another name. NOT_FOUND when one of the two is not there for you.',
  })
  async contamination(
    @Ctx() { actor }: Context,
    @Arg('train', () => ID, { description: 'Id of the trained version: of a model, or of a data set to train on.' })
    train: string,
    @Arg('evaluation', () => ID, { description: 'Id of the data set version it is evaluated with.' })
    evaluation: string,
    @Args(() => ContaminationArgs) { first, after = null, asOf, knownAt }: ContaminationArgs,
  ): Promise<ContaminationType> {
    const question = { train, evaluation, first, after, asOf, knownAt };
    const { hasNext, hasPrevious, ...found } = await this.contaminations.between(actor, question);
    const pageInfo = {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: found.findings[0]?.cursor ?? null,
      endCursor: found.findings.at(-1)?.cursor ?? null,
    };
    return { ...found, pageInfo };
  }
}
