import type { Role, Scope } from '../../auth/actor.js';
import type { ReportLimits } from '../../auth/report-limits.js';

/** Someone who can own, ask for and be granted things. */
export type Principal = User | ServiceAccount | Team;

/** A principal that can sign in. */
export type Account = User | ServiceAccount;

export interface User {
  __typename: 'User';
  id: string;
  name: string;
  /** Short, unique, lower case: what people are mentioned by. */
  handle: string;
  role: Role;
  /** The identity provider they sign in with; null: only with API tokens. */
  issuer: string | null;
  createdAt: Date;
  disabledAt: Date | null;
}

export interface ServiceAccount {
  __typename: 'ServiceAccount';
  id: string;
  name: string;
  description: string | null;
  role: Role;
  createdAt: Date;
  disabledAt: Date | null;
}

export interface Team {
  __typename: 'Team';
  id: string;
  name: string;
  /** The group of the identity provider whose members are in it; null: none. */
  externalGroup: string | null;
  createdAt: Date;
  /** Since when nobody acts for it; null while it is in use. Kept as `disabledAt`, so that it counts as disabled wherever rights are decided. */
  retiredAt: Date | null;
}

export interface ApiToken {
  __typename: 'ApiToken';
  id: string;
  name: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  /** The tokens it was made with, one with the other, the oldest first; it falls with each of them. */
  madeWith: string[];
  /** null: it reports whatever its holder may. */
  reportLimits: ReportLimits | null;
}
