import { Field, ID, InputType, InterfaceType, ObjectType } from 'type-graphql';
import type { Role } from '../../auth/actor.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { RoleEnum } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { ServiceAccount, Team, User } from './principal.js';

@InterfaceType('Principal', {
  implements: [Node],
  description: 'Someone who can own assets, ask for access and be granted it.',
  resolveType: (value: { __typename: string }) => value.__typename,
})
export abstract class PrincipalType extends Node {
  @Field(() => String, { description: 'The display name.' })
  name!: string;
}

@ObjectType('User', { implements: [PrincipalType, Node], description: 'A person who signs in.' })
export class UserType extends PrincipalType {
  @Field(() => String, {
    description: 'The short name by which people are mentioned, lower case; unique, whatever the case.',
  })
  handle!: string;
  @Field(() => RoleEnum, { description: 'Their role in this installation.' })
  role!: Role;
  @Field(() => String, {
    nullable: true,
    description: 'The identity provider they sign in with; null when only API tokens sign them in.',
  })
  issuer!: string | null;
  @Field(() => DateTime, { description: 'The time since which they are known here.' })
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which they are kept out; null while they may sign in.',
  })
  disabledAt!: Date | null;
}

@ObjectType('ServiceAccount', {
  implements: [PrincipalType, Node],
  description: 'A program. It signs in with API tokens only, and like a user can own, be granted and be in teams.',
})
export class ServiceAccountType extends PrincipalType {
  @Field(() => String, {
    nullable: true,
    description: 'A description: its purpose and who looks after it; null when not said.',
  })
  description!: string | null;
  @Field(() => RoleEnum, { description: 'MEMBER or AUDITOR: behind what an ADMIN does stands a person.' })
  role!: Role;
  @Field(() => DateTime, { description: 'The time since which it is known here.' })
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which it is kept out; null while it may sign in.',
  })
  disabledAt!: Date | null;
}

@ObjectType('Team', { implements: [PrincipalType, Node], description: 'People who own things together.' })
export class TeamType extends PrincipalType {
  @Field(() => String, {
    nullable: true,
    description: 'The group of the identity provider whose people join as they sign in; null: none.',
  })
  externalGroup!: string | null;
  @Field(() => DateTime, { description: 'The time since which it exists.' })
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which it is retired: without members and rights; null while it is in use.',
  })
  retiredAt!: Date | null;
}

export const PrincipalConnection = connectionOf(PrincipalType, 'Principal');

@InputType({ description: 'A person to make known here.' })
export class CreateUserInput {
  @Field(() => String, { description: 'The display name.' })
  name!: string;
  @Field(() => String, {
    description: 'Short and unique, whatever the case: letters, digits, dots, dashes, underscores.',
  })
  handle!: string;
  @Field(() => RoleEnum, { defaultValue: 'MEMBER', description: 'Their role in this installation.' })
  role!: Role;
}

@InputType({ description: 'A team to make.' })
export class CreateTeamInput {
  @Field(() => String, { description: 'Its name, unique, whatever the case.' })
  name!: string;
  @Field(() => [ID], { defaultValue: [], description: 'Ids of its members, users or service accounts.' })
  members!: string[];
  @Field(() => String, {
    nullable: true,
    description: 'A group of the identity provider whose people join as they sign in; none, when not given.',
  })
  externalGroup?: string | null;
}

@InputType({ description: 'A program to make known here.' })
export class CreateServiceAccountInput {
  @Field(() => String, { description: 'Its name, unique among service accounts, whatever the case.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'A description: its purpose and who looks after it.' })
  description?: string | null;
  @Field(() => RoleEnum, { defaultValue: 'MEMBER', description: 'MEMBER or AUDITOR.' })
  role!: Role;
  @Field(() => [ID], { defaultValue: [], description: 'Ids of the teams it shall be in.' })
  teams!: string[];
}

@InputType({ description: 'The group of the identity provider that belongs to a team.' })
export class SetTeamGroupInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => String, {
    nullable: true,
    description: 'The group, as the groups claim of tokens names it; null takes it away.',
  })
  externalGroup?: string | null;
}

@InputType({ description: 'The members that a team is to have.' })
export class SetTeamMembersInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => [ID], {
    description: 'Ids of all its members: they replace those it has. Who is in it through a group stays.',
  })
  members!: string[];
}

@ObjectType({ description: 'The user as made.' })
export class CreateUserPayload {
  @Field(() => UserType, { description: 'The new user.' })
  user!: User;
}

@ObjectType({ description: 'The service account as made.' })
export class CreateServiceAccountPayload {
  @Field(() => ServiceAccountType, { description: 'The new service account. Make it a token with createApiToken.' })
  serviceAccount!: ServiceAccount;
}

@ObjectType({ description: 'The team after the change.' })
export class TeamPayload {
  @Field(() => TeamType, { description: 'The team as it is after the change.' })
  team!: Team;
}
