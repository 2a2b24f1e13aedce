import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Action } from '../../auth/rights.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import type { Context } from '../../graphql/context.js';
import { ActionEnum } from '../../graphql/enums.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { TeamType } from '../../principals/accounts/principal.type.js';
import type { AccessExplanation, AccessReason } from './explanation.js';
import type { ExplanationService } from './explanation.service.js';
import * as type from './explanation.type.js';

@Resolver(() => type.AccessReason)
export class ExplanationResolver {
  constructor(
    private readonly explanations: ExplanationService,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => type.AccessExplanation, {
    description:
      'Whether somebody may do something with an asset, and exactly why: about yourself where you may see it, about others as owner, steward, ADMIN or AUDITOR.',
  })
  explainAccess(
    @Ctx() { actor }: Context,
    @Arg('ref', () => AssetRef, { description: 'With which asset.' }) ref: string,
    @Arg('action', () => ActionEnum, { description: 'The action in question.' }) action: Action,
    @Arg('principal', () => ID, {
      description: 'Id of the user, service account or team. A team is explained as any member who is in no other.',
    })
    principal: string,
  ): Promise<AccessExplanation> {
    return this.explanations.explain(actor, ref, action, principal);
  }

  @FieldResolver(() => TeamType, { nullable: true, description: 'The team through which it comes; null: directly.' })
  async through(@Root() { throughId }: AccessReason, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    return throughId === null ? null : loaders.get('principal', throughId, (ids) => this.principals.byIds(actor, ids));
  }
}
