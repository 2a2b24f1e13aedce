import { type Actor } from '../../auth/actor.js';
import {
  type Action,
  actionsOf,
  givenByGrant,
  givenByOwning,
  givenByRole,
  givenByVisibility,
  mayCurate,
  type RightsFacts,
} from '../../auth/rights.js';
import type { OwnerRole } from '../../catalog/assets/asset.input.js';
import type { AccessGrant } from '../grants/access.js';
import { actingAs, type PrincipalStatus } from '../ownership/principal-status.js';

export const REASON_KINDS = ['OWNER', 'STEWARD', 'GRANT', 'ROLE', 'VISIBILITY', 'NONE'] as const;
export type ReasonKind = (typeof REASON_KINDS)[number];

export interface AccessReason {
  kind: ReasonKind;
  message: string;
  /** The team through which it comes; null: directly. */
  throughId: string | null;
  grant: AccessGrant | null;
  role: 'ADMIN' | 'AUDITOR' | null;
}

export interface AccessExplanation {
  allowed: boolean;
  reasons: AccessReason[];
  /** What stands in the way of using the right, though it is given. */
  notes: string[];
}

/** All that the database knows of one principal and one asset. */
export interface ExplainedFacts {
  urn: string;
  visibility: RightsFacts['visibility'];
  retiredAt: Date | null;
  owns: readonly { ownerId: string; role: OwnerRole }[];
  /** Ended ones too. */
  grants: readonly AccessGrant[];
}

/** The same facts as `actionsOf` reads them. */
export function rightsIn(facts: ExplainedFacts, now: Date): RightsFacts {
  return {
    visibility: facts.visibility,
    ownerRoles: facts.owns.map(({ role }) => role),
    granted: facts.grants.filter((grant) => isLive(grant, now)).flatMap(({ actions }) => actions),
  };
}

/**
 * Why the principal may or may not do this: each way that gives the right; when none does, what is missing and how to
 * get it. It uses the same words of auth/rights.ts as `actionsOf`, so that the two cannot disagree.
 */
export function explain(
  principal: PrincipalStatus,
  facts: ExplainedFacts,
  action: Action,
  now: Date,
): AccessExplanation {
  const acting = actingAs(principal, { requestId: '', operation: '' });
  const reasons = principal.disabledAt ? [] : waysTo(acting, principal, facts, action, now);
  const rights = rightsIn(facts, now);
  const allowed = !principal.disabledAt && actionsOf(acting, rights).includes(action);
  const uses = action === 'USE_FOR_TRAINING' || action === 'DEPLOY';
  const notes = [
    ...(facts.retiredAt && uses
      ? [`${facts.urn} is retired since ${facts.retiredAt.toISOString()}; nothing new uses it, whoever has the right.`]
      : []),
    ...(allowed && action === 'EDIT' && !mayCurate(acting, rights)
      ? ['A grant of EDIT is for the contents: name, visibility and retirement are left to OWNERs and STEWARDs.']
      : []),
  ];
  return { allowed, notes, reasons: allowed ? reasons : whatIsMissing(acting, principal, facts, action, now) };
}

function waysTo(
  acting: Actor,
  principal: PrincipalStatus,
  facts: ExplainedFacts,
  action: Action,
  now: Date,
): AccessReason[] {
  const { role } = acting;
  const through = (id: string) => throughTeam(principal, id);
  const byRole = role !== null && role !== 'MEMBER' && givenByRole(role).includes(action) ? [role] : [];
  return [
    ...facts.owns
      .filter((own) => givenByOwning(role, own.role).includes(action))
      .map((own) => reason(own.role, `${own.role} of the asset${through(own.ownerId).words}.`, through(own.ownerId))),
    ...facts.grants
      .filter((grant) => isLive(grant, now) && givenByGrant(role, grant.actions).includes(action))
      .map((grant) => {
        const message = `Granted until ${grant.expiresAt.toISOString()}${through(grant.granteeId).words}, for: ${grant.purpose}`;
        return { ...reason('GRANT', message, through(grant.granteeId)), grant };
      }),
    ...byRole.map((each) => ({ ...reason('ROLE', `The role ${each} gives it on every asset.`), role: each })),
    ...(givenByVisibility(facts.visibility).includes(action)
      ? [reason('VISIBILITY', 'The asset is DISCOVERABLE: everyone who is signed in may see it.')]
      : []),
  ];
}

function whatIsMissing(
  { role }: Actor,
  principal: PrincipalStatus,
  facts: ExplainedFacts,
  action: Action,
  now: Date,
): AccessReason[] {
  if (principal.disabledAt) {
    const since = principal.disabledAt.toISOString();
    return [
      reason('NONE', `${principal.name} is disabled since ${since}, and may do nothing until an ADMIN enables them.`),
    ];
  }
  if (role === 'AUDITOR')
    return [reason('NONE', `${principal.name} is an AUDITOR, who reads everything and changes nothing.`)];
  const how =
    action === 'MANAGE_OWNERS'
      ? 'It comes with being OWNER, which an OWNER can offer with offerOwnership.'
      : 'Ask its owners with requestAccess.';
  const ended = facts.grants
    .filter((grant) => !isLive(grant, now) && givenByGrant(role, grant.actions).includes(action))
    .map((grant) => ({ ...reason('NONE', endOf(grant), throughTeam(principal, grant.granteeId)), grant }));
  return [
    reason('NONE', `${principal.name} may not ${action} ${facts.urn}: neither by owning it nor by a grant. ${how}`),
    ...ended,
  ];
}

function endOf({ revokedAt, expiresAt }: AccessGrant): string {
  return revokedAt
    ? `A grant gave it, and was revoked at ${revokedAt.toISOString()}.`
    : `A grant gave it, and expired at ${expiresAt.toISOString()}. Ask again with requestAccess.`;
}

function isLive({ revokedAt, expiresAt }: AccessGrant, now: Date): boolean {
  return revokedAt === null && expiresAt > now;
}

function throughTeam(principal: PrincipalStatus, ownerId: string): { id: string | null; words: string } {
  const team = principal.teams.find(({ id }) => id === ownerId);
  return team ? { id: team.id, words: ` through the team ${team.name}` } : { id: null, words: '' };
}

function reason(kind: ReasonKind, message: string, through: { id: string | null } = { id: null }): AccessReason {
  return { kind, message, throughId: through.id, grant: null, role: null };
}
