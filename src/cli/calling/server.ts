import { readFileSync } from 'node:fs';
import { SetupError } from '../../neo4j/setup-error.js';
import { UsageError, withFile } from './command.js';

/** The address of a path on a server. Throws UsageError with `said` for what is no address, or has a token in it. */
export function addressOn(url: string | undefined, path: string, said: string): URL {
  const base = url !== undefined && URL.canParse(url) ? new URL(url) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '')
    throw new UsageError(said);
  return new URL(path, base);
}

/** A token is never an argument: arguments can be read by every user of the machine. Throws UsageError without one. */
export async function tokenFrom(file: string | undefined): Promise<string> {
  const token =
    file === undefined ? process.env['WEFTLINE_TOKEN'] : await withFile(file, () => readFileSync(file, 'utf8'));
  if (token === undefined || token.trim() === '')
    throw new UsageError('There is no token: give --token-file, or set WEFTLINE_TOKEN.');
  return token.trim();
}

/** A server, and who asks it. */
export interface ServerCall {
  address: URL;
  token: string;
}

/** The server does not let the token do it: who calls has to sign in otherwise. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed';
}

/** Who asks has to wait no longer: a server that hangs is no answer. */
const ANSWER_WITHIN_MS = 60_000;
const AUTH_CODES = new Set(['UNAUTHENTICATED', 'FORBIDDEN']);

/**
 * Asks a server by GraphQL, and answers the data. Throws NotAllowed when it refuses the token, SetupError with what it said, or why it could
 * not be asked.
 */
export async function askServer<T>(
  { address, token }: ServerCall,
  query: string,
  variables: Record<string, unknown>,
): Promise<T> {
  const response = await posted(address, token, JSON.stringify({ query, variables }));
  const answer = (await response.json().catch(() => null)) as {
    data?: T | null;
    errors?: { message?: string; extensions?: { code?: string } }[];
  } | null;
  const [error] = answer?.errors ?? [];
  const said = error?.message ?? `The server answered ${response.status}, and no GraphQL.`;
  if (response.status === 401 || AUTH_CODES.has(error?.extensions?.code ?? '')) throw new NotAllowed(said);
  if (error || !answer?.data) throw new SetupError(said);
  return answer.data;
}

async function posted(address: URL, token: string, body: string): Promise<Response> {
  try {
    return await fetch(address, {
      ...{ method: 'POST', redirect: 'error', body },
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new SetupError(`${address.origin} cannot be reached: ${why}`, { cause });
  }
}
