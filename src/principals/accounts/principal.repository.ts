import { type Actor, viewerOf } from '../../auth/actor.js';
import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { Principal, ServiceAccount, Team, User } from './principal.js';
import { cutPage, type Page, type PageRows } from '../../graphql/page.js';
import { foldCase } from './fold-case.js';
import * as cypher from './principal.cypher.js';
import { decodePrincipal, decodeServiceAccount, decodeTeam, decodeUser, grouped, refused } from './principal.decode.js';

/** Which principals are listed. */
export interface PrincipalConditions {
  /** A part of the name or handle, folded; null: any. */
  nameContains: string | null;
  /** Retired teams too. */
  retired: boolean;
}

export interface PlacedPrincipal {
  principal: Principal;
  /** Its place in the order of the list. */
  place: string;
}

export class PrincipalRepository {
  constructor(private readonly graph: Graph) {}

  /** `listed`: only those that were there at the time of an auditor session. */
  async byIds(actor: Actor, ids: readonly string[], listed: boolean): Promise<Map<string, Principal>> {
    const rows = await this.graph.read(actor.origin, cypher.PRINCIPALS_BY_ID, {
      ids,
      listed,
      viewer: viewerOf(actor),
    });
    return new Map(rows.map(decodePrincipal).map((principal) => [principal.id, principal]));
  }

  /** In the order of their names. `page`: between places, as the rows have them. */
  async list(actor: Actor, wanted: PrincipalConditions, page: Page): Promise<PageRows<PlacedPrincipal>> {
    const statement = page.backward ? cypher.LIST_PRINCIPALS.backward : cypher.LIST_PRINCIPALS.forward;
    const window = { low: page.after ?? '', high: page.before, limit: page.size + 1 };
    const rows = await this.graph.read(actor.origin, statement, { ...wanted, ...window, viewer: viewerOf(actor) });
    return cutPage(
      rows.map((row) => ({ principal: decodePrincipal(row), place: row.text('place') })),
      page,
    );
  }

  async count(actor: Actor, wanted: PrincipalConditions): Promise<number> {
    const rows = await this.graph.read(actor.origin, cypher.COUNT_PRINCIPALS, { ...wanted, viewer: viewerOf(actor) });
    return rows[0]?.int('total') ?? 0;
  }

  async membersOf(actor: Actor, teamIds: readonly string[]): Promise<Map<string, User[]>> {
    const rows = await this.graph.read(actor.origin, cypher.MEMBERS_OF, { ids: teamIds, viewer: viewerOf(actor) });
    return grouped(teamIds, rows, (row) => row.rows('users').map(decodeUser));
  }

  async serviceAccountsOf(actor: Actor, teamIds: readonly string[]): Promise<Map<string, ServiceAccount[]>> {
    const rows = await this.graph.read(actor.origin, cypher.SERVICE_ACCOUNTS_OF, {
      ids: teamIds,
      viewer: viewerOf(actor),
    });
    return grouped(teamIds, rows, (row) => row.rows('accounts').map(decodeServiceAccount));
  }

  async teamsOf(actor: Actor, accountIds: readonly string[]): Promise<Map<string, Team[]>> {
    const rows = await this.graph.read(actor.origin, cypher.TEAMS_OF, { ids: accountIds, viewer: viewerOf(actor) });
    return grouped(accountIds, rows, (row) => row.rows('teams').map(decodeTeam));
  }

  async findUser(origin: QueryOrigin, handle: string): Promise<User | null> {
    const rows = await this.graph.read(origin, cypher.FIND_USER_BY_HANDLE, { nameKey: foldCase(handle) });
    return rows[0] ? decodeUser(rows[0].row('principal')) : null;
  }

  /** Throws CONFLICT when the handle is taken. */
  async createUser(tx: WriteTransaction, user: User): Promise<User> {
    const { id, name, handle, role, createdAt: now } = user;
    const row = await refused(handleTaken(handle), () =>
      tx.one(cypher.CREATE_USER, { id, name, handle, nameKey: foldCase(handle), role, now }),
    );
    return decodeUser(row.row('principal'));
  }

  /** Throws CONFLICT when the name is taken. */
  async createTeam(tx: WriteTransaction, team: Team): Promise<Team> {
    const { id, name, externalGroup, createdAt: now } = team;
    const row = await refused(teamTaken(name), () =>
      tx.one(cypher.CREATE_TEAM, { id, name, nameKey: foldCase(name), externalGroup, now }),
    );
    return decodeTeam(row.row('principal'));
  }

  /** `teams`: into how many of them it was put. Throws CONFLICT when the name is taken. */
  async createServiceAccount(tx: WriteTransaction, account: ServiceAccount, teams: readonly string[]) {
    const { id, name, description, role, createdAt: now } = account;
    const row = await refused(serviceAccountTaken(name), () =>
      tx.one(cypher.CREATE_SERVICE_ACCOUNT, { id, name, nameKey: foldCase(name), description, role, now, teams }),
    );
    return { account: decodeServiceAccount(row.row('principal')), teams: row.int('teams') };
  }

  /** Replaces the members of a team put there by hand; null when there is no such team. */
  async setMembers(tx: WriteTransaction, teamId: string, members: readonly string[], now: Date) {
    const row = await tx.first(cypher.SET_MEMBERS, { teamId, members, now });
    const [before, after] = [row?.texts('before') ?? [], row?.texts('after') ?? []];
    return row && { team: decodeTeam(row.row('principal')), before, after, members: row.int('members') };
  }

  /** null when there is no such team. */
  async setTeamGroup(tx: WriteTransaction, teamId: string, group: string | null, now: Date) {
    const row = await tx.first(cypher.SET_TEAM_GROUP, { teamId, group, now });
    return row && { team: decodeTeam(row.row('principal')), before: row.maybeText('before') };
  }
}

export const handleTaken = (handle: string): string =>
  `The handle "${handle}" is taken, in this or another case. Choose another.`;
export const teamTaken = (name: string): string =>
  `There is a team "${name}" already, in this or another case. Choose another name.`;
export const serviceAccountTaken = (name: string): string =>
  `There is a service account "${name}" already, in this or another case. Choose another name.`;
