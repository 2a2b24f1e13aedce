import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AuditorSession } from '../tokens/auditor-session.js';
import type { AuditorSessionService } from '../tokens/auditor-session.service.js';
import type { Context } from '../../graphql/context.js';
import type { Principal, ServiceAccount, Team, User } from './principal.js';
import type { PrincipalService } from './principal.service.js';
import * as type from './principal.type.js';

@Resolver()
export class PrincipalResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly sessions: AuditorSessionService,
  ) {}

  @Query(() => type.PrincipalType, { description: 'The principal who is signed in.' })
  async viewer(@Ctx() { actor }: Context): Promise<Principal | AuditorSession> {
    return (await this.sessions.own(actor)) ?? this.principals.viewer(actor);
  }

  @Mutation(() => type.CreateUserPayload, { description: 'Makes a person known here; needs the ADMIN role.' })
  async createUser(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateUserInput, { description: 'The user to create.' }) input: type.CreateUserInput,
  ): Promise<type.CreateUserPayload> {
    return { user: await this.principals.createUser(actor, input) };
  }

  @Mutation(() => type.CreateServiceAccountPayload, {
    description: 'Makes a program known here; needs the ADMIN role.',
  })
  async createServiceAccount(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateServiceAccountInput, { description: 'The service account to create.' })
    input: type.CreateServiceAccountInput,
  ): Promise<type.CreateServiceAccountPayload> {
    return { serviceAccount: await this.principals.createServiceAccount(actor, input) };
  }

  @Mutation(() => type.TeamPayload, { description: 'Makes a team; needs the ADMIN role.' })
  async createTeam(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateTeamInput, { description: 'The team to create.' }) input: type.CreateTeamInput,
  ): Promise<type.TeamPayload> {
    return { team: await this.principals.createTeam(actor, input) };
  }

  @Mutation(() => type.TeamPayload, { description: 'Replaces the members of a team; needs the ADMIN role.' })
  async setTeamMembers(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetTeamMembersInput, { description: 'The team and its members.' })
    input: type.SetTeamMembersInput,
  ): Promise<type.TeamPayload> {
    return { team: await this.principals.setMembers(actor, input) };
  }

  @Mutation(() => type.TeamPayload, {
    description: 'Lets a group of the identity provider lead into a team; needs the ADMIN role.',
  })
  async setTeamGroup(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetTeamGroupInput, { description: 'The team and its group.' })
    input: type.SetTeamGroupInput,
  ): Promise<type.TeamPayload> {
    return { team: await this.principals.setTeamGroup(actor, input) };
  }
}

@Resolver(() => type.UserType)
export class UserFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [type.TeamType], { description: 'The teams they are in.' })
  teams(@Root() user: User, @Ctx() { actor, loaders }: Context): Promise<Team[]> {
    return loaders.get('account.teams', user.id, (ids) => this.principals.teamsOf(actor, ids));
  }
}

@Resolver(() => type.ServiceAccountType)
export class ServiceAccountFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [type.TeamType], { description: 'The teams it is in.' })
  teams(@Root() account: ServiceAccount, @Ctx() { actor, loaders }: Context): Promise<Team[]> {
    return loaders.get('account.teams', account.id, (ids) => this.principals.teamsOf(actor, ids));
  }
}

@Resolver(() => type.TeamType)
export class TeamFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [type.UserType], { description: 'The people in it.' })
  members(@Root() team: Team, @Ctx() { actor, loaders }: Context): Promise<User[]> {
    return loaders.get('team.members', team.id, (ids) => this.principals.membersOf(actor, ids));
  }

  @FieldResolver(() => [type.ServiceAccountType], { description: 'The programs in it.' })
  serviceAccounts(@Root() team: Team, @Ctx() { actor, loaders }: Context): Promise<ServiceAccount[]> {
    return loaders.get('team.serviceAccounts', team.id, (ids) => this.principals.serviceAccountsOf(actor, ids));
  }
}
