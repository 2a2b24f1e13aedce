import { Arg, Args, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import { PolicySetType } from '../sets/policy-set.type.js';
import { pageWithin, type Rehearsal, type RehearsedChange, type RehearsedCount } from './rehearsal.js';
import type { Rehearsals } from './rehearsal.service.js';
import * as type from './rehearsal.type.js';

const LIST = 'rehearsePolicies';

@Resolver(() => type.PolicyRehearsalType)
export class RehearsalResolver {
  constructor(private readonly rehearsals: Rehearsals) {}

  @Query(() => type.PolicyRehearsalType, {
    nullable: true,
    complexity: 200,
    description:
      'Tries a set of policies on all that serves, runs or is approved, before it is activated, by the facts of this moment: nothing is kept and nobody is asked. For ADMIN. Each page asks anew. Null when there is no such set.',
  })
  rehearsePolicies(
    @Ctx() { actor }: Context,
    @Arg('set', () => ID, { description: 'Id of the set, as uploadPolicySet gave it.' }) set: string,
  ): Promise<Rehearsal | null> {
    return this.rehearsals.rehearse(actor, set);
  }

  @FieldResolver(() => PolicySetType, { description: 'The set that is tried.' })
  policySet(@Root() { policySet }: Rehearsal): Rehearsal['policySet'] {
    return policySet;
  }

  @FieldResolver(() => type.RehearsedCountType, { description: 'Deployments on which a model serves.' })
  deployments(@Root() { counts }: Rehearsal): RehearsedCount {
    return counts.DEPLOYMENT;
  }

  @FieldResolver(() => type.RehearsedCountType, { description: 'Training jobs that wait or run.' })
  trainingJobs(@Root() { counts }: Rehearsal): RehearsedCount {
    return counts.TRAINING_JOB;
  }

  @FieldResolver(() => type.RehearsedCountType, {
    description: 'Approvals that are asked for, or were given and hold.',
  })
  approvals(@Root() { counts }: Rehearsal): RehearsedCount {
    return counts.APPROVAL;
  }

  @FieldResolver(() => type.RehearsedChangeConnection, {
    description: 'The things that would be decided otherwise: deployments first, then training jobs, then approvals.',
  })
  changes(@Root() { changes }: Rehearsal, @Args(() => PageArgs) args: PageArgs): Connection<RehearsedChange> {
    const page = pageOf(LIST, args);
    return toConnection(LIST, page, pageWithin(changes, page), () => Promise.resolve(changes.length));
  }
}

@Resolver(() => type.RehearsedChangeType)
export class RehearsedChangeResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The deployment, or the transformation that runs; null when it is gone.',
  })
  async resource(@Root() { resourceId }: RehearsedChange, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', resourceId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }
}
