import { type Role, ROLES, type Scope, SCOPES } from '../../auth/actor.js';
import { conflict } from '../../errors.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import { hasLimits, type ReportLimits } from '../../auth/report-limits.js';
import type { Row } from '../../neo4j/row.js';
import type { Account, ApiToken, Principal, ServiceAccount, Team, User } from './principal.js';

/** A row with `principal`, its properties, and `kind`, its label. */
export function decodePrincipal(row: Row): Principal {
  return row.text('kind') === 'Team' ? decodeTeam(row.row('principal')) : decodeAccount(row);
}

/** The same where teams were ruled out. */
export function decodeAccount(row: Row): Account {
  const properties = row.row('principal');
  return row.text('kind') === 'ServiceAccount' ? decodeServiceAccount(properties) : decodeUser(properties);
}

export function decodeUser(row: Row): User {
  return {
    __typename: 'User',
    id: row.text('id'),
    name: row.text('name'),
    handle: row.text('handle'),
    role: roleOf(row.text('role')),
    issuer: row.maybeText('issuer'),
    createdAt: row.time('createdAt'),
    disabledAt: row.maybeTime('disabledAt'),
  };
}

export function decodeServiceAccount(row: Row): ServiceAccount {
  return {
    __typename: 'ServiceAccount',
    id: row.text('id'),
    name: row.text('name'),
    description: row.maybeText('description'),
    role: roleOf(row.text('role')),
    createdAt: row.time('createdAt'),
    disabledAt: row.maybeTime('disabledAt'),
  };
}

export function decodeTeam(row: Row): Team {
  return {
    __typename: 'Team',
    id: row.text('id'),
    name: row.text('name'),
    externalGroup: row.maybeText('externalGroup'),
    createdAt: row.time('createdAt'),
    retiredAt: row.maybeTime('disabledAt'),
  };
}

export function decodeToken(row: Row): ApiToken {
  return {
    __typename: 'ApiToken',
    id: row.text('id'),
    name: row.text('name'),
    scopes: scopesOf(row),
    createdAt: row.time('createdAt'),
    expiresAt: row.time('expiresAt'),
    revokedAt: row.maybeTime('revokedAt'),
    lastUsedAt: row.maybeTime('lastUsedAt'),
    madeWith: row.texts('madeWith'),
    reportLimits: reportLimitsOf(row),
  };
}

/** null: there are none. */
export function reportLimitsOf(row: Row): ReportLimits | null {
  const limits = { namespaces: row.texts('reportNamespaces'), jobs: row.texts('reportJobs') };
  return hasLimits(limits) ? limits : null;
}

/** An unknown word gives the least right: the database may hold what a newer version wrote. */
function roleOf(word: string): Role {
  return ROLES.find((role) => role === word) ?? 'MEMBER';
}

export function scopesOf(row: Row): Scope[] {
  const words = row.texts('scopes');
  return SCOPES.filter((scope) => words.includes(scope));
}

/** What a batch found, with an empty list for each id it found nothing for. */
export function grouped<T>(ids: readonly string[], rows: Row[], decode: (row: Row) => T[]): Map<string, T[]> {
  const found = new Map(rows.map((row) => [row.text('id'), decode(row)]));
  return new Map(ids.map((id) => [id, found.get(id) ?? []]));
}

/** Throws CONFLICT with the message when a constraint refuses what is created. */
export async function refused<T>(message: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    throw error instanceof ConstraintViolation ? conflict(message) : error;
  }
}
