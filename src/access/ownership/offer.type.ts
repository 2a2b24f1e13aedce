import { Field, ObjectType, Root } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import { type OwnerRole, OwnerRoleEnum } from '../../catalog/assets/asset.input.js';
import { Urn } from '../../catalog/model/ref.scalars.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { OFFER_SIDES, OFFER_STATES, type OfferState, type OwnershipOffer } from './offer.js';

export const OfferStateEnum = enumOf('OwnershipOfferState', OFFER_STATES, 'The state of an offer of ownership.', {
  OPEN: "Waits for the recipient's decision.",
  ACCEPTED: 'It was accepted, and ownership has moved.',
  DECLINED: 'It was declined.',
  WITHDRAWN: 'It was taken back.',
  EXPIRED: 'Nobody decided in time.',
});

export const OfferSideEnum = enumOf('OwnershipOfferSide', OFFER_SIDES, "The viewer's relation to the offer.", {
  MADE: 'You or a team of yours made them.',
  RECEIVED: 'They are made to you or a team of yours.',
});

@ObjectType('OwnershipOffer', {
  implements: [Node],
  description: 'Ownership of an asset, offered to somebody. It moves when they accept.',
})
export class OwnershipOfferType extends Node {
  @Field(() => Urn, {
    nullable: true,
    description: 'The urn of the asset when it was offered; null when the offer is over and you may not see the asset.',
  })
  urn!: string | null;
  @Field(() => OwnerRoleEnum, { description: 'The role that the recipient is offered.' })
  role!: OwnerRole;
  @Field(() => OfferStateEnum, { description: 'The state.' })
  state!: OfferState;
  @Field(() => DateTime, { description: 'The time when it was made.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'Until when it can be accepted.' })
  until!: Date;
  @Field(() => String, { nullable: true, description: 'The message of the offerer; null when there is none.' })
  reason!: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time when it was decided or taken back; null while it is open.',
  })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The message of the decider; null when there is none.' })
  decision!: string | null;
}

export const OwnershipOfferConnection = connectionOf(OwnershipOfferType, 'OwnershipOffer');

@ObjectType({ description: 'The offer after the change.' })
export class OwnershipOfferPayload {
  @Field(() => OwnershipOfferType, { description: 'The ownership offer as it is after the change.' })
  ownershipOffer!: OwnershipOffer;
  @Field(() => OwnershipOfferType, {
    description: 'The ownership offer as it is after the change.',
    deprecationReason: calledByType('ownershipOffer'),
  })
  offer?(@Root() { ownershipOffer }: OwnershipOfferPayload): OwnershipOffer {
    return ownershipOffer;
  }
}
