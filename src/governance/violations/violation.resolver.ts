import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root, Subscription } from 'type-graphql';
import { AssetType, Deployment } from '../../catalog/assets/asset.type.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { Release } from '../../deployment/releases/release.js';
import type { ReleaseService } from '../../deployment/releases/release.service.js';
import { ReleaseType } from '../../deployment/releases/release.type.js';
import { type Connection, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { DecisionReads } from '../decisions/decision-reads.service.js';
import type { SeenDecision } from '../decisions/decision.repository.js';
import { PolicyDecisionType } from '../decisions/decision.type.js';
import type { Violation } from './violation.js';
import type { ViolationEvent } from './violation.feed.js';
import type { ViolationReads } from './violation.service.js';
import * as type from './violation.type.js';

const LIST = 'violations';

@Resolver(() => type.ViolationType)
export class ViolationResolver {
  constructor(
    private readonly reads: ViolationReads,
    private readonly others: { assets: AssetService; releases: ReleaseService; decisions: DecisionReads },
  ) {}

  @Query(() => type.ViolationConnection, {
    description:
      'Violations of policies by what serves, on deployments that you may see; newest first. Those of a deployment that you may not see are not there.',
  })
  async violations(
    @Ctx() { actor }: Context,
    @Args(() => type.ViolationsArgs) args: type.ViolationsArgs,
  ): Promise<Connection<Violation>> {
    const page = pageOf(LIST, args);
    const id = args.deployment == null ? null : await this.reads.deploymentId(actor, args.deployment);
    if (args.deployment != null && id === null)
      return toConnection(LIST, page, { rows: [], more: false }, () => Promise.resolve(0));
    const filter = { deploymentId: id, policy: args.policy ?? null, state: args.state ?? null };
    return toConnection(LIST, page, await this.reads.list(actor, filter, page), () => this.reads.count(actor, filter));
  }

  @Query(() => type.ViolationType, {
    nullable: true,
    description: 'A violation; null when there is none, or you may not see the deployment.',
  })
  async violation(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the violation.' }) id: string,
  ): Promise<Violation | null> {
    return (await loaders.find('violation', id, (ids) => this.reads.byIds(actor, ids))) ?? null;
  }

  @Subscription(() => type.ViolationEventType, {
    description:
      'Violations that begin and end, on deployments that you may see. Give the cursor of the last event you have to go on from there; without `after` it begins now.',
    subscribe: ({ args, context }: { args: { after?: string | null }; context: Context }) =>
      context.feeds.violations.follow(context.actor, args, context.signal),
  })
  violationChanged(
    @Root() event: ViolationEvent,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last event you have.' })
    _after?: string | null,
  ): ViolationEvent {
    return event;
  }

  @FieldResolver(() => String, { nullable: true, description: 'The id of the policy; null: none permits it.' })
  policy(@Root() { policy }: Violation): string | null {
    return policy === '' ? null : policy;
  }

  @FieldResolver(() => AssetType, { nullable: true, description: 'The deployment; null when it is gone.' })
  async deployment(@Root() { deploymentId }: Violation, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', deploymentId, (ids) => this.others.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => ReleaseType, { nullable: true, description: 'The release; null when it is gone.' })
  async release(@Root() { releaseId }: Violation, @Ctx() { actor, loaders }: Context): Promise<Release | null> {
    return (await loaders.find('release', releaseId, (ids) => this.others.releases.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PolicyDecisionType, {
    nullable: true,
    description: 'The decision that found it, with facts and ways; null when it is gone.',
  })
  async decision(@Root() { decisionId }: Violation, @Ctx() { actor, loaders }: Context): Promise<SeenDecision | null> {
    return (await loaders.find('policyDecision', decisionId, (ids) => this.others.decisions.byIds(actor, ids))) ?? null;
  }
}

@Resolver(() => Deployment)
export class DeploymentViolationsResolver {
  constructor(private readonly reads: ViolationReads) {}

  @FieldResolver(() => type.ViolationConnection, { description: 'Violations of policies here, the newest first.' })
  async violations(
    @Root() { id }: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => type.DeploymentViolationsArgs) { policy = null, state = null, ...args }: type.DeploymentViolationsArgs,
  ): Promise<Connection<Violation>> {
    const page = pageOf(LIST, args);
    const filter = { policy, state };
    const rows = await loaders.find('deployment.violations', id, (ids) => this.reads.on(actor, ids, filter, page), {
      ...page,
      ...filter,
    });
    const count = async (): Promise<number> =>
      (await loaders.find(
        'deployment.violations.count',
        id,
        (ids) => this.reads.countOn(actor, ids, filter),
        filter,
      )) ?? 0;
    return toConnection(LIST, page, rows ?? { rows: [], more: false }, count);
  }
}
