import type { Role, Scope } from '../auth/actor.js';

/** Someone who can own, ask for and be granted things. */
export type Principal = User | Team;

export interface User {
  __typename: 'User';
  id: string;
  name: string;
  /** Short, unique, lower case: what people are mentioned by. */
  handle: string;
  role: Role;
  createdAt: Date;
}

export interface Team {
  __typename: 'Team';
  id: string;
  name: string;
  createdAt: Date;
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
}
