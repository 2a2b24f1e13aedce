/** A real identity provider (oidc-provider) on a free port of this machine, whose keys the tests hold, to forge with. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';

export const AUDIENCE = 'urn:weftline:test';

/** What the provider knows of a person; each signs in as a client of its own, which needs no browser. */
export type Person = Record<string, unknown> & { groups?: string[] };

export interface SigningKey {
  kid: string;
  private: CryptoKey;
  public: JWK;
}

export async function newKey(kid: string): Promise<SigningKey> {
  const pair = await generateKeyPair('ES256', { extractable: true });
  return { kid, private: pair.privateKey, public: { ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256' } };
}

export class IdentityProvider {
  /** Requests to its addresses so far, by path. */
  readonly asked = new Map<string, number>();
  /** It answers nothing but 503 while this is true. */
  down = false;
  private answer: RequestListener = () => undefined;

  private constructor(
    private readonly server: Server,
    private readonly people: Readonly<Record<string, Person>>,
    public key: SigningKey,
  ) {}

  static async start(people: Readonly<Record<string, Person>>): Promise<IdentityProvider> {
    const server = createServer((request, response) => {
      const path = request.url?.split('?')[0] ?? '';
      provider.asked.set(path, (provider.asked.get(path) ?? 0) + 1);
      if (provider.down) response.writeHead(503).end();
      else provider.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const provider = new IdentityProvider(server, people, await newKey('first'));
    await provider.rotate(provider.key);
    return provider;
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a Weftline that trusts it is configured with. */
  get environment(): Record<string, string> {
    return { WEFTLINE_OIDC_ISSUER: this.issuer, WEFTLINE_OIDC_AUDIENCE: AUDIENCE };
  }

  /** Signs with another key from now on, and no longer publishes the former one. */
  async rotate(key: SigningKey): Promise<void> {
    this.key = key;
    const jwk = { ...(await exportJWK(key.private)), kid: key.kid, alg: 'ES256', use: 'sig' };
    const configuration: Configuration = {
      jwks: { keys: [jwk] as never },
      clients: Object.keys(this.people).map((name) => ({
        client_id: name,
        client_secret: `secret of ${name}`.replaceAll(' ', '-'),
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      })),
      extraTokenClaims: (_context, token) => this.people[token.clientId ?? ''] ?? {},
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          getResourceServerInfo: () => ({
            scope: 'weftline:read weftline:write weftline:launch weftline:admin other',
            audience: AUDIENCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    };
    const handle = new Provider(this.issuer, configuration).callback();
    this.answer = (request, response) => void handle(request, response);
  }

  /** A real access token of the person, as the provider issues it. */
  async tokenFor(person: string, scope?: string): Promise<string> {
    const credentials = Buffer.from(`${person}:secret-of-${person}`).toString('base64');
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope ? { scope } : {}) }),
    });
    const answer = (await response.json()) as { access_token?: string };
    if (!answer.access_token) throw new Error(`The provider gave no token: ${JSON.stringify(answer)}`);
    return answer.access_token;
  }

  /** A token of any content, signed with the provider's own key unless another is given; undefined removes a claim. */
  sign(
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> & { crit?: string[] } = {},
    key: CryptoKey | Uint8Array = this.key.private,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.issuer, aud: AUDIENCE, sub: 'noor', iat: now, exp: now + 300, ...claims };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: this.key.kid, ...header })
      .sign(key, { crit: Object.fromEntries((header.crit ?? []).map((name) => [name, true])) });
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
