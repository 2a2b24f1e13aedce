import { readFile } from 'node:fs/promises';
import type { LineageDestination } from '../../config/lineage.js';
import type { Failure } from './outbox.js';

/** What became of an event that was sent. */
export type Delivered =
  | { outcome: 'TAKEN' }
  /** `afterMs`: when the destination wants to be asked again; null: it did not say. */
  | { outcome: 'LATER'; failure: Failure; afterMs: number | null }
  /** It would be refused again. */
  | { outcome: 'REFUSED'; failure: Failure };

const LONGEST_REASON = 500;
const LONGEST_TOKEN = 16_384;
/** Of what a destination asks for: longer than that nothing is put off at a time. */
const LONGEST_WAIT_MS = 3_600_000;

/** How an event is sent to one place. Never throws. */
export type Deliver = (body: string, limits: Limits) => Promise<Delivered>;
export interface Limits {
  answerWithinMs: number;
  signal: AbortSignal;
}

/** Sends an event to where it goes, by HTTP. A redirect is not followed: it would carry the token elsewhere. Never throws. */
export async function deliver({ url, token }: LineageDestination, body: string, limits: Limits): Promise<Delivered> {
  const secret = await secretOf(token);
  if (secret !== null && 'fault' in secret) return later(null, secret.fault);
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.answerWithinMs)]);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'weftline',
        ...(secret && { authorization: `Bearer ${secret.value}` }),
      },
      body,
      redirect: 'manual',
      signal,
    });
    const { status, ok } = response;
    if (ok) await response.body?.cancel();
    const said = ok ? '' : await reasonIn(response.body ?? [], [secret?.value ?? '', url]);
    return verdictOn({ status, retryAfter: response.headers.get('retry-after') }, said);
  } catch (error) {
    return later(null, causeIn(error, limits));
  }
}

/** It is tried again. */
export const later = (status: number | null, why: string, afterMs: number | null = null): Delivered => ({
  ...{ outcome: 'LATER', failure: { status, why }, afterMs },
});

/** What an answer comes to; `said`: what stood in it. */
export function verdictOn(
  { status, retryAfter }: { status: number; retryAfter: string | null },
  said: string,
): Delivered {
  if (status >= 200 && status < 300) return { outcome: 'TAKEN' };
  const why = said === '' ? `It was answered ${status}.` : `It was answered ${status}: ${said}`;
  if (status === 408 || status === 429 || status >= 500) return later(status, why, millisecondsOf(retryAfter));
  const redirect = status >= 300 && status < 400;
  return { outcome: 'REFUSED', failure: { status, why: redirect ? `${why} Redirects are not followed.` : why } };
}

/** null: none is to be sent. */
export async function secretOf(
  token: LineageDestination['token'],
): Promise<{ value: string } | { fault: string } | null> {
  if (token === null) return null;
  try {
    const value = 'value' in token ? token.value : (await readFile(token.file, 'utf8')).slice(0, LONGEST_TOKEN).trim();
    return /^[\x21-\x7e]+$/.test(value) ? { value } : { fault: 'Its token is empty, or holds what no token holds.' };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
    return { fault: `The file of its token cannot be read: ${code}.` };
  }
}

/** What the destination says, as far as a person reads it; what is secret of the request does not stand in it. */
export async function reasonIn(
  body: AsyncIterable<unknown> | Iterable<unknown>,
  secrets: readonly string[],
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).byteLength;
    if (bytes > 8 * LONGEST_REASON) break;
  }
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  const clean = secrets.filter((secret) => secret !== '').reduce((said, secret) => said.replaceAll(secret, '…'), text);
  return clean.replace(/\s+/g, ' ').trim().slice(0, LONGEST_REASON).toWellFormed();
}

/** Seconds, or a date; null for what is neither. */
function millisecondsOf(retryAfter: string | null): number | null {
  if (retryAfter === null) return null;
  const seconds = /^\d{1,9}$/.test(retryAfter.trim())
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - Date.now();
  return Number.isNaN(seconds) ? null : Math.min(Math.max(0, seconds), LONGEST_WAIT_MS);
}

/** The code of the fault alone: its text may repeat the address. */
export function causeIn(error: unknown, { answerWithinMs, signal }: Limits): string {
  if (signal.aborted) return 'The server stopped while it was sent.';
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `It was not answered within ${answerWithinMs} ms.`;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'the connection broke';
  return `It cannot be reached: ${code}.`;
}
