import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { decisionsBelow } from '../../governance/decisions/decision.resolver.js';
import type { DecisionReads } from '../../governance/decisions/decision-reads.service.js';
import { PolicyDecisionConnection } from '../../governance/decisions/decision.type.js';
import { PageArgs } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { TrainingJobType } from '../jobs/job.type.js';

@Resolver(() => TrainingJobType)
export class JobDecisionsResolver {
  constructor(private readonly decisions: DecisionReads) {}

  @FieldResolver(() => PolicyDecisionConnection, { description: 'The decision by policies that let it through.' })
  policyDecisions(@Root() job: { id: string }, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs) {
    return decisionsBelow(this.decisions, 'THAT_ALLOWED', job.id, context, args);
  }
}
