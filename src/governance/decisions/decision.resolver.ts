import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import { ReleaseType } from '../../deployment/releases/release.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { BreakGlass } from '../break-glass/break-glass.js';
import type { BreakGlassService } from '../break-glass/break-glass.service.js';
import { BreakGlassType } from '../break-glass/break-glass.type.js';
import type { StoredPolicySet } from '../sets/policy-set.js';
import type { PolicySetService } from '../sets/policy-set.service.js';
import { PolicySetType } from '../sets/policy-set.type.js';
import { Json } from '../../graphql/json.scalar.js';
import { type AskedFor, shownInJson } from './request.js';
import type { PolicyApproval } from './approval.js';
import type { PolicyApprovals } from './approval.service.js';
import { DecideApprovalInput, PolicyApprovalFilter } from './decision.input.js';
import type { DecisionReads, FactsAccess, ToldFacts } from './decision-reads.service.js';
import type { Facts } from '../policies/facts.js';
import type { DecisionList, SeenDecision } from './decision.repository.js';
import * as type from './decision.type.js';
import type { Replay, Replays } from './replay.service.js';

@Resolver(() => type.PolicyDecisionType)
export class PolicyDecisionResolver {
  constructor(
    private readonly decisions: DecisionReads,
    private readonly replays: Replays,
    private readonly approvals: PolicyApprovals,
    private readonly factsAccess: FactsAccess,
    private readonly others: {
      sets: PolicySetService;
      principals: PrincipalService;
      assets: AssetService;
      glasses: BreakGlassService;
    },
  ) {}

  @Query(() => type.PolicyDecisionType, {
    nullable: true,
    description: 'A decision by policies; null when there is none, or you may not see what it is about.',
  })
  async policyDecision(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the decision.' }) id: string,
  ): Promise<SeenDecision | null> {
    return (await loaders.find('policyDecision', id, (ids) => this.decisions.byIds(actor, ids))) ?? null;
  }

  @Query(() => type.PolicyReplayType, {
    nullable: true,
    complexity: 20,
    description:
      'A decision made again from what was kept of it: it comes out the same, whatever policies, labels and names have become since. Also what of its facts differs today. Null when there is no such decision, or you may not know of it.',
  })
  replayDecision(
    @Ctx() { actor }: Context,
    @Arg('id', () => ID, { description: 'Id of the decision.' }) id: string,
  ): Promise<Replay | null> {
    return this.replays.replay(actor, id);
  }

