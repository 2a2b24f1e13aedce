import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../src/config/config.js';

const ISSUER = { WEFTLINE_OIDC_ISSUER: 'https://id.example.org', WEFTLINE_OIDC_AUDIENCE: 'weftline' };

describe('The settings of an identity provider', () => {
  it('are none when the issuer is not set', () => {
    expect(readConfig({}).oidc).toBeNull();
  });

  it('have defaults for all but the issuer and the audience', () => {
    expect(readConfig(ISSUER).oidc).toEqual({
      issuer: 'https://id.example.org',
      audience: 'weftline',
      jwksUri: null,
      algorithms: ['ES256', 'RS256', 'EdDSA'],
      groupsClaim: 'groups',
      adminGroup: null,
      auditorGroup: null,
      staleSeconds: 3_600,
      maxLifeSeconds: 86_400,
    });
  });

  it.each([
    ['an issuer without an audience', { WEFTLINE_OIDC_AUDIENCE: '' }, 'WEFTLINE_OIDC_AUDIENCE: needed'],
    ['plain http', { WEFTLINE_OIDC_ISSUER: 'http://id.example.org' }, 'WEFTLINE_OIDC_ISSUER: must be an https://'],
    ['http to what only begins like loopback', { WEFTLINE_OIDC_ISSUER: 'http://127.0.0.1.example.org' }, 'https://'],
    ['another scheme', { WEFTLINE_OIDC_JWKS_URI: 'file:///etc/keys' }, 'WEFTLINE_OIDC_JWKS_URI: must be an https://'],
    ['no address', { WEFTLINE_OIDC_ISSUER: 'id.example.org' }, 'WEFTLINE_OIDC_ISSUER: must be an https://'],
    ['a shared secret', { WEFTLINE_OIDC_ALGORITHMS: 'ES256,HS256' }, 'WEFTLINE_OIDC_ALGORITHMS: must be some of'],
    ['no signature', { WEFTLINE_OIDC_ALGORITHMS: 'none' }, 'WEFTLINE_OIDC_ALGORITHMS: must be some of'],
    ['no time', { WEFTLINE_OIDC_STALE_SECONDS: '0' }, 'WEFTLINE_OIDC_STALE_SECONDS'],
    [
      'a group without an issuer',
      { WEFTLINE_OIDC_ISSUER: '', WEFTLINE_OIDC_ADMIN_GROUP: 'a' },
      'WEFTLINE_OIDC_ADMIN_GROUP: has no effect',
    ],
  ])('refuse %s', (_what, change, problem) => {
    expect(() => readConfig({ ...ISSUER, ...change })).toThrow(ConfigError);
    expect(() => readConfig({ ...ISSUER, ...change })).toThrow(problem);
  });

  it.each(['http://localhost:9000', 'http://127.0.0.1:9000', 'http://[::1]:9000'])(
    'allow %s for trying out',
    (issuer) => {
      expect(readConfig({ ...ISSUER, WEFTLINE_OIDC_ISSUER: issuer }).oidc?.issuer).toBe(issuer);
    },
  );

  it('take algorithms with spaces between them', () => {
    expect(readConfig({ ...ISSUER, WEFTLINE_OIDC_ALGORITHMS: 'ES384, PS256' }).oidc?.algorithms).toEqual([
      'ES384',
      'PS256',
    ]);
  });
});
