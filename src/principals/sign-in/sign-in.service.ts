import { type Actor, anonymous, type SignedIn } from '../../auth/actor.js';
import type { ChangesOfRights, ReadMark } from '../../auth/changes-of-rights.js';
import { isJwt, type TokenVerifier } from '../../auth/oidc/token-verifier.js';
import type { SignInFault } from '../../auth/sign-in-fault.js';
import { unauthenticated } from '../../errors.js';
import type { QueryOrigin } from '../../neo4j/graph.js';
import type { ExternalUserService } from './external-user.service.js';
import { KeptSignIns } from './kept-sign-ins.js';
import type { FailedSignIn, SignInFailures } from './sign-in-failures.service.js';
import { hashOf, isTokenFor, tokenIdOf } from '../tokens/token.js';
import type { TokenHolder, TokenRepository } from '../tokens/token.repository.js';

/** `lastUsedAt` is kept to this, so that reading does not write on each request. */
const TOUCH_EVERY_MS = 60_000;

/** A request as far as signing in goes. */
export interface Credentials {
  /** The Authorization header as it came. */
  authorization: string | undefined;
  /** Where from; null: from this process itself. */
  address: string | null;
  origin: QueryOrigin;
  /** It names writes that it has to have seen: what is kept may be older. */
  afresh?: boolean;
}

export interface SignInParts {
  tokens: TokenRepository;
  /** null: no identity provider is set, and its tokens are refused. */
  oidc: { verifier: TokenVerifier; people: ExternalUserService } | null;
  failures: SignInFailures;
  changes: ChangesOfRights;
  anonymousDiscovery: boolean;
  now: () => Date;
}

type Refusal = Pick<FailedSignIn, 'fault' | 'token'>;

/** Who is calling: asked once a request, and once an event of a stream; the database is asked as ADR 46 says. */
export class SignInService {
  private readonly kept: KeptSignIns<SignedIn | Refusal>;

  constructor(private readonly parts: SignInParts) {
    this.kept = new KeptSignIns(parts.changes, (value) => !('fault' in value));
  }

  /**
   * Who sends this Authorization header. No header is nobody, whom the rules refuse; a header that is wrong in any way
   * is refused at once with UNAUTHENTICATED, always with the same words, and the audit log has why. Throws UNAVAILABLE
   * when it cannot be checked.
   */
  async authenticate(credentials: Credentials): Promise<Actor> {
    const { authorization, origin } = credentials;
    if (authorization === undefined) return anonymous(origin, this.parts.anonymousDiscovery);
    const secret = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
    const answer = await this.signedIn(credentials, secret);
    if (!('fault' in answer)) return { ...answer, origin };
    await this.parts.failures.note({ ...answer, address: credentials.address, origin });
    throw unauthenticated('The token is not valid: unknown, expired or revoked. Sign in with a valid one.');
  }

  private async signedIn({ origin, afresh = false }: Credentials, secret: string): Promise<SignedIn | Refusal> {
    const hash = hashOf(secret);
    const tokenId = tokenIdOf(secret);
    const lookUp = (mark: ReadMark): Promise<SignedIn | Refusal> =>
      tokenId === null ? this.byAccessToken(origin, secret) : this.byApiToken(origin, secret, tokenId, mark);
    const answer = await this.kept.get(hash, afresh, lookUp);
    const hasEnded = !('fault' in answer) && answer.expiresAt <= this.parts.now();
    return hasEnded ? this.kept.get(hash, true, lookUp) : answer;
  }

  private async byApiToken(
    origin: QueryOrigin,
    secret: string,
    tokenId: string,
    mark: ReadMark,
  ): Promise<SignedIn | Refusal> {
    const now = this.parts.now();
    const holder = await this.parts.tokens.holder(origin, tokenId, now, mark);
    if (!holder) return { fault: 'UNKNOWN_TOKEN', token: null };
    const { account } = holder;
    const fault = faultOf(holder, secret, now);
    if (fault) {
      const token = { id: tokenId, holder: account.name, isPerson: account.__typename !== 'ServiceAccount' };
      return { fault, token };
    }
    if (!holder.lastUsedAt || now.getTime() - holder.lastUsedAt.getTime() > TOUCH_EVERY_MS) {
      await this.parts.tokens.touch(origin, tokenId, now);
    }
    return {
      id: account.id,
      name: account.name,
      ...standingOf(account),
      scopes: holder.scopes,
      principalIds: [account.id, ...holder.teamIds],
      grants: holder.grants,
      expiresAt: holder.expiresAt,
      ...(holder.reportLimits && { reportLimits: holder.reportLimits }),
      credential: { tokenId, madeWith: holder.madeWith, expiresAt: holder.expiresAt },
    };
  }

  private async byAccessToken(origin: QueryOrigin, secret: string): Promise<SignedIn | Refusal> {
    if (!isJwt(secret)) return { fault: 'MALFORMED', token: null };
    if (!this.parts.oidc) return { fault: 'UNTRUSTED_ISSUER', token: null };
    const verified = await this.parts.oidc.verifier.verify(secret);
    if (typeof verified === 'string') return { fault: verified, token: null };
    const person = await this.parts.oidc.people.signIn(origin, verified);
    return person === 'DISABLED' ? { fault: person, token: null } : person;
  }
}

/** An auditor session reads everything, as of its time. */
function standingOf(account: TokenHolder['account']): Pick<Actor, 'role' | 'readsAsOf'> {
  return account.__typename === 'AuditorSession'
    ? { role: 'AUDITOR', readsAsOf: account.asOf }
    : { role: account.role };
}

/** The secret first: what else is wrong with a token is known only to who holds it. null: nothing. */
function faultOf(holder: TokenHolder, secret: string, now: Date): SignInFault | null {
  if (!isTokenFor(secret, holder.hash)) return 'WRONG_SECRET';
  if (holder.revokedAt) return 'REVOKED';
  if (holder.expiresAt <= now) return 'EXPIRED';
  const { account } = holder;
  if (account.__typename === 'AuditorSession' ? account.endedAt : account.disabledAt) return 'DISABLED';
  return holder.makersStand ? null : 'REVOKED';
}
