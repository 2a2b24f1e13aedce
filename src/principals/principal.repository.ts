import { type Role, ROLES, type Scope, SCOPES } from '../auth/actor.js';
import { conflict } from '../errors.js';
import { ConstraintViolation, type Graph, type QueryOrigin, type WriteTransaction } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import type { ApiToken, Principal, Team, User } from './principal.js';
import * as cypher from './principal.cypher.js';

export interface TokenHolder {
  hash: string;
  scopes: Scope[];
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  userId: string;
  userName: string;
  role: Role;
  teamIds: string[];
}

export class PrincipalRepository {
  constructor(private readonly graph: Graph) {}

  async byIds(origin: QueryOrigin, ids: readonly string[]): Promise<Map<string, Principal>> {
    const rows = await this.graph.read(origin, cypher.PRINCIPALS_BY_ID, { ids });
    return new Map(rows.map(decodePrincipal).map((principal) => [principal.id, principal]));
  }

  async list(origin: QueryOrigin, nameContains: string | null): Promise<Principal[]> {
    return (await this.graph.read(origin, cypher.LIST_PRINCIPALS, { nameContains })).map(decodePrincipal);
  }

  async membersOf(origin: QueryOrigin, teamIds: readonly string[]): Promise<Map<string, User[]>> {
    const rows = await this.graph.read(origin, cypher.MEMBERS_OF, { ids: teamIds });
    return grouped(teamIds, rows, (row) => row.rows('users').map(decodeUser));
  }

  async teamsOf(origin: QueryOrigin, userIds: readonly string[]): Promise<Map<string, Team[]>> {
    const rows = await this.graph.read(origin, cypher.TEAMS_OF, { ids: userIds });
    return grouped(userIds, rows, (row) => row.rows('teams').map(decodeTeam));
  }

  async tokensOf(origin: QueryOrigin, userIds: readonly string[]): Promise<Map<string, ApiToken[]>> {
    const rows = await this.graph.read(origin, cypher.TOKENS_OF, { ids: userIds });
    return grouped(userIds, rows, (row) => row.rows('tokens').map(decodeToken));
  }

  async findUser(origin: QueryOrigin, handle: string): Promise<Principal | null> {
    const rows = await this.graph.read(origin, cypher.FIND_USER_BY_HANDLE, { handle });
    return rows[0] ? decodePrincipal(rows[0]) : null;
  }

  /** Throws CONFLICT when the handle is taken. */
  async createUser(tx: WriteTransaction, user: User): Promise<User> {
    const { id, name, handle, role, createdAt: now } = user;
    const row = await refused(`The handle "${handle}" is taken. Choose another.`, () =>
      tx.one(cypher.CREATE_USER, { id, name, handle, role, now }),
    );
    return decodeUser(row.row('principal'));
  }

  /** Throws CONFLICT when the name is taken. */
  async createTeam(tx: WriteTransaction, team: Team): Promise<Team> {
    const { id, name, createdAt: now } = team;
    const row = await refused(`There is a team "${name}" already. Choose another name.`, () =>
      tx.one(cypher.CREATE_TEAM, { id, name, now }),
    );
    return decodeTeam(row.row('principal'));
  }

  /** Replaces the members of a team; null when there is no such team. */
  async setMembers(tx: WriteTransaction, teamId: string, members: readonly string[], now: Date) {
    const row = await tx.first(cypher.SET_MEMBERS, { teamId, members, now });
    return row && { team: decodeTeam(row.row('principal')), before: row.texts('before'), members: row.int('members') };
  }

  /** null when there is no such user. */
  async createToken(tx: WriteTransaction, userId: string, token: ApiToken, hash: string) {
    const { id, name, scopes, createdAt: now, expiresAt } = token;
    const row = await tx.first(cypher.CREATE_TOKEN, { userId, id, name, hash, scopes, now, expiresAt });
    return row && { token: decodeToken(row.row('token')), userName: row.text('userName') };
  }

  /** null when there is no such token, or the actor may not revoke it. */
  async revokeToken(tx: WriteTransaction, by: { id: string; actorId: string; isAdmin: boolean; now: Date }) {
    const row = await tx.first(cypher.REVOKE_TOKEN, { ...by });
    return row && { token: decodeToken(row.row('token')), userId: row.text('userId'), userName: row.text('userName') };
  }

  async tokenHolder(origin: QueryOrigin, tokenId: string): Promise<TokenHolder | null> {
    const row = (await this.graph.read(origin, cypher.AUTHENTICATE, { tokenId }))[0];
    return row ? decodeHolder(row) : null;
  }

  async touchToken(origin: QueryOrigin, tokenId: string, now: Date): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.TOUCH_TOKEN, { tokenId, now }));
  }
}

export function decodePrincipal(row: Row): Principal {
  return row.flag('isTeam') ? decodeTeam(row.row('principal')) : decodeUser(row.row('principal'));
}

function decodeUser(row: Row): User {
  return {
    __typename: 'User',
    id: row.text('id'),
    name: row.text('name'),
    handle: row.text('handle'),
    role: roleOf(row.text('role')),
    createdAt: row.time('createdAt'),
  };
}

function decodeTeam(row: Row): Team {
  return { __typename: 'Team', id: row.text('id'), name: row.text('name'), createdAt: row.time('createdAt') };
}

function decodeToken(row: Row): ApiToken {
  return {
    __typename: 'ApiToken',
    id: row.text('id'),
    name: row.text('name'),
    scopes: scopesOf(row),
    createdAt: row.time('createdAt'),
    expiresAt: row.time('expiresAt'),
    revokedAt: row.maybeTime('revokedAt'),
    lastUsedAt: row.maybeTime('lastUsedAt'),
  };
}

function decodeHolder(row: Row): TokenHolder {
  return {
    hash: row.text('hash'),
    scopes: scopesOf(row),
    expiresAt: row.time('expiresAt'),
    revokedAt: row.maybeTime('revokedAt'),
    lastUsedAt: row.maybeTime('lastUsedAt'),
    userId: row.text('id'),
    userName: row.text('name'),
    role: roleOf(row.text('role')),
    teamIds: row.texts('teamIds'),
  };
}

/** An unknown word gives the least right: the database may hold what a newer version wrote. */
function roleOf(word: string): Role {
  return ROLES.find((role) => role === word) ?? 'MEMBER';
}

function scopesOf(row: Row): Scope[] {
  const words = row.texts('scopes');
  return SCOPES.filter((scope) => words.includes(scope));
}

function grouped<T>(ids: readonly string[], rows: Row[], decode: (row: Row) => T[]): Map<string, T[]> {
  const found = new Map(rows.map((row) => [row.text('id'), decode(row)]));
  return new Map(ids.map((id) => [id, found.get(id) ?? []]));
}

async function refused<T>(message: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    throw error instanceof ConstraintViolation ? conflict(message) : error;
  }
}
