import { type Actor, actorId, anonymous, type Role, type Scope, systemActor } from '../auth/actor.js';
import { recordAudit } from '../audit/record.js';
import { badInput, forbidden, notFound, unauthenticated } from '../errors.js';
import { newId } from '../ids.js';
import type { Graph, QueryOrigin } from '../neo4j/graph.js';
import type { ApiToken, Principal, Team, User } from './principal.js';
import type { PrincipalRepository } from './principal.repository.js';
import { isTokenFor, mintToken, tokenIdOf } from './token.js';

const MAX_TOKEN_DAYS = 366;
/** The user that the first start makes. */
const ADMIN_HANDLE = 'admin';
/** `lastUsedAt` is kept to this, so that reading does not write on each request. */
const TOUCH_EVERY_MS = 60_000;

export interface NewToken {
  token: ApiToken;
  /** The only time the secret is seen. */
  secret: string;
}

/** Users, teams, and the tokens they sign in with. */
export class PrincipalService {
  constructor(
    private readonly graph: Graph,
    private readonly principals: PrincipalRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Who sends this Authorization header. No header is nobody, whom the rules refuse; a header that is wrong in any way
   * is refused at once with UNAUTHENTICATED, and always with the same words.
   */
  async authenticate(header: string | undefined, origin: QueryOrigin): Promise<Actor> {
    if (header === undefined) return anonymous(origin);
    const secret = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const tokenId = secret === undefined ? null : tokenIdOf(secret);
    if (secret === undefined || tokenId === null) throw badToken();
    const holder = await this.principals.tokenHolder(origin, tokenId);
    const now = this.now();
    if (!holder || !isTokenFor(secret, holder.hash) || holder.revokedAt || holder.expiresAt <= now) throw badToken();
    if (!holder.lastUsedAt || now.getTime() - holder.lastUsedAt.getTime() > TOUCH_EVERY_MS) {
      await this.principals.touchToken(origin, tokenId, now);
    }
    const { userId, userName, role, scopes, teamIds } = holder;
    return { id: userId, name: userName, role, scopes, principalIds: [userId, ...teamIds], origin };
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Principal>> {
    return this.principals.byIds(actor.origin, ids);
  }

  list(actor: Actor, nameContains: string | null | undefined): Promise<Principal[]> {
    return this.principals.list(actor.origin, nameContains?.toLowerCase() ?? null);
  }

  membersOf(actor: Actor, teamIds: readonly string[]): Promise<Map<string, User[]>> {
    return this.principals.membersOf(actor.origin, teamIds);
  }

  teamsOf(actor: Actor, userIds: readonly string[]): Promise<Map<string, Team[]>> {
    return this.principals.teamsOf(actor.origin, userIds);
  }

  /** The actor's own tokens. */
  async tokensOf(actor: Actor): Promise<ApiToken[]> {
    const me = actorId(actor);
    return (await this.principals.tokensOf(actor.origin, [me])).get(me) ?? [];
  }

  /** The signed-in caller. */
  async viewer(actor: Actor): Promise<Principal> {
    const me = actorId(actor);
    const found = (await this.byIds(actor, [me])).get(me);
    if (!found) throw unauthenticated('Your user no longer exists. Ask an administrator.');
    return found;
  }

  async createUser(actor: Actor, input: { name: string; handle: string; role: Role }): Promise<User> {
    const handle = input.handle.trim().toLowerCase();
    if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(handle)) {
      throw badInput(
        `The handle "${input.handle.slice(0, 70)}" must be 1 to 63 letters, digits, dots, dashes or underscores.`,
      );
    }
    const user: User = {
      __typename: 'User',
      id: newId(),
      name: checkedName(input.name),
      handle,
      role: input.role,
      createdAt: this.now(),
    };
    return this.graph.write(actor.origin, async (tx) => {
      const created = await this.principals.createUser(tx, user);
      const after = { handle, role: input.role };
      await recordAudit(tx, actor, {
        action: 'user:create',
        targetId: user.id,
        targetName: handle,
        after,
        at: this.now(),
      });
      return created;
    });
  }

  async createTeam(actor: Actor, input: { name: string; members: readonly string[] }): Promise<Team> {
    const team: Team = { __typename: 'Team', id: newId(), name: checkedName(input.name), createdAt: this.now() };
    return this.graph.write(actor.origin, async (tx) => {
      await this.principals.createTeam(tx, team);
      const { team: created } = await this.replaceMembers(tx, team.id, input.members);
      const after = { members: input.members };
      await recordAudit(tx, actor, {
        action: 'team:create',
        targetId: team.id,
        targetName: team.name,
        after,
        at: this.now(),
      });
      return created;
    });
  }

  /** Replaces who is in a team. Throws NOT_FOUND for the team, BAD_USER_INPUT for a member who does not exist. */
  async setMembers(actor: Actor, input: { team: string; members: readonly string[] }): Promise<Team> {
    return this.graph.write(actor.origin, async (tx) => {
      const { team, before } = await this.replaceMembers(tx, input.team, input.members);
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

  /** Makes a token for oneself; an ADMIN for anyone. It never has more scopes than the token that made it. */
  async createToken(
    actor: Actor,
    input: { name: string; user?: string | null; scopes: readonly Scope[]; expiresInDays: number },
  ): Promise<NewToken> {
    const me = actorId(actor);
    const userId = input.user ?? me;
    if (userId !== me && actor.role !== 'ADMIN') throw forbidden('Only an ADMIN makes tokens for someone else.');
    const beyond = input.scopes.find((scope) => !actor.scopes.includes(scope));
    if (beyond) throw forbidden(`Your own token has no ${beyond} scope, so it cannot give one.`);
    if (input.scopes.length === 0) throw badInput('A token needs at least one scope.');
    if (input.expiresInDays < 1 || input.expiresInDays > MAX_TOKEN_DAYS) {
      throw badInput(`\`expiresInDays\` is ${input.expiresInDays}; it must be from 1 to ${MAX_TOKEN_DAYS}.`);
    }
    const now = this.now();
    const secret = mintToken(newId());
    const token: ApiToken = {
      __typename: 'ApiToken',
      id: secret.id,
      name: checkedName(input.name),
      scopes: [...input.scopes],
      createdAt: now,
      expiresAt: new Date(now.getTime() + input.expiresInDays * 86_400_000),
      revokedAt: null,
      lastUsedAt: null,
    };
    return this.graph.write(actor.origin, async (tx) => {
      const created = await this.principals.createToken(tx, userId, token, secret.hash);
      if (!created) throw notFound(`There is no user ${userId}.`);
      const after = { user: userId, scopes: input.scopes, expiresAt: token.expiresAt };
      await recordAudit(tx, actor, {
        action: 'token:create',
        targetId: token.id,
        targetName: created.userName,
        after,
        at: now,
      });
      return { token: created.token, secret: secret.text };
    });
  }

  /** Ends a token of one's own; an ADMIN any. Ending it twice changes nothing. */
  async revokeToken(actor: Actor, id: string): Promise<ApiToken> {
    const by = { id, actorId: actorId(actor), isAdmin: actor.role === 'ADMIN', now: this.now() };
    return this.graph.write(actor.origin, async (tx) => {
      const revoked = await this.principals.revokeToken(tx, by);
      if (!revoked) throw notFound(`There is no token ${id} of yours.`);
      const target = { targetId: id, targetName: revoked.userName };
      await recordAudit(tx, actor, { action: 'token:revoke', ...target, after: { revokedAt: by.now }, at: by.now });
      return revoked.token;
    });
  }

  /** Whether the first start has been: it makes the administrator. */
  async hasAdministrator(): Promise<boolean> {
    return (await this.principals.findUser(systemActor('bootstrap').origin, ADMIN_HANDLE)) !== null;
  }

  /** Makes sure there is an administrator, and gives a fresh token of theirs: for the person who runs the server. */
  async mintAdminToken(): Promise<NewToken> {
    const system = systemActor('bootstrap');
    const admin =
      (await this.principals.findUser(system.origin, ADMIN_HANDLE)) ??
      (await this.createUser(system, { name: 'Administrator', handle: ADMIN_HANDLE, role: 'ADMIN' }));
    const scopes: Scope[] = ['READ', 'WRITE', 'LAUNCH', 'ADMIN'];
    return this.createToken(system, {
      name: 'printed at start',
      user: admin.id,
      scopes,
      expiresInDays: MAX_TOKEN_DAYS,
    });
  }

  private async replaceMembers(
    tx: Parameters<PrincipalRepository['setMembers']>[0],
    teamId: string,
    members: readonly string[],
  ) {
    const wanted = [...new Set(members)];
    const changed = await this.principals.setMembers(tx, teamId, wanted, this.now());
    if (!changed) throw notFound(`There is no team ${teamId}.`);
    if (changed.members !== wanted.length) throw badInput('A member does not exist. Give the ids of users that do.');
    return changed;
  }
}

function badToken(): Error {
  return unauthenticated('The token is not valid: unknown, expired or revoked. Sign in with a valid one.');
}

function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || [...trimmed].length > 200) throw badInput('A name must have 1 to 200 characters.');
  return trimmed;
}
