import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { filesOf, type StoredPolicySet } from './policy-set.js';
import * as input from './policy-set.input.js';
import type { Activation, PolicySetService } from './policy-set.service.js';
import * as type from './policy-set.type.js';

@Resolver(() => type.PolicySetType)
export class PolicySetResolver {
  constructor(
    private readonly sets: PolicySetService,
    private readonly principals: PrincipalService,
  ) {}

  @Query(() => type.PolicySetConnection, { description: 'All sets of policies, the newest first.' })
  async policySets(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<StoredPolicySet>> {
    const page = pageOf('policySets', args);
    return toConnection('policySets', page, await this.sets.list(actor, page), () => this.sets.count(actor));
  }

  @Query(() => type.PolicySetType, { nullable: true, description: 'A set of policies; null when there is none.' })
  async policySet(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'Id of the set.' }) id: string,
  ): Promise<StoredPolicySet | null> {
    return (await loaders.find('policySet', id, (ids) => this.sets.byIds(actor, ids))) ?? null;
  }

  @Mutation(() => type.UploadPolicySetPayload, {
    description:
      'Brings in a set of policies, also a faulty one: its `faults` name line and column. Nothing is decided by it before it is activated.',
  })
  async uploadPolicySet(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.UploadPolicySetInput, { description: 'The files.' }) given: input.UploadPolicySetInput,
  ): Promise<type.UploadPolicySetPayload> {
    return { policySet: await this.sets.upload(actor, given) };
  }

  @Mutation(() => type.ActivatePolicySetPayload, {
    description:
      'Activates a set of policies: all is decided by it from now on. With the setting WEFTLINE_POLICY_SECOND_ADMIN, once another ADMIN has activated it too.',
  })
  activatePolicySet(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ActivatePolicySetInput, { description: 'The set, and the one it takes the place of.' })
    given: input.ActivatePolicySetInput,
  ): Promise<Activation> {
    return this.sets.activate(actor, given);
  }

  @Mutation(() => type.DeactivatePoliciesPayload, {
    description:
      'Ends all that is decided by policies: nothing is enforced from now on, as before a set was ever active. With the setting WEFTLINE_POLICY_SECOND_ADMIN, once another ADMIN has asked for it too.',
  })
  deactivatePolicies(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DeactivatePoliciesInput, { description: 'The active set, and the reason.' })
    given: input.DeactivatePoliciesInput,
  ): Promise<Activation> {
    return this.sets.deactivate(actor, given);
  }

  @FieldResolver(() => [type.PolicyFileType], { description: 'Its files, the schema among them.' })
  files(@Root() set: StoredPolicySet): type.PolicyFileType[] {
    return [...filesOf(set)].map(([path, text]) => ({ path, text }));
  }

  @FieldResolver(() => Boolean, { description: 'Whether all is decided by it now.' })
  async isActive(@Root() set: StoredPolicySet, @Ctx() { actor, loaders }: Context): Promise<boolean> {
    const state = await loaders.get(
      'policyState',
      'policies',
      async () => new Map([['policies', await this.sets.state(actor)]]),
    );
    return state.activeId === set.id;
  }

  @FieldResolver(() => DateTime, {
    nullable: true,
    description: 'The time since which it is active; null: it is not.',
  })
  async activeSince(@Root() set: StoredPolicySet, @Ctx() { actor, loaders }: Context): Promise<Date | null> {
    const state = await loaders.get(
      'policyState',
      'policies',
      async () => new Map([['policies', await this.sets.state(actor)]]),
    );
    return state.activeId === set.id ? state.activatedAt : null;
  }

  @FieldResolver(() => [type.PolicyFileChangeType], {
    description: 'Its differences from the active set, by file; all of its files when none is active.',
  })
  changes(@Root() set: StoredPolicySet, @Ctx() { actor }: Context): Promise<type.PolicyFileChangeType[]> {
    return this.sets.changes(actor, set);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who brought it in; null: Weftline itself, from its folder.',
  })
  async uploadedBy(@Root() set: StoredPolicySet, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    return (await loaders.find('principal', set.uploadedById, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }
}
