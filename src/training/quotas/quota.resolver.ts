import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { Principal, Team } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { TeamType } from '../../principals/accounts/principal.type.js';
import { leftOf, type QuotaStanding } from './quota.js';
import type { QuotaService } from './quota.service.js';
import * as type from './quota.type.js';
import type { TrainingJob } from '../jobs/job.js';
import { TrainingJobType } from '../jobs/job.type.js';

@Resolver()
export class QuotaResolver {
  constructor(private readonly quotas: QuotaService) {}

  @Query(() => [type.QuotaType], {
    name: 'quotas',
    description:
      'The quotas of your teams by name, of all teams for an ADMIN or AUDITOR. An auditor session sees none: how they were set is in the audit log.',
  })
  listQuotas(@Ctx() { actor }: Context): Promise<QuotaStanding[]> {
    return this.quotas.list(actor);
  }

  @Mutation(() => type.SetQuotaPayload, {
    description:
      'Sets what the jobs of a team may take, or takes that away; needs the ADMIN role. Jobs that are open stay, also beyond a quota that was lowered.',
  })
  async setQuota(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetQuotaInput, { description: 'The team and its quota.' }) input: type.SetQuotaInput,
  ): Promise<type.SetQuotaPayload> {
    return { quota: await this.quotas.set(actor, input) };
  }
}

@Resolver(() => type.QuotaType)
export class QuotaFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => TeamType, { description: 'The team that the quota limits.' })
  team(@Root() quota: QuotaStanding, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', quota.teamId, (ids) => this.principals.byIds(actor, ids));
  }

  @FieldResolver(() => type.QuotaUsage, { description: 'The amount that is taken of it now.' })
  usage(@Root() quota: QuotaStanding): type.QuotaUsage {
    return usageOf(quota);
  }
}

@Resolver(() => TeamType)
export class TeamQuotasResolver {
  constructor(private readonly service: QuotaService) {}

  @FieldResolver(() => [type.QuotaType], {
    nullable: true,
    description: 'The quotas of its jobs; null when you are neither in it nor ADMIN or AUDITOR.',
  })
  quotas(@Root() team: Team, @Ctx() { actor, loaders }: Context): Promise<QuotaStanding[] | null> {
    return loaders.get('team.quotas', team.id, (ids) => this.service.ofTeams(actor, ids));
  }
}

@Resolver(() => TrainingJobType)
export class JobTeamResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => TeamType, { nullable: true, description: 'The team it is charged to; null: none.' })
  async team(@Root() job: TrainingJob, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    if (job.teamId === null) return null;
    return loaders.get('principal', job.teamId, (ids) => this.principals.byIds(actor, ids));
  }
}

/** A quota as it stands, in the words of the schema. */
export function usageOf(quota: QuotaStanding): type.QuotaUsage {
  const { from, until, openGpus, usedGpuSeconds, reservedGpuSeconds } = quota.use;
  const left = leftOf(quota);
  return {
    ...{ from, until, runningGpus: openGpus },
    ...{ usedGpuHours: usedGpuSeconds / 3600, reservedGpuHours: reservedGpuSeconds / 3600 },
    ...{ leftGpus: left.gpus, leftGpuHours: left.gpuHours },
  };
}
