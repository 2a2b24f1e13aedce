import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { User } from '../../principals/accounts/principal.js';
import { UserType } from '../../principals/accounts/principal.type.js';

@InputType({ description: 'A person to forget.' })
export class ErasePersonInput {
  @Field(() => ID, { description: 'Id of the user. Not you, and not the last ADMIN.' })
  user!: string;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log; without their name.' })
  reason?: string | null;
}

@ObjectType({ description: 'The account as it is after the erasure.' })
export class ErasePersonPayload {
  @Field(() => UserType, {
    description: 'The user: still there with its id, disabled, without a name and without valid tokens.',
  })
  user!: User;
  @Field(() => Int, { description: 'Entries of the audit log from which something about them was taken.' })
  entries!: number;
}
