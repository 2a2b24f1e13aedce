import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { WebhookSettings } from '../../config/webhook.js';
import {
  causeIn,
  type Deliver,
  type Delivered,
  later,
  type Limits,
  reasonIn,
  secretOf,
  verdictOn,
} from './delivery.js';
import { AddressRefused, isPublicAddress, literalAddress, lookupAllowed } from './public-address.js';

const REFUSED =
  'It leads to an address that is private, or of this machine, or is to be reached without TLS. See WEFTLINE_VIOLATION_WEBHOOK_PRIVATE.';

/** HMAC-SHA256 over the time in seconds, a dot and the body, in hexadecimal digits. */
const signatureOf = (secret: string, seconds: number, body: string): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');

/**
 * Sends signed events to a webhook. Where it leads is judged at each connection, by the addresses that the connection goes to. Redirects are
 * not followed.
 */
export function webhookDelivery(
  { url, secretFile, allowsPrivate }: WebhookSettings,
  { now, resolve }: { now: () => Date; resolve?: Parameters<typeof lookupAllowed>[1] },
): Deliver {
  const target = new URL(url);
  const isSecure = target.protocol === 'https:';
  const allows = (address: string): boolean => (isPublicAddress(address) ? isSecure : allowsPrivate);
  const lookup = lookupAllowed(allows, resolve);
  return async (body, limits) => {
    const secret = await secretOf({ file: secretFile });
    if (secret === null || 'fault' in secret) return later(null, secret?.fault ?? 'It has no secret.');
    const literal = literalAddress(target);
    if (literal !== null && !allows(literal)) return later(null, REFUSED);
    const seconds = Math.floor(now().getTime() / 1_000);
    const signature = `t=${seconds},v1=${signatureOf(secret.value, seconds, body)}`;
    try {
      return await posted(target, { body, signature, lookup, limits, secrets: [secret.value, url] });
    } catch (error) {
      return later(null, error instanceof AddressRefused ? REFUSED : causeIn(error, limits));
    }
  };
}

function posted(
  target: URL,
  of: { body: string; signature: string; lookup: LookupFunction; limits: Limits; secrets: readonly string[] },
): Promise<Delivered> {
  const { body, signature, lookup, limits, secrets } = of;
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'weftline',
    'weftline-signature': signature,
  };
  const signal = AbortSignal.any([limits.signal, AbortSignal.timeout(limits.answerWithinMs)]);
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    // No connection is kept: each is judged anew.
    const request = start(target, { method: 'POST', agent: false, lookup, headers, signal }, (response) => {
      answered(response, secrets).then(resolve, reject);
    });
    request.on('error', (error) => reject(limits.signal.aborted ? error : timedOut(signal, error)));
    request.end(body);
  });
}

const timedOut = (signal: AbortSignal, error: Error): Error =>
  signal.aborted && signal.reason instanceof Error ? signal.reason : error;

async function answered(response: IncomingMessage, secrets: readonly string[]): Promise<Delivered> {
  const status = response.statusCode ?? 0;
  const isTaken = status >= 200 && status < 300;
  const said = isTaken ? '' : await reasonIn(response, secrets);
  response.destroy();
  return verdictOn({ status, retryAfter: response.headers['retry-after'] ?? null }, said);
}
