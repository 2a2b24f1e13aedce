import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { AccountAdministration } from './account-administration.service.js';
import * as type from './account-administration.type.js';

@Resolver()
export class AccountAdministrationResolver {
  constructor(private readonly standing: AccountAdministration) {}

  @Mutation(() => type.PrincipalPayload, {
    description:
      'Keeps a user or service account out: tokens no longer work and open streams end. Needs the ADMIN role.',
  })
  async disablePrincipal(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.DisablePrincipalInput, { description: 'The account, and the reason.' })
    input: type.DisablePrincipalInput,
  ): Promise<type.PrincipalPayload> {
    return { principal: await this.standing.disable(actor, input) };
  }

  @Mutation(() => type.PrincipalPayload, {
    description: 'Lets a disabled user or service account in again; needs the ADMIN role.',
  })
  async enablePrincipal(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.EnablePrincipalInput, { description: 'The account to enable.' })
    input: type.EnablePrincipalInput,
  ): Promise<type.PrincipalPayload> {
    return { principal: await this.standing.enable(actor, input) };
  }

  @Mutation(() => type.PrincipalPayload, {
    description: 'Gives someone another role; needs the ADMIN role. The last ADMIN stays one.',
  })
  async setUserRole(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetUserRoleInput, { description: 'The user, and the new role.' })
    input: type.SetUserRoleInput,
  ): Promise<type.PrincipalPayload> {
    return { principal: await this.standing.setRole(actor, input) };
  }
}
