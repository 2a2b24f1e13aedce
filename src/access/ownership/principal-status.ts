import { type Actor, type Role, SCOPES } from '../../auth/actor.js';
import type { QueryOrigin } from '../../neo4j/graph.js';

/** What counts of a principal when ownership or access is decided about: they may be someone else than the caller. */
export interface PrincipalStatus {
  id: string;
  name: string;
  /** null for a team. */
  role: Role | null;
  isTeam: boolean;
  /** null: not disabled. */
  disabledAt: Date | null;
  teams: { id: string; name: string }[];
  /** Members of a team who are not disabled. */
  activeMembers: number;
}

/** Nobody can act for it: a disabled user or service account, or a team without a member who is not disabled. */
export function isInactive({ isTeam, disabledAt, activeMembers }: PrincipalStatus): boolean {
  return disabledAt !== null || (isTeam && activeMembers === 0);
}

/** The principal as one who acts: with all they own and all their teams own. A team stands for any of its members. */
export function actingAs({ id, name, role, isTeam, teams }: PrincipalStatus, origin: QueryOrigin): Actor {
  const principalIds = [id, ...teams.map((team) => team.id)];
  return { id, name, role: isTeam ? 'MEMBER' : role, scopes: SCOPES, principalIds, origin };
}
