import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Scope } from '../auth/actor.js';
import { ScopeEnum } from '../graphql/enums.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import type { ApiToken } from './principal.js';

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

@InputType({ description: 'A token to make.' })
export class CreateApiTokenInput {
  @Field(() => String, { description: 'What it is for.' })
  name!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The user or service account whose it shall be; you, when not given. Another needs the ADMIN role.',
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
