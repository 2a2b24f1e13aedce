import { z } from 'zod';

/** Where events are sent, and how that is told who sends them. */
export interface LineageDestination {
  /** In settings, metrics and the log: the address may hold what is for nobody's eyes. */
  name: string;
  url: string;
  /** null: none is sent. */
  token: { value: string } | { file: string } | null;
}

const MOST_DESTINATIONS = 10;
const PAIRS = 'as name=value,name=value';

/** `marquez=https://…,hub=https://…`; null: it cannot be read. */
function pairsIn(text: string): Map<string, string> | null {
  const parts = text.split(',').map((part) => part.trim());
  const pairs = new Map<string, string>();
  for (const part of parts.filter((each) => each !== '')) {
    const [, name, value] = /^([a-z0-9][a-z0-9-]{0,39})=(\S{1,2000})$/.exec(part) ?? [];
    if (name === undefined || value === undefined || pairs.has(name)) return null;
    pairs.set(name, value);
  }
  return pairs.size > MOST_DESTINATIONS ? null : pairs;
}

const pairs = z
  .string()
  .refine(
    (text) => pairsIn(text) !== null,
    `must be pairs ${PAIRS}, each name once and of small letters, digits and hyphens; at most ${MOST_DESTINATIONS}`,
  )
  .optional();

export const lineageSettings = {
  WEFTLINE_PUBLIC_URL: z
    .string()
    .refine((text) => isPlainAddress(text), 'must be an address as https://weftline.example.org')
    .optional()
    .describe(
      'Address by which others reach this server, for links in what is sent to them; `WEFTLINE_HOST` and `WEFTLINE_PORT` when not set.',
    ),
  WEFTLINE_LINEAGE_TO: pairs.describe(
    'Where training, releases and quality are told of as events of OpenLineage (docs/openlineage-out.md), as `marquez=https://marquez:5000/api/v1/lineage`, several with commas between. Nowhere when not set.',
  ),
  WEFTLINE_LINEAGE_TOKENS: pairs.describe(
    'Bearer tokens for these, by the same names: `marquez=TOKEN`. Better in files.',
  ),
  WEFTLINE_LINEAGE_TOKEN_FILES: pairs.describe(
    'Files that hold the bearer tokens, by the same names: `marquez=/run/secrets/marquez`. Read each time, so that a token can be replaced.',
  ),
} as const;

interface Given {
  WEFTLINE_HOST: string;
  WEFTLINE_PORT: number;
  WEFTLINE_PUBLIC_URL?: string | undefined;
  WEFTLINE_LINEAGE_TO?: string | undefined;
  WEFTLINE_LINEAGE_TOKENS?: string | undefined;
  WEFTLINE_LINEAGE_TOKEN_FILES?: string | undefined;
}

/** What is wrong with the settings together. No message repeats a value: addresses and tokens are secrets. */
export function lineageProblems(given: Given): string[] {
  const [to, tokens, files] = partsOf(given);
  return [
    ...[...to].filter(([, url]) => !isAddress(url)).map(([name]) => `WEFTLINE_LINEAGE_TO: ${name} ${NO_ADDRESS}`),
    ...strangers('WEFTLINE_LINEAGE_TOKENS', tokens, to),
    ...strangers('WEFTLINE_LINEAGE_TOKEN_FILES', files, to),
    ...[...tokens.keys()]
      .filter((name) => files.has(name))
      .map((name) => `WEFTLINE_LINEAGE_TOKEN_FILES: ${name} has a token in WEFTLINE_LINEAGE_TOKENS too; give one`),
  ];
}

const NO_ADDRESS = 'is no address that begins with http:// or https:// and holds neither user nor fragment';

function strangers(setting: string, given: Map<string, string>, to: Map<string, string>): string[] {
  return [...given.keys()]
    .filter((name) => !to.has(name))
    .map((name) => `${setting}: ${name} is not in WEFTLINE_LINEAGE_TO`);
}

export function toDestinations(given: Given): LineageDestination[] {
  const [to, tokens, files] = partsOf(given);
  return [...to].map(([name, url]) => {
    const [value, file] = [tokens.get(name), files.get(name)];
    return { name, url, token: value !== undefined ? { value } : file !== undefined ? { file } : null };
  });
}

/** Where others reach the server. */
export const toPublicUrl = ({ WEFTLINE_PUBLIC_URL, WEFTLINE_HOST, WEFTLINE_PORT }: Given): string =>
  WEFTLINE_PUBLIC_URL ??
  `http://${WEFTLINE_HOST.includes(':') ? `[${WEFTLINE_HOST}]` : WEFTLINE_HOST}:${WEFTLINE_PORT}`;

function partsOf(given: Given): [Map<string, string>, Map<string, string>, Map<string, string>] {
  const part = (text: string | undefined): Map<string, string> => pairsIn(text ?? '') ?? new Map<string, string>();
  return [
    part(given.WEFTLINE_LINEAGE_TO),
    part(given.WEFTLINE_LINEAGE_TOKENS),
    part(given.WEFTLINE_LINEAGE_TOKEN_FILES),
  ];
}

function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
}

const isPlainAddress = (text: string): boolean => isAddress(text) && new URL(text).search === '';