  @Query(() => type.PolicyApprovalConnection, {
    description:
      'Approvals that you asked for, or that are yours to answer as an OWNER of what they are about; to who reads everything, all. The newest first.',
  })
  async policyApprovals(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => PolicyApprovalFilter, {
      nullable: true,
      description: 'Conditions on the list; all, when not given.',
    })
    filter?: PolicyApprovalFilter | null,
  ): Promise<Connection<PolicyApproval>> {
    const page = pageOf('policyApprovals', args);
    const rows = await this.approvals.list(actor, filter ?? null, page);
    return toConnection('policyApprovals', page, rows, () => this.approvals.count(actor, filter ?? null));
  }

  @Mutation(() => type.PolicyApprovalPayload, {
    description:
      'Approves what policies ask an approval for: for an OWNER of what it is about, or an ADMIN, who neither asked nor wrote the code. What was asked for is then done at once, as who asked, whose rights and quotas are judged anew: `continuation` tells.',
  })
  async approveDecision(
    @Ctx() { actor }: Context,
    @Arg('input', () => DecideApprovalInput, { description: 'The approval.' }) given: DecideApprovalInput,
  ): Promise<type.PolicyApprovalPayload> {
    return { policyApproval: await this.approvals.decide(actor, 'APPROVED', given) };
  }

  @Mutation(() => type.PolicyApprovalPayload, { description: 'Refuses an approval, for whoever could give it.' })
  async rejectDecision(
    @Ctx() { actor }: Context,
    @Arg('input', () => DecideApprovalInput, { description: 'The approval.' }) given: DecideApprovalInput,
  ): Promise<type.PolicyApprovalPayload> {
    return { policyApproval: await this.approvals.decide(actor, 'REJECTED', given) };
  }

  @FieldResolver(() => [type.PolicySubjectType], { description: 'All that it is about, as it was.' })
  subjects(@Root() { subjects, seen }: SeenDecision): type.PolicySubjectType[] {
    return subjects.map(({ part, assetId, versionId, digest }) => {
      if (!seen.has(assetId)) return { part, asset: null, version: null, digest: null };
      return { part, asset: assetId, version: versionId, digest };
    });
  }

  @FieldResolver(() => Json, {
    description: 'The facts that it was decided by, without those that are not for you: `withheldFacts` names these.',
  })
  async facts(@Root() decision: SeenDecision, @Ctx() context: Context): Promise<Partial<Facts>> {
    return (await this.told(decision, context)).facts;
  }

  @FieldResolver(() => [String], {
    description:
      'The names of facts that are not for you: the `purpose` of a launch is for who asked, and who may EDIT the transformation or the output, the `quota` of a team for who asked. AUDITORs read both, an ADMIN too.',
  })
  async withheldFacts(@Root() decision: SeenDecision, @Ctx() context: Context): Promise<string[]> {
    return (await this.told(decision, context)).withheld;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'SHA-256 over the facts as canonical JSON (RFC 8785); null when some are withheld from you.',
  })
  async factsDigest(@Root() decision: SeenDecision, @Ctx() context: Context): Promise<string | null> {
    return (await this.told(decision, context)).withheld.length > 0 ? null : decision.factsDigest;
  }

  @FieldResolver(() => [type.PolicyWitnessType], {
    description: 'The ways by which facts came about that stood in its way.',
  })
  witnesses(@Root() { witnesses, seen }: SeenDecision): type.PolicyWitnessType[] {
    return witnesses.map(({ fact, steps }) => ({
      fact,
      steps: steps.map(({ kind, id, assetId, field = null }) =>
        seen.has(assetId) ? { kind, id, asset: assetId, field } : { kind, id: null, asset: null, field: null },
      ),
    }));
  }

  @FieldResolver(() => AssetType, { nullable: true, description: 'The asset that it is about; null when it is gone.' })
  async resource(@Root() { resourceId }: SeenDecision, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', resourceId, (ids) => this.others.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who asked.' })
  requester(@Root() { actorId }: SeenDecision, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', actorId, (ids) => this.others.principals.byIds(actor, ids));
  }

  @FieldResolver(() => PolicySetType, { nullable: true, description: 'The set of policies that decided.' })
  async policySet(
    @Root() { policySetId }: SeenDecision,
    @Ctx() { actor, loaders }: Context,
  ): Promise<StoredPolicySet | null> {
    return (await loaders.find('policySet', policySetId, (ids) => this.others.sets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: 'Id of the job, release, version, asset or entry of the audit log that it let through; null: none.',
  })
  allowed(@Root() { allowedId }: SeenDecision): string | null {
    return allowedId;
  }

  @FieldResolver(() => type.PolicyApprovalType, {
    nullable: true,
    description: 'The approval that it waits for, or by which it was let through; null: none.',
  })
  async approval(
    @Root() { approvalId }: SeenDecision,
    @Ctx() { actor, loaders }: Context,
  ): Promise<PolicyApproval | null> {
    if (approvalId === null) return null;
    return (await loaders.find('policyApproval', approvalId, (ids) => this.approvals.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => BreakGlassType, {
    nullable: true,
    description: 'The emergency that covered it, whatever came of it; null: none did.',
  })
  async breakGlass(
    @Root() { breakGlassId }: SeenDecision,
    @Ctx() { actor, loaders }: Context,
  ): Promise<BreakGlass | null> {
    if (breakGlassId === null) return null;
    return (await loaders.find('breakGlass', breakGlassId, (ids) => this.others.glasses.byIds(actor, ids))) ?? null;
  }

  private told(decision: SeenDecision, { actor, loaders }: Context): Promise<ToldFacts> {
    return this.factsAccess.told(actor, decision, loaders);
  }
}

@Resolver(() => type.PolicyApprovalType)
export class PolicyApprovalResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly decisions: DecisionReads,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, { nullable: true, description: 'The asset that it is about; null when it is gone.' })
  async resource(@Root() { resourceId }: PolicyApproval, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', resourceId, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => type.PolicyDecisionType, {
    nullable: true,
    description: 'The decision by policies that asked for it.',
  })
  async decision(
    @Root() { decisionId }: PolicyApproval,
    @Ctx() { actor, loaders }: Context,
  ): Promise<SeenDecision | null> {
    return (await loaders.find('policyDecision', decisionId, (ids) => this.decisions.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => ID, {
    nullable: true,
    description: 'Id of the job, release, version or asset that came of it; null: none did.',
  })
  allowed(@Root() { allowedId }: PolicyApproval): string | null {
    return allowedId;
  }

  @FieldResolver(() => Json, {
    nullable: true,
    description:
      'The request that goes on by itself: mutation and input. For who asked and who may answer, and kept no longer than until it has ended; null to others and then.',
  })
  request(@Root() { shownRequest }: { shownRequest?: AskedFor | null }): unknown {
    return shownRequest ? shownInJson(shownRequest) : null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who asked for it.' })
  requester(@Root() { requesterId }: PolicyApproval, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', requesterId, (ids) => this.principals.byIds(actor, ids));
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who decided it; null: nobody did.',
  })
  async decider(@Root() { deciderId }: PolicyApproval, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    return deciderId === null ? null : loaders.get('principal', deciderId, (ids) => this.principals.byIds(actor, ids));
  }
}

/** A list of decisions below a thing, asked for all things of an answer at once. */
export async function decisionsBelow(
  decisions: DecisionReads,
  list: DecisionList,
  id: string,
  { actor, loaders }: Context,
  args: PageArgs,
): Promise<Connection<SeenDecision>> {
  const page = pageOf('policyDecisions', args);
  const rows = await loaders.find(`policyDecisions.${list}`, id, (ids) => decisions.list(actor, list, ids, page), page);
  const count = async (): Promise<number> =>
    (await loaders.find(`policyDecisions.${list}.count`, id, (ids) => decisions.count(actor, list, ids))) ?? 0;
  return toConnection('policyDecisions', page, rows ?? { rows: [], more: false }, count);
}

@Resolver(() => AssetType)
export class AssetDecisionsResolver {
  constructor(private readonly decisions: DecisionReads) {}

  @FieldResolver(() => type.PolicyDecisionConnection, {
    description: 'The decisions by policies about it, the newest first.',
  })
  policyDecisions(@Root() asset: Asset, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs) {
    return decisionsBelow(this.decisions, 'ON_ASSET', asset.id, context, args);
  }
}

@Resolver(() => ReleaseType)
export class ReleaseDecisionsResolver {
  constructor(private readonly decisions: DecisionReads) {}

  @FieldResolver(() => type.PolicyDecisionConnection, { description: 'The decision by policies that let it through.' })
  policyDecisions(@Root() release: { id: string }, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs) {
    return decisionsBelow(this.decisions, 'THAT_ALLOWED', release.id, context, args);
  }
}

@Resolver(() => BreakGlassType)
export class BreakGlassDecisionsResolver {
  constructor(private readonly decisions: DecisionReads) {}

  @FieldResolver(() => type.PolicyDecisionConnection, {
    description: 'The decisions by policies that it covered, whatever came of them, the newest first.',
  })
  policyDecisions(@Root() { id }: BreakGlass, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs) {
    return decisionsBelow(this.decisions, 'BY_BREAK_GLASS', id, context, args);
  }
}
