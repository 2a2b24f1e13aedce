import type { Row } from '../neo4j/row.js';
import { type Actor, type Role, viewerOf } from './actor.js';

export const ACTIONS = ['VIEW', 'EDIT', 'USE_FOR_TRAINING', 'DEPLOY', 'MANAGE_OWNERS'] as const;
export type Action = (typeof ACTIONS)[number];

/** What a grant can be for; MANAGE_OWNERS comes with owning alone. */
export const GRANTABLE: readonly Action[] = ['VIEW', 'EDIT', 'USE_FOR_TRAINING', 'DEPLOY'];

/** What the database knows of the viewer's relation to one asset (auth/rights.cypher.ts, rightsOn). */
export interface RightsFacts {
  visibility: 'DISCOVERABLE' | 'RESTRICTED';
  ownerRoles: readonly string[];
  granted: readonly string[];
}

export function decodeRights(row: Row): RightsFacts {
  return {
    visibility: row.text('visibility') === 'DISCOVERABLE' ? 'DISCOVERABLE' : 'RESTRICTED',
    ownerRoles: row.texts('ownerRoles'),
    granted: row.texts('granted'),
  };
}

/**
 * What a role gives on every asset. An ADMIN mends metadata and ownership, but running an installation is not owning its
 * data: using data for training and deploying stay with owners and grantees. An AUDITOR sees everything.
 */
export function givenByRole(role: Role | null): readonly Action[] {
  if (role === 'ADMIN') return ['VIEW', 'EDIT', 'MANAGE_OWNERS'];
  return role === 'AUDITOR' ? ['VIEW'] : [];
}

/** What owning gives: an OWNER everything, a STEWARD the care of the metadata; an AUDITOR, who changes nothing, the sight. */
export function givenByOwning(role: Role | null, ownerRole: string): readonly Action[] {
  if (role === 'AUDITOR') return ['VIEW'];
  if (ownerRole === 'OWNER') return ACTIONS;
  return ownerRole === 'STEWARD' ? ['VIEW', 'EDIT'] : ['VIEW'];
}

/** What a grant of these actions gives: what it names, and the sight of the asset with it; an AUDITOR the sight. */
export function givenByGrant(role: Role | null, granted: readonly string[]): readonly Action[] {
  if (granted.length === 0) return [];
  const named = GRANTABLE.filter((action) => granted.includes(action));
  return role === 'AUDITOR' ? ['VIEW'] : ['VIEW', ...named];
}

/** What everyone who is signed in may do with an asset of this visibility. */
export function givenByVisibility(visibility: RightsFacts['visibility']): readonly Action[] {
  return visibility === 'DISCOVERABLE' ? ['VIEW'] : [];
}

/** What the actor may do with an asset, in the order of the Action enum; [] when they may not even see it. */
export function actionsOf(actor: Actor, facts: RightsFacts): Action[] {
  const given = new Set<Action>([
    ...givenByRole(actor.role),
    ...(viewerOf(actor).discovers ? givenByVisibility(facts.visibility) : []),
    ...facts.ownerRoles.flatMap((ownerRole) => givenByOwning(actor.role, ownerRole)),
    ...givenByGrant(actor.role, facts.granted),
  ]);
  return ACTIONS.filter((action) => given.has(action));
}

/** Whether the actor may do this with the asset. */
export function may(actor: Actor, facts: RightsFacts, action: Action): boolean {
  return actionsOf(actor, facts).includes(action);
}

/**
 * Whether the actor may say who finds the asset, by which name, and whether it is in use: its visibility, name and
 * retirement. A grant of EDIT is for its contents, and would otherwise open to all what was opened to one.
 */
export function mayCurate(actor: Actor, facts: RightsFacts): boolean {
  const takesCare = actor.role !== 'AUDITOR' && facts.ownerRoles.includes('STEWARD');
  return takesCare || may(actor, facts, 'MANAGE_OWNERS');
}

/** What the actor may give to others: what they have by owning. What was granted to oneself is not one's own to give. */
export function givableBy(actor: Actor, facts: RightsFacts): Action[] {
  const own = facts.ownerRoles.flatMap((ownerRole) => givenByOwning(actor.role, ownerRole));
  return GRANTABLE.filter((action) => own.includes(action));
}
