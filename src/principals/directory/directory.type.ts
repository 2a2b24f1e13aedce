import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { PageArgs } from '../../graphql/connection.type.js';
import type { ServiceAccount, User } from '../accounts/principal.js';
import { ServiceAccountType, UserType } from '../accounts/principal.type.js';

@ArgsType()
export class PrincipalsArgs extends PageArgs {
  @Field(() => String, {
    nullable: true,
    description: 'With this text in the name or handle, whatever the case; all, when not given.',
  })
  nameContains?: string | null;
  @Field(() => Boolean, { defaultValue: false, description: 'Retired teams too.' })
  includeRetired!: boolean;
}

@InputType({ description: 'The new name or handle of a user. What is left out stays.' })
export class RenameUserInput {
  @Field(() => ID, { description: 'Id of the user.' })
  user!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'The display name. Of who signs in through an identity provider, the next new token that has a name decides anew.',
  })
  name?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The handle, unique, whatever the case. An identity provider does not change it; the former one is free at once.',
  })
  handle?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The new name of a service account.' })
export class RenameServiceAccountInput {
  @Field(() => ID, { description: 'Id of the service account.' })
  serviceAccount!: string;
  @Field(() => String, { description: 'Its name, unique among service accounts, whatever the case.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The new name of a team.' })
export class RenameTeamInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => String, { description: 'Its name, unique, whatever the case.' })
  name!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The team to retire.' })
export class RetireTeamInput {
  @Field(() => ID, { description: 'Id of the team. What it owns has to be handed on before.' })
  team!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The retired team to bring back.' })
export class RestoreTeamInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Another name for it; its own, when not given. Needed when its own was released and is taken.',
  })
  name?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The retired team whose name another may have.' })
export class ReleaseTeamNameInput {
  @Field(() => ID, { description: 'Id of the team.' })
  team!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@ObjectType({ description: 'The user after the change.' })
export class UserPayload {
  @Field(() => UserType, { description: 'The user as they are after the change.' })
  user!: User;
}

@ObjectType({ description: 'The service account after the change.' })
export class ServiceAccountPayload {
  @Field(() => ServiceAccountType, { description: 'The service account as it is after the change.' })
  serviceAccount!: ServiceAccount;
}
