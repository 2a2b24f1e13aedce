import { randomBytes } from 'node:crypto';
import { type CryptoKey, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { AUDIENCE, IdentityProvider, newKey } from '../support/identity-provider.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const seconds = (): number => Math.floor(Date.now() / 1000);
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

let provider: IdentityProvider;
let elsewhere: IdentityProvider;
let server: TestWeftline;
let subject: string;

beforeAll(async () => {
  subject = `noor-${randomBytes(6).toString('hex')}`;
  provider = await IdentityProvider.start({ [subject]: { name: 'Noor Haddad' } });
  elsewhere = await IdentityProvider.start({ [subject]: { name: 'Noor Haddad' } });
  server = await startTestWeftline({ environment: provider.environment });
});

afterAll(async () => {
  await server.stop();
  await provider.stop();
  await elsewhere.stop();
});

/** Tokens by what is wrong with them: everything else about each is right. */
const FORGERIES: Record<string, () => Promise<string>> = {
  expired: () => provider.sign({ sub: subject, exp: seconds() - 60 }),
  'not yet valid': () => provider.sign({ sub: subject, nbf: seconds() + 60 }),
  'alg none': async () => {
    const [, payload = ''] = (await provider.sign({ sub: subject })).split('.');
    return `${part({ alg: 'none', typ: 'at+jwt' })}.${payload}.`;
  },
  'alg none with a signature': async () => {
    const [, payload = '', signature = ''] = (await provider.sign({ sub: subject })).split('.');
    return `${part({ alg: 'none', typ: 'at+jwt', kid: provider.key.kid })}.${payload}.${signature}`;
  },
  'HS256 with the public key as JSON for a secret': () =>
    provider.sign({ sub: subject }, { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(provider.key.public))),
  'HS256 with the public key as PEM for a secret': async () => {
    const publicKey = (await importJWK(provider.key.public)) as CryptoKey;
    return provider.sign({ sub: subject }, { alg: 'HS256' }, new TextEncoder().encode(await exportSPKI(publicKey)));
  },
  'an algorithm the settings do not name': async () => {
    const { privateKey } = await generateKeyPair('PS256');
    return provider.sign({ sub: subject }, { alg: 'PS256' }, privateKey);
  },
  'an unknown key id': async () => provider.sign({ sub: subject }, { kid: 'unknown' }, (await newKey('x')).private),
  'the signature of another key': async () => provider.sign({ sub: subject }, {}, (await newKey('x')).private),
  'a changed claim': async () => {
    const [header = '', payload = '', signature = ''] = (await provider.sign({ sub: subject })).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    return `${header}.${part({ ...claims, groups: ['admins'] })}.${signature}`;
  },
  'another audience': () => provider.sign({ sub: subject, aud: 'urn:another:service' }),
  'no audience': () => provider.sign({ sub: subject, aud: undefined }),
  'another issuer': () => elsewhere.tokenFor(subject),
  'another issuer, signed with the right key': () => provider.sign({ sub: subject, iss: elsewhere.issuer }),
  'no issuer': () => provider.sign({ sub: subject, iss: undefined }),
  'an ID token': () => provider.sign({ sub: subject, nonce: 'n' }, { typ: 'JWT' }),
  'no type': () => provider.sign({ sub: subject }, { typ: undefined }),
  'no end': () => provider.sign({ sub: subject, exp: undefined }),
  'an end that is no number': () => provider.sign({ sub: subject, exp: 'never' }),
  'no time it was made': () => provider.sign({ sub: subject, iat: undefined }),
  'a time it was made that is no number': () => provider.sign({ sub: subject, iat: 'now' }),
  'a time it was made in the future': () => provider.sign({ sub: subject, iat: seconds() + 90 }),
  'a time it was made far in the future': () => provider.sign({ sub: subject, iat: 9e15, exp: 9e15 + 60 }),
  'a life of more than a day': () => provider.sign({ sub: subject, exp: seconds() + 86_460 }),
  'a life of more than a day that is mostly over': () =>
    provider.sign({ sub: subject, iat: seconds() - 86_400, exp: seconds() + 60 }),
  'a life that does not end': () => provider.sign({ sub: subject, exp: 9e15 }),
  'no subject': () => provider.sign({ sub: undefined }),
  'an empty subject': () => provider.sign({ sub: '' }),
  'a subject that is no text': () => provider.sign({ sub: { admin: true } }),
  garbage: () => Promise.resolve('eyJhbGciOiJFUzI1NiJ9.not-base64-json.sig'),
  'no token at all': () => Promise.resolve('let-me-in'),
  'a very long token': () => provider.sign({ sub: subject, filler: 'x'.repeat(9_000) }),
  'its own key in the header (jwk)': async () => {
    const own = await newKey('own');
    return provider.sign({ sub: subject }, { kid: 'own', jwk: own.public }, own.private);
  },
  'the address of its own keys (jku)': () =>
    elsewhere.sign({ sub: subject, iss: provider.issuer }, { kid: 'other', jku: `${elsewhere.issuer}/jwks` }),
  'the address of its own certificate (x5u)': () =>
    elsewhere.sign({ sub: subject, iss: provider.issuer }, { x5u: `${elsewhere.issuer}/cert` }),
  'a critical header nobody knows': () => provider.sign({ sub: subject }, { crit: ['b65'], b65: true }),
};

const post = (path: string, token: string, query: string): Promise<Response> =>
  fetch(`${server.address}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: path === '/graphql' ? 'application/json' : 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
  });

describe('An access token of the identity provider', () => {
  it.each(['at+jwt', 'application/at+jwt', 'AT+JWT'])('signs its person in, with the type %s', async (typ) => {
    const client = new Client(server.address, await provider.sign({ sub: subject, typ }, { typ }), '');
    expect(await client.data('{ viewer { __typename } }')).toEqual({ viewer: { __typename: 'User' } });
  });

  it('signs its person in as the provider issues it', async () => {
    const client = new Client(server.address, await provider.tokenFor(subject), '');
    expect(await client.data('{ viewer { name } }')).toEqual({ viewer: { name: 'Noor Haddad' } });
  });

  it('may come from a clock that is a little ahead, and live for a day', async () => {
    const iat = seconds() + 30;
    const token = await provider.sign({ sub: `${subject}-ahead`, iat, exp: iat + 86_400 });
    expect((await post('/graphql', token, '{ viewer { id } }')).status).toBe(200);
  });

  it('may be for several audiences', async () => {
    const token = await provider.sign({ sub: subject, aud: ['urn:another', AUDIENCE] });
    expect((await post('/graphql', token, '{ viewer { id } }')).status).toBe(200);
  });

  describe.each(Object.entries(FORGERIES))('with %s', (_name, forge) => {
    it.each([
      ['/graphql', '{ viewer { id } }'],
      ['/graphql/stream', 'subscription { catalogChanged { cursor } }'],
    ])('is refused on %s', async (path, query) => {
      const response = await post(path, await forge(), query);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
      expect(await response.json()).toEqual({
        errors: [
          {
            message: 'The token is not valid: unknown, expired or revoked. Sign in with a valid one.',
            extensions: { code: 'UNAUTHENTICATED' },
          },
        ],
      });
    });
  });

  it('leads no request to the addresses it names', () => {
    expect(elsewhere.asked.get('/jwks')).toBeUndefined();
    expect(elsewhere.asked.get('/cert')).toBeUndefined();
    expect(elsewhere.asked.get('/.well-known/openid-configuration')).toBeUndefined();
  });

  it('with an unknown key asks the provider once, however many come', () => {
    expect(provider.asked.get('/jwks')).toBe(1);
  });

  it('is refused where no provider is set', async () => {
    const plain = await startTestWeftline();
    const client = new Client(plain.address, await provider.tokenFor(subject), '');
    expect(await client.code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    await plain.stop();
  });

  it('ends the streams that it opened when it ends', async () => {
    const opened = Date.now();
    const token = await provider.sign({ sub: subject, exp: seconds() + 3 });
    const events = new Client(server.address, token, '').subscribe('subscription { catalogChanged { cursor } }');
    const heard = [];
    for await (const event of events) if (event.errors) heard.push(event.errors[0]?.extensions.code);
    expect(heard).toEqual(['UNAUTHENTICATED']);
    expect(Date.now() - opened).toBeGreaterThan(1_500);
  });
});
