import { z } from 'zod';

/** Where violations are told of. */
export interface WebhookSettings {
  url: string;
  /** Read each time, so that the secret can be replaced. */
  secretFile: string;
  allowsPrivate: boolean;
}

/** Its name among all places that events are sent to. */
export const WEBHOOK = 'violation-webhook';

export const webhookSettings = {
  WEFTLINE_VIOLATION_WEBHOOK: z
    .string()
    .max(2_000)
    .optional()
    .describe(
      'Address that is told of violations of policies (docs/violations.md), as https://…; nobody is when not set.',
    ),
  WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File that holds the secret by which these messages are signed. Read each time, so that it can be replaced.',
    ),
  WEFTLINE_VIOLATION_WEBHOOK_PRIVATE: z
    .enum(['true', 'false', '1', '0', 'on', 'off'])
    .transform((word) => word === 'true' || word === '1' || word === 'on')
    .default(false)
    .describe(
      'Whether that address may be private or of this machine, and be reached by http:// there. Otherwise it is refused, whatever name leads to it.',
    ),
} as const;

interface Given {
  WEFTLINE_VIOLATION_WEBHOOK?: string | undefined;
  WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE?: string | undefined;
  WEFTLINE_VIOLATION_WEBHOOK_PRIVATE: boolean;
  WEFTLINE_LINEAGE_TO?: string | undefined;
}

/** What is wrong with the settings together. No message repeats the address. */
export function webhookProblems(given: Given): string[] {
  const { WEFTLINE_VIOLATION_WEBHOOK: url, WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: file } = given;
  if (url === undefined)
    return file === undefined
      ? []
      : ['WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: there is no WEFTLINE_VIOLATION_WEBHOOK that it is for'];
  const address = URL.canParse(url) ? new URL(url) : null;
  const schemes = given.WEFTLINE_VIOLATION_WEBHOOK_PRIVATE ? ['https:', 'http:'] : ['https:'];
  const isAddress =
    address !== null && schemes.includes(address.protocol) && address.username + address.password + address.hash === '';
  const wanted = schemes.map((scheme) => `${scheme}//`).join(' or ');
  const isTaken = (given.WEFTLINE_LINEAGE_TO ?? '').split(',').some((part) => part.trim().startsWith(`${WEBHOOK}=`));
  return [
    ...(isAddress ? [] : [`WEFTLINE_VIOLATION_WEBHOOK: must begin with ${wanted} and hold neither user nor fragment`]),
    ...(file === undefined ? ['WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: is missing: messages are signed'] : []),
    ...(isTaken ? [`WEFTLINE_LINEAGE_TO: ${WEBHOOK} is the name of WEFTLINE_VIOLATION_WEBHOOK; choose another`] : []),
  ];
}

/** null: nobody is told. */
export function toWebhook(given: Given): WebhookSettings | null {
  const { WEFTLINE_VIOLATION_WEBHOOK: url, WEFTLINE_VIOLATION_WEBHOOK_SECRET_FILE: secretFile } = given;
  if (url === undefined || secretFile === undefined) return null;
  return { url, secretFile, allowsPrivate: given.WEFTLINE_VIOLATION_WEBHOOK_PRIVATE };
}
