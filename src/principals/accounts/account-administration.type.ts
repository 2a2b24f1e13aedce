import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Role } from '../../auth/actor.js';
import { RoleEnum } from '../../graphql/enums.js';
import type { Principal } from './principal.js';
import { PrincipalType } from './principal.type.js';

@InputType({ description: 'The account to disable.' })
export class DisablePrincipalInput {
  @Field(() => ID, { description: 'Id of the user or service account.' })
  principal!: string;
  @Field(() => String, { description: 'The reason, for the audit log.' })
  reason!: string;
}

@InputType({ description: 'The account to enable again.' })
export class EnablePrincipalInput {
  @Field(() => ID, { description: 'Id of the user or service account.' })
  principal!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The role that a user is to have.' })
export class SetUserRoleInput {
  @Field(() => ID, { description: 'Id of the user or service account.' })
  user!: string;
  @Field(() => RoleEnum, {
    description: 'The role. Where settings give it to a group of the identity provider, the next sign-in decides anew.',
  })
  role!: Role;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@ObjectType({ description: 'The user or service account after the change.' })
export class PrincipalPayload {
  @Field(() => PrincipalType, { description: 'The user or service account.' })
  principal!: Principal;
}
