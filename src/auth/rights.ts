import type { Row } from '../neo4j/row.js';
import { type Actor, viewerOf } from './actor.js';

export const ACTIONS = ['VIEW', 'EDIT', 'USE_FOR_TRAINING', 'DEPLOY', 'MANAGE_OWNERS'] as const;
export type Action = (typeof ACTIONS)[number];

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
 * What the actor may do with an asset, in the order of the Action enum; [] when they may not even see it.
 * Owning gives everything, stewarding gives the care of the metadata, a grant gives what it names.
 * An ADMIN mends metadata and ownership, but running an installation is not owning its data: using data for training
 * and deploying stay with owners and grantees. An AUDITOR sees everything and changes nothing.
 */
export function actionsOf(actor: Actor, facts: RightsFacts): Action[] {
  const actions = new Set<Action>();
  const add = (...more: Action[]): void => more.forEach((action) => actions.add(action));
  if (actor.role === 'ADMIN') add('VIEW', 'EDIT', 'MANAGE_OWNERS');
  if (actor.role === 'AUDITOR') add('VIEW');
  if (viewerOf(actor).discovers && facts.visibility === 'DISCOVERABLE') add('VIEW');
  if (actor.role !== 'AUDITOR') {
    if (facts.ownerRoles.includes('OWNER')) add(...ACTIONS);
    if (facts.ownerRoles.includes('STEWARD')) add('VIEW', 'EDIT');
  }
  if (facts.ownerRoles.length > 0) add('VIEW');
  if (facts.granted.length > 0) add('VIEW', ...ACTIONS.filter((action) => facts.granted.includes(action)));
  return ACTIONS.filter((action) => actions.has(action));
}

export function may(actor: Actor, facts: RightsFacts, action: Action): boolean {
  return actionsOf(actor, facts).includes(action);
}
