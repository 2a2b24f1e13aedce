import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import * as input from './claim.input.js';
import type { Claim, StatementRecord } from '../statements/claim.js';
import type { ClaimHistory } from './claim-history.service.js';
import { LineageClaimsArgs, LineageStatementConnection, LineageStatementType } from './claim-history.type.js';
import * as payload from './claim.payload.js';
import type { ClaimService } from './claim.service.js';
import { ClaimType } from '../statements/claim.type.js';
import type { Run } from '../runs/run.js';
import type { RunService } from '../runs/run.service.js';
import { RunType } from '../runs/run.type.js';

@Resolver()
export class ClaimMutations {
  constructor(private readonly claims: ClaimService) {}

  @Mutation(() => payload.ClaimLineagePayload, {
    description: 'States that data flows, in the name of a source; needs EDIT on the transformations and deployments.',
  })
  claimLineage(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ClaimLineageInput, { description: 'The flows and the source.' })
    given: input.ClaimLineageInput,
  ): Promise<payload.ClaimLineagePayload> {
    return this.claims.claim(actor, given);
  }

  @Mutation(() => payload.RetractLineagePayload, {
    description:
      'Takes back what a source stated, or says when it ended; needs EDIT on the transformations and deployments.',
  })
  retractLineage(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RetractLineageInput, { description: 'The flows and the source.' })
    given: input.RetractLineageInput,
  ): Promise<payload.RetractLineagePayload> {
    return this.claims.retract(actor, given);
  }
}

@Resolver()
export class ClaimHistoryResolver {
  constructor(private readonly history: ClaimHistory) {}

  @Query(() => LineageStatementConnection, {
    description:
      'Everything that was ever stated of a flow between two assets, by whom and when: the newest first. NOT_FOUND when one is not there for you.',
  })
  async lineageClaims(
    @Ctx() { actor }: Context,
    @Args(() => LineageClaimsArgs) args: LineageClaimsArgs,
  ): Promise<Connection<StatementRecord>> {
    const page = pageOf('lineageClaims', args);
    const { rows, count } = await this.history.of(actor, args, page);
    return toConnection('lineageClaims', page, rows, count);
  }
}

@Resolver(() => ClaimType)
export class ClaimResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly runs: RunService,
  ) {}

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who stated it; null when a machine did.',
  })
  async by(@Root() claim: Claim, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    if (claim.byId === null) return null;
    return (await loaders.find('principal', claim.byId, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run in which it was observed; null when none, or when you may not see it.',
  })
  async run(@Root() claim: Claim, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    if (claim.runId === null) return null;
    return (await loaders.find('run', claim.runId, (ids) => this.runs.byIds(actor, ids))) ?? null;
  }
}

@Resolver(() => LineageStatementType)
export class LineageStatementResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly runs: RunService,
  ) {}

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who stated it; null when a machine did.',
  })
  async by(@Root() statement: StatementRecord, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    if (statement.byId === null) return null;
    return (await loaders.find('principal', statement.byId, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => RunType, {
    nullable: true,
    description: 'The run in which it was observed; null when none, or when you may not see it.',
  })
  async run(@Root() statement: StatementRecord, @Ctx() { actor, loaders }: Context): Promise<Run | null> {
    if (statement.runId === null) return null;
    return (await loaders.find('run', statement.runId, (ids) => this.runs.byIds(actor, ids))) ?? null;
  }
}
