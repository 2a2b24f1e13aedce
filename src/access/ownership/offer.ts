import type { OwnerRole } from '../../catalog/assets/asset.input.js';

export const OFFER_STATES = ['OPEN', 'ACCEPTED', 'DECLINED', 'WITHDRAWN', 'EXPIRED'] as const;
export type OfferState = (typeof OFFER_STATES)[number];

export const OFFER_SIDES = ['MADE', 'RECEIVED'] as const;
export type OfferSide = (typeof OFFER_SIDES)[number];

/** An ownership that waits for the word of the one it is offered to. */
export interface OwnershipOffer {
  __typename: 'OwnershipOffer';
  id: string;
  assetId: string;
  /** The urn of the asset when it was offered; null when the offer is over and the reader may not see the asset. */
  urn: string | null;
  offererId: string;
  toId: string;
  role: OwnerRole;
  /** Which present owner leaves when it is accepted; null: nobody. */
  replacesId: string | null;
  reason: string | null;
  /** EXPIRED is not stored: it is an open one whose time is over. */
  state: OfferState;
  createdAt: Date;
  until: Date;
  decidedAt: Date | null;
  deciderId: string | null;
  decision: string | null;
}
