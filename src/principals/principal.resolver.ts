import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../graphql/context.js';
import type { ApiToken, Principal, Team, User } from './principal.js';
import type { NewToken, PrincipalService } from './principal.service.js';
import * as type from './principal.type.js';

@Resolver()
export class PrincipalResolver {
  constructor(private readonly principals: PrincipalService) {}

  @Query(() => type.PrincipalType, { description: 'Who you are signed in as.' })
  viewer(@Ctx() { actor }: Context): Promise<Principal> {
    return this.principals.viewer(actor);
  }

  @Query(() => [type.PrincipalType], {
    name: 'principals',
    description: 'Users and teams by name, at most 200: to name an owner or grantee.',
  })
  listPrincipals(
    @Ctx() { actor }: Context,
    @Arg('nameContains', () => String, {
      nullable: true,
      description: 'With this text in the name; all, when not given.',
    })
    nameContains?: string | null,
  ): Promise<Principal[]> {
    return this.principals.list(actor, nameContains);
  }

  @Mutation(() => type.CreateUserPayload, { description: 'Makes a person known here; needs the ADMIN role.' })
  async createUser(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateUserInput, { description: 'Who.' }) input: type.CreateUserInput,
  ): Promise<type.CreateUserPayload> {
    return { user: await this.principals.createUser(actor, input) };
  }

  @Mutation(() => type.TeamPayload, { description: 'Makes a team; needs the ADMIN role.' })
  async createTeam(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateTeamInput, { description: 'Which.' }) input: type.CreateTeamInput,
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

  @Mutation(() => type.CreateApiTokenPayload, {
    description: 'Makes an API token. Its secret is shown in this answer only.',
  })
  createApiToken(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateApiTokenInput, { description: 'What for.' }) input: type.CreateApiTokenInput,
  ): Promise<NewToken> {
    return this.principals.createToken(actor, input);
  }

  @Mutation(() => type.RevokeApiTokenPayload, { description: 'Ends an API token, at once.' })
  async revokeApiToken(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RevokeApiTokenInput, { description: 'Which.' }) input: type.RevokeApiTokenInput,
  ): Promise<type.RevokeApiTokenPayload> {
    return { token: await this.principals.revokeToken(actor, input.token) };
  }
}

@Resolver(() => type.UserType)
export class UserFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [type.TeamType], { description: 'The teams they are in.' })
  teams(@Root() user: User, @Ctx() { actor, loaders }: Context): Promise<Team[]> {
    return loaders.get('user.teams', user.id, (ids) => this.principals.teamsOf(actor, ids));
  }

  @FieldResolver(() => [type.ApiTokenType], {
    nullable: true,
    description: 'Their API tokens; null unless they are you.',
  })
  apiTokens(@Root() user: User, @Ctx() { actor }: Context): Promise<ApiToken[]> | null {
    return user.id === actor.id ? this.principals.tokensOf(actor) : null;
  }
}

@Resolver(() => type.TeamType)
export class TeamFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [type.UserType], { description: 'Who is in it.' })
  members(@Root() team: Team, @Ctx() { actor, loaders }: Context): Promise<User[]> {
    return loaders.get('team.members', team.id, (ids) => this.principals.membersOf(actor, ids));
  }
}
