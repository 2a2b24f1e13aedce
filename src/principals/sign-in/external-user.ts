import { createHash } from 'node:crypto';
import type { VerifiedToken } from '../../auth/oidc/token-verifier.js';
import type { Role, Scope } from '../../auth/actor.js';
import type { OidcConfig } from '../../config/oidc.js';
import { trimEnd } from '../../trim.js';
import { ADMIN_HANDLE } from '../tokens/token.service.js';

/** Scopes of an identity provider that mean ours. */
const SCOPE_OF_WORD = new Map<string, Scope>([
  ['weftline:read', 'READ'],
  ['weftline:write', 'WRITE'],
  ['weftline:launch', 'LAUNCH'],
  ['weftline:health', 'HEALTH'],
  ['weftline:report', 'REPORT'],
  ['weftline:admin', 'ADMIN'],
]);
/** More groups than this are not looked at: a person in more is known by none of our teams. */
const MAX_GROUPS = 2_000;

/** What a token of the identity provider says of a person. */
export interface ExternalPerson {
  issuer: string;
  subject: string;
  /** null: the token has no name. */
  name: string | null;
  groups: string[];
  /** When the token that says so was made, in milliseconds since 1970. */
  issuedAt: number;
}

export function personOf({ issuer, subject, claims, issuedAt }: VerifiedToken, groupsClaim: string): ExternalPerson {
  const name = typeof claims['name'] === 'string' ? claims['name'].trim() : '';
  const given = claims[groupsClaim];
  const groups = (Array.isArray(given) ? (given as unknown[]) : [given]).filter((group) => typeof group === 'string');
  return {
    issuer,
    subject,
    name: name === '' ? null : [...name].slice(0, 200).join(''),
    groups: [...new Set(groups)].slice(0, MAX_GROUPS),
    issuedAt: issuedAt.getTime(),
  };
}

/**
 * What the token may be used for: what its scopes say in our words. A provider that does not know our words gives
 * everything a MEMBER does; administering then comes with the role.
 */
export function scopesOfToken({ claims }: VerifiedToken, role: Role): Scope[] {
  const given = claims['scope'];
  const words = typeof given === 'string' ? given.split(' ') : Array.isArray(given) ? (given as unknown[]) : [];
  const named = words.flatMap((word) => SCOPE_OF_WORD.get(String(word)) ?? []);
  if (named.length > 0) return [...new Set(named)];
  return role === 'ADMIN' ? ['READ', 'WRITE', 'LAUNCH', 'ADMIN'] : ['READ', 'WRITE', 'LAUNCH'];
}

/**
 * The role that the groups give; where a setting names the group of a role, that group alone gives it and takes it
 * away. A role that no setting names stays as it was given here.
 */
export function roleByGroups(
  groups: readonly string[],
  config: Pick<OidcConfig, 'adminGroup' | 'auditorGroup'>,
  present: Role,
): Role {
  const { adminGroup, auditorGroup } = config;
  if (adminGroup !== null && groups.includes(adminGroup)) return 'ADMIN';
  if (present === 'ADMIN' && adminGroup === null) return 'ADMIN';
  if (auditorGroup !== null && groups.includes(auditorGroup)) return 'AUDITOR';
  return present === 'AUDITOR' && auditorGroup === null ? 'AUDITOR' : 'MEMBER';
}

/**
 * Handles to try for a new person, the nicest first: what the provider calls them, then the same with letters that are
 * theirs alone. Nobody from outside gets the handle of the administrator.
 */
export function handlesFor({ issuer, subject, claims }: VerifiedToken): string[] {
  const wanted = [claims['preferred_username'], claims['email'], subject]
    .map((each) => (typeof each === 'string' ? asHandle(each.split('@')[0] ?? '') : ''))
    .find((each) => each !== '');
  const own = createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');
  const base = wanted ?? 'user';
  const numbered = [6, 12, 32].map((length) => `${base.slice(0, 62 - length)}-${own.slice(0, length)}`);
  return base === ADMIN_HANDLE ? numbered : [base, ...numbered];
}

function asHandle(text: string): string {
  const handle = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return trimEnd(handle, '-').slice(0, 63);
}
