import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { TeamType } from '../../principals/accounts/principal.type.js';
import { LaunchTrainingInput } from '../jobs/job.input.js';
import type { LaunchPlanner } from './launch-plan.service.js';
import * as type from './launch-plan.type.js';
import type { Launcher } from '../../launchers/port/launcher.js';
import { usageOf } from '../quotas/quota.resolver.js';

@Resolver(() => type.TrainingPlanType)
export class LaunchPlanResolver {
  constructor(
    private readonly planner: LaunchPlanner,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => type.TrainingPlanType, {
    complexity: 20,
    description:
      'The plan of a launch: what launchTraining would answer to this input, without doing it: rights, quotas, launcher, inputs. Errors are those of the launch.',
  })
  async planTraining(
    @Ctx() { actor }: Context,
    @Arg('input', () => LaunchTrainingInput, { description: 'The training as it would be launched.' })
    input: LaunchTrainingInput,
  ): Promise<type.TrainingPlanType> {
    const { choice, quotas, ...plan } = await this.planner.plan(actor, input);
    return {
      ...plan,
      launcher: planned(choice.launcher, choice.unavailable),
      passedOver: choice.passedOver
        .filter(({ launcher }) => launcher !== choice.launcher)
        .map(({ launcher, why }) => planned(launcher, why)),
      quotas: quotas.map(({ before, after }) => ({ quota: before, before: usageOf(before), after: usageOf(after) })),
    };
  }

  @FieldResolver(() => TeamType, { nullable: true, description: 'The team it would be charged to; null: none.' })
  async team(@Root() { teamId }: type.TrainingPlanType, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    if (teamId === null) return null;
    return loaders.get('principal', teamId, (ids) => this.principals.byIds(actor, ids));
  }
}

function planned({ name, kind }: Launcher, message: string | null): type.PlannedLauncher {
  return { name, kind, available: message === null, message };
}
