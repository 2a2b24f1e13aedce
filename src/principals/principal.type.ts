import { Field, ID, InputType, Int, InterfaceType, ObjectType } from 'type-graphql';
import type { Role, Scope } from '../auth/actor.js';
import { RoleEnum, ScopeEnum } from '../graphql/enums.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { ApiToken, Principal, Team, User } from './principal.js';

@InterfaceType('Principal', {
  implements: [Node],
  description: 'Someone who can own assets, ask for access and be granted it.',
  resolveType: (value: Principal) => value.__typename,
})
export abstract class PrincipalType extends Node {
  @Field(() => String, { description: 'What people call them.' })
  name!: string;
}

@ObjectType('User', { implements: [PrincipalType, Node], description: 'A person.' })
export class UserType extends PrincipalType {
  @Field(() => String, { description: 'Short and unique, lower case.' })
  handle!: string;
  @Field(() => RoleEnum, { description: 'What they are in this installation.' })
  role!: Role;
  @Field(() => DateTime, { description: 'Since when they are known here.' })
  createdAt!: Date;
}

@ObjectType('Team', { implements: [PrincipalType, Node], description: 'People who own things together.' })
export class TeamType extends PrincipalType {
  @Field(() => DateTime, { description: 'Since when it exists.' })
  createdAt!: Date;
}

@ObjectType('ApiToken', {
  implements: [Node],
  description: 'What a person or program signs in with. The secret is shown once, when it is made.',
})
export class ApiTokenType extends Node {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;
  @Field(() => [ScopeEnum], { description: 'What it may be used for.' })
  scopes!: Scope[];
  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'When it stops working by itself.' })
  expiresAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Since when it is revoked; null while it is not.' })
  revokedAt!: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'When it was last used, to the minute; null when never.' })
  lastUsedAt!: Date | null;
}

@InputType({ description: 'A person to make known here.' })
export class CreateUserInput {
  @Field(() => String, { description: 'What people call them.' })
  name!: string;
  @Field(() => String, { description: 'Short and unique: letters, digits, dots, dashes, underscores.' })
  handle!: string;
  @Field(() => RoleEnum, { defaultValue: 'MEMBER', description: 'What they are in this installation.' })
  role!: Role;
}

@InputType({ description: 'A team to make.' })
export class CreateTeamInput {
  @Field(() => String, { description: 'Its name, unique.' })
  name!: string;
  @Field(() => [ID], { defaultValue: [], description: 'Ids of its members.' })
  members!: string[];
}

@InputType({ description: 'Who shall be in a team.' })
export class SetTeamMembersInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => [ID], { description: 'Ids of all its members: they replace those it has.' })
  members!: string[];
}

@InputType({ description: 'A token to make.' })
export class CreateApiTokenInput {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Whose it shall be; yours, when not given. Another needs the ADMIN role.',
  })
  user?: string | null;
  @Field(() => [ScopeEnum], {
    defaultValue: ['READ', 'WRITE', 'LAUNCH'],
    description: 'What it may be used for; never more than your own token.',
  })
  scopes!: Scope[];
  @Field(() => Int, { defaultValue: 90, description: 'Days until it stops working: 1 to 366.' })
  expiresInDays!: number;
}

@InputType({ description: 'A token to end.' })
export class RevokeApiTokenInput {
  @Field(() => ID, { description: 'Id of the token.' })
  token!: string;
}

@ObjectType({ description: 'The user as made.' })
export class CreateUserPayload {
  @Field(() => UserType, { description: 'The new user.' })
  user!: User;
}

@ObjectType({ description: 'The team after the change.' })
export class TeamPayload {
  @Field(() => TeamType, { description: 'The team.' })
  team!: Team;
}

@ObjectType({ description: 'The token as made.' })
export class CreateApiTokenPayload {
  @Field(() => ApiTokenType, { description: 'The token.' })
  token!: ApiToken;
  @Field(() => String, { description: 'What to send as "Authorization: Bearer …". Shown this once; keep it safe.' })
  secret!: string;
}

@ObjectType({ description: 'The token after the change.' })
export class RevokeApiTokenPayload {
  @Field(() => ApiTokenType, { description: 'The token, now revoked.' })
  token!: ApiToken;
}
