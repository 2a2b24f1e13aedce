import { Field, ID, InputType, Int, ObjectType, Root } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import type { Scope } from '../../auth/actor.js';
import type { ReportLimits } from '../../auth/report-limits.js';
import { ScopeEnum } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { ApiToken } from '../accounts/principal.js';

@ObjectType('ReportLimits', {
  description:
    'The bounds of what a token may report of lineage. In a pattern `*` stands for any characters, also none.',
})
class ReportLimitsType {
  @Field(() => [String], {
    description: 'Patterns of the namespaces of jobs and of what they write. Empty: all namespaces.',
  })
  namespaces!: readonly string[];
  @Field(() => [String], { description: 'Patterns of the names of jobs. Empty: all jobs.' })
  jobs!: readonly string[];
}

@InputType({
  description:
    'The bounds of what a token may report of lineage. In a pattern `*` stands for any characters, also none.',
})
export class ReportLimitsInput {
  @Field(() => [String], {
    nullable: true,
    description:
      'Patterns of the namespaces of jobs and of what they write, such as `postgres://*`. When not given: those of your own token.',
  })
  namespaces?: string[] | null;
  @Field(() => [String], {
    nullable: true,
    description: 'Patterns of the names of jobs, such as `shop.*`. When not given: those of your own token.',
  })
  jobs?: string[] | null;
}

@ObjectType('ApiToken', {
  implements: [Node],
  description: 'A token that a person or program signs in with. The secret is shown once, when it is made.',
})
export class ApiTokenType extends Node {
  @Field(() => String, { description: 'A name that says what the token is for.' })
  name!: string;
  @Field(() => [ScopeEnum], { description: 'The scopes: what it may be used for.' })
  scopes!: Scope[];
  @Field(() => DateTime, { description: 'The time when it was made.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'The time when it stops working by itself.' })
  expiresAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which it is revoked, itself or with a token it was made with; null while it is not.',
  })
  revokedAt!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time when it was last used, to the minute; null when never. Not told to an auditor session.',
  })
  lastUsedAt!: Date | null;
  @Field(() => [ID], {
    description:
      'Ids of the tokens it was made with, one with the other, the oldest first: it ends with each of them. Empty for one that falls with none.',
  })
  madeWith!: string[];
  @Field(() => ReportLimitsType, {
    nullable: true,
    description:
      'The bounds of what it may report by events of OpenLineage and by claims; with them it changes nothing else. null: all that its holder may.',
  })
  reportLimits!: ReportLimits | null;
}

@InputType({
  description:
    'A token to make. Made with an API token, it falls with that one: it ends when that one ends or is revoked. Only what an ADMIN makes for somebody else without the scope ADMIN stays.',
})
export class CreateApiTokenInput {
  @Field(() => String, { description: 'A name that says what the token is for.' })
  name!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The user or service account whose it shall be; you, when not given. Another needs the ADMIN role.',
  })
  user?: string | null;
  @Field(() => [ScopeEnum], {
    defaultValue: ['READ', 'WRITE', 'LAUNCH'],
    description: 'The scopes: what it may be used for; never more than your own token.',
  })
  scopes!: Scope[];
  @Field(() => Int, {
    nullable: true,
    description:
      'Days until it stops working: 1 to 366, or less where the settings say so; 90 when not given. A token that is made with your token ends no later than yours: more is refused, and when not given it ends with yours.',
  })
  expiresInDays?: number | null;
  @Field(() => ReportLimitsInput, {
    nullable: true,
    description:
      'The bounds of what it may report, for scopes READ, WRITE and REPORT: with them it states lineage within these and changes nothing else. When not given: those of your own token.',
  })
  reportLimits?: ReportLimitsInput | null;
}

@InputType({ description: 'A token to end, and with it all that were made with it.' })
export class RevokeApiTokenInput {
  @Field(() => ID, { description: 'Id of the token.' })
  token!: string;
}

@ObjectType({ description: 'The token as made.' })
export class CreateApiTokenPayload {
  @Field(() => ApiTokenType, { description: 'The new token without its secret.' })
  apiToken!: ApiToken;
  @Field(() => ApiTokenType, {
    description: 'The new token without its secret.',
    deprecationReason: calledByType('apiToken'),
  })
  token?(@Root() { apiToken }: CreateApiTokenPayload): ApiToken {
    return apiToken;
  }
  @Field(() => String, {
    description: 'The secret to send as "Authorization: Bearer …". Shown this once; keep it safe.',
  })
  secret!: string;
}

@ObjectType({ description: 'The token after the change.' })
export class RevokeApiTokenPayload {
  @Field(() => ApiTokenType, { description: 'The token, now revoked.' })
  apiToken!: ApiToken;
  @Field(() => ApiTokenType, { description: 'The token, now revoked.', deprecationReason: calledByType('apiToken') })
  token?(@Root() { apiToken }: RevokeApiTokenPayload): ApiToken {
    return apiToken;
  }
}
