import { createHash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import type { OidcConfig } from '../../config/oidc.js';
import type { SignInFault } from '../sign-in-fault.js';
import { IssuerKeys } from './issuer-keys.js';

/** Signatures of the same token are not checked again for so long. */
const REMEMBER_MS = 60_000;
const REMEMBER_TOKENS = 5_000;
const MAX_TOKEN_LENGTH = 8_192;
const CLOCK_TOLERANCE_SECONDS = 5;
/** So far the clock of the issuer may be ahead of ours. */
const AHEAD_SECONDS = 60;

/** An access token that was checked: who it is for, and until when. */
export interface VerifiedToken {
  issuer: string;
  subject: string;
  claims: JWTPayload;
  expiresAt: Date;
  /** When the issuer made it: of two tokens of a person the later one says what they may do. */
  issuedAt: Date;
}

/** Whether the text has the form of a signed JWT; whether it is a good one is another question. */
export function isJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/**
 * Checks access tokens of the one issuer in the settings (RFC 9068). What a token says of itself chooses nothing but the
 * key among the issuer's own: `jku`, `x5u` and embedded keys are not looked at, and the algorithms are those of the settings.
 */
export class TokenVerifier {
  private readonly keys: IssuerKeys;
  private readonly remembered = new Map<string, { token: VerifiedToken; until: number }>();

  constructor(
    private readonly config: OidcConfig,
    logger: Logger,
    private readonly now: () => Date,
  ) {
    this.keys = new IssuerKeys(config, logger, now);
  }

  /** What the token says, or what is wrong with it. Throws UNAVAILABLE when that cannot be known now. */
  async verify(text: string): Promise<VerifiedToken | SignInFault> {
    if (text.length > MAX_TOKEN_LENGTH) return 'MALFORMED';
    const hash = createHash('sha256').update(text).digest('base64');
    const known = this.recall(hash);
    if (known) return known;
    try {
      const token = await this.check(text);
      this.remember(hash, token);
      return token;
    } catch (error) {
      const fault = faultOf(error);
      if (fault === null) throw error;
      return fault;
    }
  }

  private async check(text: string): Promise<VerifiedToken> {
    const { issuer, audience, algorithms } = this.config;
    const { payload } = await jwtVerify(text, this.keys.find, {
      issuer,
      audience,
      algorithms: [...algorithms],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: this.now(),
    });
    const { sub: subject, exp = 0, iat = 0 } = payload;
    if (typeof subject !== 'string' || subject === '' || subject.length > 255) {
      throw new errors.JWTClaimValidationFailed('"sub" must have 1 to 255 characters', payload, 'sub', 'check_failed');
    }
    this.checkLife(payload, { exp, iat });
    const issuedAt = new Date(Math.floor(iat * 1000));
    return { issuer, subject, claims: payload, expiresAt: new Date(Math.floor(exp * 1000)), issuedAt };
  }

  /** Neither from the future, which no later token could outdo, nor for longer than the settings allow. */
  private checkLife(payload: JWTPayload, { exp, iat }: { exp: number; iat: number }): void {
    const now = this.now().getTime() / 1000;
    if (iat > now + AHEAD_SECONDS)
      throw new errors.JWTClaimValidationFailed('"iat" is in the future', payload, 'iat', 'check_failed');
    if (exp - iat > this.config.maxLifeSeconds)
      throw new errors.JWTClaimValidationFailed('"exp" is too long after "iat"', payload, 'exp', 'check_failed');
  }

  private recall(hash: string): VerifiedToken | null {
    const found = this.remembered.get(hash);
    if (!found) return null;
    if (found.until > this.now().getTime()) return found.token;
    this.remembered.delete(hash);
    return null;
  }

  private remember(hash: string, token: VerifiedToken): void {
    const oldest = this.remembered.keys().next();
    if (this.remembered.size >= REMEMBER_TOKENS && !oldest.done) this.remembered.delete(oldest.value);
    const until = Math.min(token.expiresAt.getTime(), this.now().getTime() + REMEMBER_MS);
    this.remembered.set(hash, { token, until });
  }
}

/** null: no fault of the token, so no reason to call it wrong. */
function faultOf(error: unknown): SignInFault | null {
  if (error instanceof errors.JWTExpired) return 'EXPIRED';
  if (error instanceof errors.JWTClaimValidationFailed) return FAULT_OF_CLAIM[error.claim] ?? 'WRONG_CLAIMS';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'WRONG_SIGNATURE';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'WRONG_ALGORITHM';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'UNKNOWN_KEY';
  return error instanceof errors.JOSEError ? 'MALFORMED' : null;
}

const FAULT_OF_CLAIM: Record<string, SignInFault | undefined> = {
  aud: 'WRONG_AUDIENCE',
  iss: 'WRONG_ISSUER',
  typ: 'WRONG_TYPE',
  nbf: 'NOT_YET_VALID',
};
