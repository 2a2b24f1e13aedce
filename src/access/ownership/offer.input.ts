import { Field, ID, InputType } from 'type-graphql';
import { type OwnerRole, OwnerRoleEnum } from '../../catalog/assets/asset.input.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';

@InputType({ description: 'Ownership to offer; it moves when it is accepted.' })
export class OfferOwnershipInput {
  @Field(() => AssetRef, { description: 'The asset in question.' })
  ref!: string;
  @Field(() => ID, { description: 'Id of the user, service account or team it is offered to.' })
  to!: string;
  @Field(() => OwnerRoleEnum, { defaultValue: 'OWNER', description: 'The role that the recipient is offered.' })
  role!: OwnerRole;
  @Field(() => ID, {
    nullable: true,
    description:
      'Id of the present owner who leaves when it is accepted; null: nobody. When not given: the ownership by which you offer it, and nobody when you offer stewardship.',
  })
  replaces?: string | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when it can be accepted; 30 days, when not given.' })
  until?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason: the one it is offered to reads it.' })
  reason?: string | null;
}

@InputType({ description: "The recipient's decision." })
export class DecideOwnershipOfferInput {
  @Field(() => ID, { description: 'Id of the offer.' })
  offer!: string;
  @Field(() => Boolean, { description: 'true accepts it, false declines.' })
  accept!: boolean;
  @Field(() => String, { nullable: true, description: 'The reason; who made the offer reads it.' })
  reason?: string | null;
}

@InputType({ description: 'An offer to take back.' })
export class WithdrawOwnershipOfferInput {
  @Field(() => ID, { description: 'Id of the offer.' })
  offer!: string;
  @Field(() => String, { nullable: true, description: 'The reason; the one it was offered to reads it.' })
  reason?: string | null;
}
