import { z } from 'zod';

/** How people of an identity provider sign in; null in `Config.oidc` when only API tokens do. */
export interface OidcConfig {
  /** The one issuer whose tokens are accepted: set here, never read from a token. */
  issuer: string;
  audience: string;
  /** null: as the issuer's discovery document says. */
  jwksUri: string | null;
  algorithms: readonly string[];
  groupsClaim: string;
  /** Members of it are ADMIN; null: no group makes anyone an ADMIN. */
  adminGroup: string | null;
  /** Members of it are AUDITOR; null: no group makes anyone an AUDITOR. */
  auditorGroup: string | null;
  /** Longest the last keys fetched are used while the issuer cannot be reached, in seconds since they were fetched. */
  staleSeconds: number;
  /** Longest life of a token, from `iat` to `exp`. */
  maxLifeSeconds: number;
}

/** Signatures that only the issuer can make. With a shared secret (HS256) whoever checks could sign as well. */
const ALGORITHMS = [
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
];
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether keys may be fetched from there: whoever can change them on the way could sign in as anyone. */
export function isTrustworthyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}

const trustworthyUrl = z.string().refine(isTrustworthyUrl, 'must be an https:// address (http:// only on loopback)');
const group = z.string().min(1).optional();
const algorithms = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .refine((words) => words.every((word) => ALGORITHMS.includes(word)), {
    message: `must be some of ${ALGORITHMS.join(', ')}: "none" and shared secrets (HS256, …) prove nothing`,
  });

export const oidcSettings = {
  WEFTLINE_OIDC_ISSUER: trustworthyUrl
    .optional()
    .describe('Identity provider whose access tokens are accepted, exactly as its tokens name it.'),
  WEFTLINE_OIDC_AUDIENCE: z.string().min(1).optional().describe('Audience such a token must be made for.'),
  WEFTLINE_OIDC_JWKS_URI: trustworthyUrl
    .optional()
    .describe("Where the issuer's keys are; without it, where its discovery document says."),
  WEFTLINE_OIDC_ALGORITHMS: algorithms
    .prefault('ES256,RS256,EdDSA')
    .describe('Signature algorithms that are accepted, separated by commas.'),
  WEFTLINE_OIDC_GROUPS_CLAIM: z.string().min(1).default('groups').describe('Claim that lists the groups of a person.'),
  WEFTLINE_OIDC_ADMIN_GROUP: group.describe('Group whose members are ADMIN.'),
  WEFTLINE_OIDC_AUDITOR_GROUP: group.describe('Group whose members are AUDITOR.'),
  WEFTLINE_OIDC_STALE_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .default(3_600)
    .describe('Longest the last keys are used while the issuer cannot be reached.'),
  WEFTLINE_OIDC_MAX_LIFE_SECONDS: z.coerce
    .number()
    .int()
    .positive()
    .default(86_400)
    .describe('Longest life of an access token, from `iat` to `exp`; one with a longer life is refused.'),
} as const;

type OidcData = z.infer<z.ZodObject<typeof oidcSettings>>;

/** What is wrong with the settings together, one sentence each. */
export function oidcProblems(data: OidcData): string[] {
  if (data.WEFTLINE_OIDC_ISSUER !== undefined) {
    return data.WEFTLINE_OIDC_AUDIENCE === undefined
      ? ['WEFTLINE_OIDC_AUDIENCE: needed with WEFTLINE_OIDC_ISSUER: else tokens made for other services would do here']
      : [];
  }
  const parts = ['AUDIENCE', 'JWKS_URI', 'ADMIN_GROUP', 'AUDITOR_GROUP'] as const;
  return parts
    .map((part) => `WEFTLINE_OIDC_${part}` as const)
    .filter((name) => data[name] !== undefined)
    .map((name) => `${name}: has no effect without WEFTLINE_OIDC_ISSUER`);
}

export function toOidcConfig(data: OidcData): OidcConfig | null {
  const { WEFTLINE_OIDC_ISSUER: issuer, WEFTLINE_OIDC_AUDIENCE: audience } = data;
  if (issuer === undefined || audience === undefined) return null;
  return {
    issuer,
    audience,
    jwksUri: data.WEFTLINE_OIDC_JWKS_URI ?? null,
    algorithms: data.WEFTLINE_OIDC_ALGORITHMS,
    groupsClaim: data.WEFTLINE_OIDC_GROUPS_CLAIM,
    adminGroup: data.WEFTLINE_OIDC_ADMIN_GROUP ?? null,
    auditorGroup: data.WEFTLINE_OIDC_AUDITOR_GROUP ?? null,
    staleSeconds: data.WEFTLINE_OIDC_STALE_SECONDS,
    maxLifeSeconds: data.WEFTLINE_OIDC_MAX_LIFE_SECONDS,
  };
}
