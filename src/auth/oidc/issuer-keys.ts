import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import { isTrustworthyUrl, type OidcConfig } from '../../config/oidc.js';
import { unavailable } from '../../errors.js';

/** Keys this old are fetched again before they are used. */
const FRESH_MS = 600_000;
/** After a fetch, keys nobody knows are taken as wrong for so long: a flood of made-up key ids costs one fetch. */
const COOL_DOWN_MS = 30_000;
/** After a fetch that failed, the next one waits so long. */
const RETRY_MS = 5_000;
const FETCH_TIMEOUT_MS = 3_000;

type FindKey = ReturnType<typeof createLocalJWKSet>;

/**
 * The public keys of the one issuer. jose's own remote set refuses all sign-ins as soon as a refresh fails, and asks the
 * issuer again for each unknown key id while it is down. Here the last good keys go on for a bounded time, and after it
 * the answer is UNAVAILABLE: that the issuer is away does not make a token wrong.
 */
export class IssuerKeys {
  private keys: FindKey | null = null;
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private lastTryFailed = false;
  private pending: Promise<void> | null = null;

  constructor(
    private readonly config: Pick<OidcConfig, 'issuer' | 'jwksUri' | 'staleSeconds'>,
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {}

  /** The key a token names, for jose. Throws jose's JWKSNoMatchingKey, or UNAVAILABLE when that cannot be known now. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const known = await this.usableKeys();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    // Perhaps the issuer has a new key.
    if (this.age(this.triedAt) > (this.lastTryFailed ? RETRY_MS : COOL_DOWN_MS)) await this.refresh();
    if (this.lastTryFailed) throw away();
    return (this.keys ?? known)(header, token);
  };

  private async usableKeys(): Promise<FindKey> {
    const staleMs = this.config.staleSeconds * 1000;
    if (this.age(this.fetchedAt) > Math.min(FRESH_MS, staleMs)) {
      if (!this.lastTryFailed || this.age(this.triedAt) > RETRY_MS) await this.refresh();
      if (this.age(this.fetchedAt) > staleMs) throw away();
    }
    if (!this.keys) throw away();
    return this.keys;
  }

  /** Fetches the keys, once for all who wait. Failing is told by `lastTryFailed`, and logged. */
  private async refresh(): Promise<void> {
    this.pending ??= this.fetchKeys().finally(() => (this.pending = null));
    await this.pending;
  }

  private async fetchKeys(): Promise<void> {
    try {
      const uri = this.config.jwksUri ?? (await this.discoverJwksUri());
      this.keys = createLocalJWKSet((await fetchJson(uri)) as JSONWebKeySet);
      this.triedAt = this.fetchedAt = this.now().getTime();
      this.lastTryFailed = false;
    } catch (error) {
      this.triedAt = this.now().getTime();
      this.lastTryFailed = true;
      const sinceMs = this.age(this.fetchedAt);
      this.logger.warn(
        { err: error, issuer: this.config.issuer, keysAgeSeconds: Number.isFinite(sinceMs) ? sinceMs / 1000 : null },
        `The keys of the identity provider could not be fetched; the last ones are used for at most ${this.config.staleSeconds} s.`,
      );
    }
  }

  private async discoverJwksUri(): Promise<string> {
    const { issuer } = this.config;
    const document = await fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: named, jwks_uri: uri } = document as { issuer?: unknown; jwks_uri?: unknown };
    if (named !== issuer) {
      throw new Error(
        `The discovery document names the issuer ${JSON.stringify(named)}, WEFTLINE_OIDC_ISSUER is "${issuer}": they must be equal.`,
      );
    }
    if (typeof uri !== 'string' || !isTrustworthyUrl(uri)) {
      throw new Error(`The discovery document has no jwks_uri that can be trusted: ${JSON.stringify(uri)}.`);
    }
    return uri;
  }

  private age(time: number): number {
    return this.now().getTime() - time;
  }
}

/** A redirect is not followed: it would choose other keys than the settings do. */
async function fetchJson(url: string): Promise<object> {
  const headers = { accept: 'application/json' };
  const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}.`);
  const body: unknown = await response.json();
  if (typeof body !== 'object' || body === null) throw new Error(`${url} did not answer with a JSON object.`);
  return body;
}

const away = (): Error =>
  unavailable('The identity provider cannot be reached, so its tokens cannot be checked now. Try again in a minute.');
