import { type Actor, actorId, type Role } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, conflict, notFound, unauthenticated } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Principal, ServiceAccount, Team, User } from './principal.js';
import type { PlacedPrincipal, PrincipalConditions, PrincipalRepository } from './principal.repository.js';
import { checkServiceAccountRole } from './account-administration.service.js';

/** Users, service accounts and teams. */
export class PrincipalService {
  constructor(
    private readonly graph: Graph,
    private readonly principals: PrincipalRepository,
    private readonly now: () => Date,
  ) {}

  /** What something refers to, so it was there before that. */
  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Principal>> {
    return this.principals.byIds(actor, ids, false);
  }

  /** Those of which the actor may know that they are there: for an auditor session, none that came later. */
  listedByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Principal>> {
    return this.principals.byIds(actor, ids, true);
  }

  /** In the order of names; `page` lies between places in it. */
  list(actor: Actor, wanted: PrincipalConditions, page: Page): Promise<PageRows<PlacedPrincipal>> {
    return this.principals.list(actor, wanted, page);
  }

  count(actor: Actor, wanted: PrincipalConditions): Promise<number> {
    return this.principals.count(actor, wanted);
  }

  membersOf(actor: Actor, teamIds: readonly string[]): Promise<Map<string, User[]>> {
    return this.principals.membersOf(actor, teamIds);
  }

  serviceAccountsOf(actor: Actor, teamIds: readonly string[]): Promise<Map<string, ServiceAccount[]>> {
    return this.principals.serviceAccountsOf(actor, teamIds);
  }

  /** The teams that each of the users and service accounts is in. */
  teamsOf(actor: Actor, accountIds: readonly string[]): Promise<Map<string, Team[]>> {
    return this.principals.teamsOf(actor, accountIds);
  }

  /** The signed-in caller. */
  async viewer(actor: Actor): Promise<Principal> {
    const me = actorId(actor);
    const found = (await this.byIds(actor, [me])).get(me);
    if (!found) throw unauthenticated('Your user no longer exists. Ask an administrator.');
    return found;
  }

  async createUser(actor: Actor, input: { name: string; handle: string; role: Role }): Promise<User> {
    const handle = checkedHandle(input.handle);
    const user: User = {
      __typename: 'User',
      id: newId(),
      name: checkedName(input.name),
      handle,
      role: input.role,
      issuer: null,
      createdAt: this.now(),
      disabledAt: null,
    };
    return this.graph.write(actor.origin, async (tx) => {
      const created = await this.principals.createUser(tx, user);
      await recordAudit(tx, actor, {
        action: 'user:create',
        targetId: user.id,
        targetName: handle,
        after: { handle, role: input.role },
        personal: ['/targetName', '/after/handle'],
        at: this.now(),
      });
      return created;
    });
  }

  /** Makes an account for a program, in teams if any are named. Throws CONFLICT or BAD_USER_INPUT. */
  async createServiceAccount(
    actor: Actor,
    input: { name: string; description?: string | null; role: Role; teams: readonly string[] },
  ): Promise<ServiceAccount> {
    checkServiceAccountRole(input.role);
    const wanted = [...new Set(input.teams)];
    const account: ServiceAccount = {
      __typename: 'ServiceAccount',
      id: newId(),
      name: checkedName(input.name),
      description: checkedDescription(input.description),
      role: input.role,
      createdAt: this.now(),
      disabledAt: null,
    };
    return this.graph.write(actor.origin, async (tx) => {
      const { account: created, teams } = await this.principals.createServiceAccount(tx, account, wanted);
      if (teams !== wanted.length) throw badInput('A team does not exist or is retired. Give the ids of teams in use.');
      await recordAudit(tx, actor, {
        action: 'serviceAccount:create',
        targetId: account.id,
        targetName: account.name,
        after: { role: account.role, teams: wanted },
        at: this.now(),
      });
      return created;
    });
  }

