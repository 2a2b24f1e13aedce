import {
  type Actor,
  actorId,
  administers,
  type Credential,
  hasScope,
  type Scope,
  SCOPES,
  systemActor,
} from '../../auth/actor.js';
import type { ReportLimits } from '../../auth/report-limits.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, forbidden, notFound } from '../../errors.js';
import { newId } from '../../ids.js';
import type { Graph } from '../../neo4j/graph.js';
import type { ApiToken, User } from '../accounts/principal.js';
import type { PrincipalRepository } from '../accounts/principal.repository.js';
import { checkLife, endOfLife, makersOf } from '../accounts/made-with.js';
import { checkedName, type PrincipalService } from '../accounts/principal.service.js';
import type { AccountAdministration } from '../accounts/account-administration.service.js';
import type { TokenRepository } from './token.repository.js';
import { limitsWithin } from './token-limits.js';
import { mintToken } from './token.js';

const USUAL_DAYS = 90;
/** The user that the first start makes. */
export const ADMIN_HANDLE = 'admin';

export interface NewToken {
  token: ApiToken;
  /** The only time the secret is seen. */
  secret: string;
}

export interface TokenParts {
  graph: Graph;
  tokens: TokenRepository;
  rows: PrincipalRepository;
  principals: PrincipalService;
  standing: AccountAdministration;
  /** Longest life of a token. */
  maxDays: number;
  now: () => Date;
}

export interface WantedToken {
  name: string;
  /** Absent: oneself. */
  user?: string | null;
  scopes: readonly Scope[];
  /** Absent: 90 days, or the rest of the life of the token that it falls with. */
  expiresInDays?: number | null;
  /** Absent, or a list of it: that of the token in hand. */
  reportLimits?: { namespaces?: readonly string[] | null; jobs?: readonly string[] | null } | null;
}

/** The tokens that users and service accounts sign in with. */
export class TokenService {
  constructor(private readonly parts: TokenParts) {}

  /** The tokens of each account, without their secrets; which are not kept. Whose one may ask for is the caller's question. */
  tokensOf(actor: Actor, accountIds: readonly string[]): Promise<Map<string, ApiToken[]>> {
    return this.parts.tokens.tokensOf(actor, accountIds);
  }

  /**
   * Makes a token for oneself; an ADMIN for anyone. It never has more scopes than the token that made it, and ends and
   * falls with it: else whoever held a token for a day would have it for good. The one exception is what an ADMIN gives
   * to somebody else and cannot administer (ADR 43): like the account itself, it outlives the token it was made with.
   */
  async createToken(actor: Actor, input: WantedToken): Promise<NewToken> {
    const me = actorId(actor);
    const userId = input.user ?? me;
    if (userId !== me && !administers(actor)) {
      throw forbidden('Only an ADMIN, with a token that has the ADMIN scope, makes tokens for someone else.');
    }
    checkScopes(actor, input.scopes);
    const fallsWith = userId === me || input.scopes.includes('ADMIN') ? actor.credential : undefined;
    const reportLimits = limitsWithin(actor.reportLimits, input);
    const { text: secret, hash, token } = this.mint(input, fallsWith, reportLimits);
    return this.parts.graph.write(actor.origin, async (tx) => {
      const created = await this.parts.tokens.create(tx, userId, token, hash);
      if (!created) throw await this.whyNoToken(actor, userId);
      await recordAudit(tx, actor, {
        action: 'token:create',
        targetId: token.id,
        targetName: created.holder.name,
        after: {
          user: userId,
          scopes: token.scopes,
          expiresAt: token.expiresAt,
          ...(reportLimits && { reportLimits }),
          madeWith: actor.credential?.tokenId ?? null,
          fallsWithIt: fallsWith !== undefined,
        },
        personal: created.holder.isPerson ? ['/targetName'] : [],
        at: token.createdAt,
      });
      return { token: created.token, secret };
    });
  }

  /** Ends a token of one's own; an ADMIN any. Ending it twice changes nothing. */
  async revokeToken(actor: Actor, id: string): Promise<ApiToken> {
    const by = { id, actorId: actorId(actor), isAdmin: administers(actor), now: this.parts.now() };
    return this.parts.graph.write(actor.origin, async (tx) => {
      const revoked = await this.parts.tokens.revoke(tx, by);
      if (!revoked) throw notFound(`There is no token ${id} of yours.`);
      await recordAudit(tx, actor, {
        action: 'token:revoke',
        targetId: id,
        targetName: revoked.holder.name,
        after: { revokedAt: revoked.token.revokedAt },
        personal: revoked.holder.isPerson ? ['/targetName'] : [],
        at: by.now,
      });
      return revoked.token;
    });
  }

  /** The administrator that the first start makes; null before it. */
  administrator(): Promise<User | null> {
    return this.parts.rows.findUser(systemActor('bootstrap').origin, ADMIN_HANDLE);
  }

  /**
   * Makes sure there is an administrator who can do the work, and gives a fresh token of theirs: for the person who runs
   * the server, and has locked themselves out. The audit log has each step.
   */
  async mintAdminToken(): Promise<NewToken> {
    const system = systemActor('bootstrap');
    const { principals, standing } = this.parts;
    const known = await this.administrator();
    const admin =
      known ?? (await principals.createUser(system, { name: 'Administrator', handle: ADMIN_HANDLE, role: 'ADMIN' }));
    const reason = 'A new token was asked for on the machine of the server.';
    if (admin.disabledAt) await standing.enable(system, { principal: admin.id, reason });
    if (admin.role !== 'ADMIN') await standing.setRole(system, { user: admin.id, role: 'ADMIN', reason });
    const token = { name: 'printed at start', user: admin.id, scopes: SCOPES, expiresInDays: this.parts.maxDays };
    return this.createToken(system, token);
  }

  private mint(input: WantedToken, fallsWith: Credential | undefined, reportLimits: ReportLimits | null) {
    const { maxDays } = this.parts;
    const usual = Math.min(USUAL_DAYS, maxDays);
    const life = { member: 'expiresInDays', asked: input.expiresInDays ?? null, usual, unitMs: 86_400_000 };
    checkLife(life, maxDays);
    const createdAt = this.parts.now();
    const { id, text, hash } = mintToken(newId());
    const token: ApiToken = {
      __typename: 'ApiToken',
      id,
      name: checkedName(input.name),
      scopes: SCOPES.filter((scope) => input.scopes.includes(scope)),
      createdAt,
      expiresAt: endOfLife(fallsWith, life, createdAt),
      revokedAt: null,
      lastUsedAt: null,
      madeWith: makersOf(fallsWith),
      reportLimits,
    };
    return { text, hash, token };
  }

  private async whyNoToken(actor: Actor, userId: string): Promise<Error> {
    const found = (await this.parts.principals.byIds(actor, [userId])).get(userId);
    if (!found || found.__typename === 'Team') return notFound(`There is no user or service account ${userId}.`);
    return badInput(`${found.name} is disabled and cannot get a token. An ADMIN can enable them: enablePrincipal.`);
  }
}

/** Throws FORBIDDEN for a scope the actor's own token has not. */
function checkScopes(actor: Actor, scopes: readonly Scope[]): void {
  const beyond = scopes.find((scope) => !hasScope(actor.scopes, scope));
  if (beyond) throw forbidden(`Your own token has no ${beyond} scope, so it cannot give one.`);
  if (scopes.length === 0) throw badInput('A token needs at least one scope.');
}
