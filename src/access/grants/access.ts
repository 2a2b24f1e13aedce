import type { Action } from '../../auth/rights.js';
import type { OwnerRole } from '../../catalog/assets/asset.input.js';

export interface Ownership {
  ownerId: string;
  role: OwnerRole;
  since: Date;
}

export const REQUEST_STATES = ['OPEN', 'APPROVED', 'DENIED', 'WITHDRAWN'] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

/** From which side one looks at requests. */
export const REQUEST_SIDES = ['ASKED', 'TO_DECIDE'] as const;
export type RequestSide = (typeof REQUEST_SIDES)[number];

/** From which side one looks at grants. */
export const GRANT_SIDES = ['HELD', 'ON_OWNED'] as const;
export type GrantSide = (typeof GRANT_SIDES)[number];

export interface AccessRequest {
  __typename: 'AccessRequest';
  id: string;
  assetId: string;
  requesterId: string;
  granteeId: string;
  actions: Action[];
  purpose: string;
  until: Date;
  state: RequestState;
  createdAt: Date;
  decidedAt: Date | null;
  deciderId: string | null;
  reason: string | null;
}

export interface AccessGrant {
  __typename: 'AccessGrant';
  id: string;
  assetId: string;
  granteeId: string;
  grantedById: string;
  actions: Action[];
  purpose: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** The request as it was at the time of an auditor session: a decision that came later is not there. */
export function requestAsThen(request: AccessRequest, then: Date | undefined): AccessRequest {
  if (!then || !request.decidedAt || request.decidedAt <= then) return request;
  return { ...request, state: 'OPEN', decidedAt: null, deciderId: null, reason: null };
}

/** The grant as it was at the time of an auditor session: a revocation that came later is not there. */
export function grantAsThen(grant: AccessGrant, then: Date | undefined): AccessGrant {
  return then && grant.revokedAt && grant.revokedAt > then ? { ...grant, revokedAt: null } : grant;
}