  async createTeam(
    actor: Actor,
    input: { name: string; members: readonly string[]; externalGroup?: string | null },
  ): Promise<Team> {
    const team: Team = {
      __typename: 'Team',
      id: newId(),
      name: checkedName(input.name),
      externalGroup: checkedGroup(input.externalGroup),
      createdAt: this.now(),
      retiredAt: null,
    };
    return this.graph.write(actor.origin, async (tx) => {
      await this.principals.createTeam(tx, team);
      const { team: created } = await this.replaceMembers(tx, team.id, input.members);
      await recordAudit(tx, actor, {
        action: 'team:create',
        targetId: team.id,
        targetName: team.name,
        after: { members: input.members, externalGroup: team.externalGroup },
        at: this.now(),
      });
      return created;
    });
  }

  /**
   * Replaces who is in a team by hand; members through a group stay. Throws NOT_FOUND for the team, BAD_USER_INPUT for
   * a member who does not exist or is disabled.
   */
  async setMembers(actor: Actor, input: { team: string; members: readonly string[] }): Promise<Team> {
    return this.graph.write(actor.origin, async (tx) => {
      const { team, before, after } = await this.replaceMembers(tx, input.team, input.members);
      if (after.length === before.length && before.every((each) => after.includes(each))) return team;
      const change = { before: { members: before }, after: { members: input.members } };
      await recordAudit(tx, actor, {
        action: 'team:setMembers',
        targetId: team.id,
        targetName: team.name,
        ...change,
        at: this.now(),
      });
      return team;
    });
  }

  /** Names the group of the identity provider whose members are in the team; null: none. Throws NOT_FOUND. */
  async setTeamGroup(actor: Actor, input: { team: string; externalGroup?: string | null }): Promise<Team> {
    const group = checkedGroup(input.externalGroup);
    return this.graph.write(actor.origin, async (tx) => {
      const changed = await this.principals.setTeamGroup(tx, input.team, group, this.now());
      if (!changed) throw notFound(`There is no team ${input.team}.`);
      checkInUse(changed.team);
      if (changed.before === group) return changed.team;
      await recordAudit(tx, actor, {
        action: 'team:setGroup',
        targetId: changed.team.id,
        targetName: changed.team.name,
        before: { externalGroup: changed.before },
        after: { externalGroup: group },
        at: this.now(),
      });
      return changed.team;
    });
  }

  private async replaceMembers(tx: WriteTransaction, teamId: string, members: readonly string[]) {
    const wanted = [...new Set(members)];
    const changed = await this.principals.setMembers(tx, teamId, wanted, this.now());
    if (!changed) throw notFound(`There is no team ${teamId}.`);
    checkInUse(changed.team);
    if (changed.members !== wanted.length) {
      throw badInput('A member does not exist or is disabled. Give the ids of enabled users or service accounts.');
    }
    return changed;
  }
}

/** Throws CONFLICT for a team that is retired: what was written is then given up with the transaction. */
function checkInUse({ name, retiredAt }: Team): void {
  if (retiredAt)
    throw conflict(
      `The team "${name}" is retired since ${retiredAt.toISOString()}. Bring it back first, with restoreTeam.`,
    );
}

/** In lower case. Throws BAD_USER_INPUT for what no handle can be. */
export function checkedHandle(text: string): string {
  const handle = text.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/.test(handle)) return handle;
  throw badInput(`The handle "${text.slice(0, 70)}" must be 1 to 63 letters, digits, dots, dashes or underscores.`);
}

/** Throws BAD_USER_INPUT when it is empty or too long. */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || [...trimmed].length > 200) throw badInput('A name must have 1 to 200 characters.');
  return trimmed;
}

function checkedDescription(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  if ([...trimmed].length > 2_000) throw badInput('A description must have at most 2000 characters.');
  return trimmed === '' ? null : trimmed;
}

function checkedGroup(group: string | null | undefined): string | null {
  if (group == null) return null;
  if (group.trim() === '' || [...group].length > 500) {
    throw badInput('A group must have 1 to 500 characters. Give null for a team without a group.');
  }
  return group;
}
