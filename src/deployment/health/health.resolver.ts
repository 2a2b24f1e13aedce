import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { Deployment } from '../../catalog/assets/asset.type.js';
import type { Context } from '../../graphql/context.js';
import type { Release } from '../releases/release.js';
import type { ReleaseService } from '../releases/release.service.js';
import { ReleaseType } from '../releases/release.type.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { Health } from './health.js';
import { ReportHealthInput } from './health.input.js';
import type { HealthService } from './health.service.js';
import { DeploymentHealthType, ReportHealthPayload } from './health.type.js';

@Resolver()
export class HealthReportResolver {
  constructor(private readonly health: HealthService) {}

  @Mutation(() => ReportHealthPayload, {
    description:
      'Reports how a deployment is: a heartbeat. A token with the scope HEALTH can do this and nothing else.',
  })
  async reportHealth(
    @Ctx() { actor }: Context,
    @Arg('input', () => ReportHealthInput, { description: 'The deployment, and its heartbeat.' })
    input: ReportHealthInput,
  ): Promise<ReportHealthPayload> {
    const { health, changed } = await this.health.report(actor, input);
    return { state: health.state, at: health.at, changed };
  }
}

@Resolver(() => Deployment)
export class DeploymentHealthResolver {
  constructor(private readonly service: HealthService) {}

  @FieldResolver(() => DeploymentHealthType, {
    nullable: true,
    description: 'The last report of its monitor; null when there was none. Not told to an auditor session.',
  })
  async health(@Root() deployment: Asset, @Ctx() { actor, loaders }: Context): Promise<Health | null> {
    return (await loaders.find('deployment.health', deployment.id, (ids) => this.service.of(actor, ids))) ?? null;
  }
}

@Resolver(() => DeploymentHealthType)
export class HealthFieldsResolver {
  constructor(
    private readonly service: HealthService,
    private readonly releases: ReleaseService,
    private readonly principals: PrincipalService,
  ) {}

  @FieldResolver(() => Boolean, {
    description: 'No heartbeat came for longer than WEFTLINE_HEARTBEAT_SECONDS: how it is now, nobody knows.',
  })
  stale(@Root() health: Health, @Ctx() { actor }: Context): boolean {
    return this.service.isStale(actor, health);
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who reported it.' })
  reportedBy(@Root() health: Health, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', health.reportedById, (ids) => this.principals.byIds(actor, ids));
  }

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description:
      'The release that served when it was reported, which may have been replaced since; null when nothing did.',
  })
  async release(@Root() { releaseId }: Health, @Ctx() { actor, loaders }: Context): Promise<Release | null> {
    if (releaseId === null) return null;
    return (await loaders.find('release', releaseId, (ids) => this.releases.byIds(actor, ids))) ?? null;
  }
}
