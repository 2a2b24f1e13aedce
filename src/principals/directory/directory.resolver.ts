import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type Connection, connectionOfEdges } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import type { Principal } from '../accounts/principal.js';
import { PrincipalConnection, TeamPayload } from '../accounts/principal.type.js';
import type { DirectoryService } from './directory.service.js';
import * as type from './directory.type.js';
import type { RenamingService } from './renaming.service.js';
import type { TeamRetirement } from './team-retirement.service.js';

@Resolver()
export class DirectoryResolver {
  constructor(
    private readonly directory: DirectoryService,
    private readonly renaming: RenamingService,
    private readonly retirement: TeamRetirement,
  ) {}

  @Query(() => PrincipalConnection, {
    description: 'Users, service accounts and teams in the order of their names: to name an owner or grantee.',
  })
  async principals(
    @Ctx() { actor }: Context,
    @Args(() => type.PrincipalsArgs) { nameContains, includeRetired, ...paging }: type.PrincipalsArgs,
  ): Promise<Connection<Principal>> {
    const found = await this.directory.list(actor, { nameContains, includeRetired }, paging);
    return connectionOfEdges(found.edges, found.page, found.more, found.count);
  }

  @Mutation(() => type.UserPayload, {
    description:
      'Gives a user another name or handle; their id, tokens and rights stay. An identity provider that says a name says the next one; needs the ADMIN role.',
  })
  async renameUser(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RenameUserInput, { description: 'The user, and what they are called from now on.' })
    input: type.RenameUserInput,
  ): Promise<type.UserPayload> {
    return { user: await this.renaming.renameUser(actor, input) };
  }

  @Mutation(() => type.ServiceAccountPayload, {
    description: 'Gives a service account another name; its id, tokens and rights stay. Needs the ADMIN role.',
  })
  async renameServiceAccount(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RenameServiceAccountInput, { description: 'The service account, and its new name.' })
    { serviceAccount, ...named }: type.RenameServiceAccountInput,
  ): Promise<type.ServiceAccountPayload> {
    return { serviceAccount: await this.renaming.renameServiceAccount(actor, { id: serviceAccount, ...named }) };
  }

  @Mutation(() => TeamPayload, {
    description: 'Gives a team another name; its id, members and rights stay. Needs the ADMIN role.',
  })
  async renameTeam(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RenameTeamInput, { description: 'The team, and its new name.' })
    { team, ...named }: type.RenameTeamInput,
  ): Promise<TeamPayload> {
    return { team: await this.renaming.renameTeam(actor, { id: team, ...named }) };
  }

  @Mutation(() => TeamPayload, {
    description:
      'Takes a team out of use: its members leave, the grants to it are revoked, its group of the identity provider no longer leads to it, and it can neither own nor be granted anything. CONFLICT while it owns assets or namespaces. Needs the ADMIN role.',
  })
  async retireTeam(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RetireTeamInput, { description: 'The team, and the reason.' }) input: type.RetireTeamInput,
  ): Promise<TeamPayload> {
    return { team: await this.retirement.retire(actor, input) };
  }

  @Mutation(() => TeamPayload, {
    description: 'Brings a retired team back, without members and grants; needs the ADMIN role.',
  })
  async restoreTeam(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RestoreTeamInput, { description: 'The team, and its name.' }) input: type.RestoreTeamInput,
  ): Promise<TeamPayload> {
    return { team: await this.retirement.restore(actor, input) };
  }

  @Mutation(() => TeamPayload, {
    description: 'Lets another team have the name of a retired one, which is still shown by it; needs the ADMIN role.',
  })
  async releaseTeamName(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.ReleaseTeamNameInput, { description: 'The team, and the reason.' })
    input: type.ReleaseTeamNameInput,
  ): Promise<TeamPayload> {
    return { team: await this.retirement.releaseName(actor, input) };
  }
}
