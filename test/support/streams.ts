/** Subscriptions as anybody may send them. */
import { type Asking, inAddress, type Way } from './routes.js';

/**
 * Opens a stream by one way, waits until `meanwhile` is over, and closes it: all that came until then, of a stream that goes on
 * without an end, or of a refusal, which has one.
 */
export async function openedBy(
  { route, method }: Way,
  address: string,
  asking: Asking,
  headers: Record<string, string>,
  meanwhile: () => Promise<unknown>,
): Promise<string> {
  const stop = new AbortController();
  const sent = { accept: 'text/event-stream', 'content-type': 'application/json', ...headers };
  const response =
    method === 'POST'
      ? await fetch(address + route, { method, headers: sent, body: JSON.stringify(asking), signal: stop.signal })
      : await fetch(`${address}${route}?${inAddress(asking)}`, { headers: sent, signal: stop.signal });
  if (!response.headers.get('content-type')?.includes('event-stream')) return response.text();
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString('utf8');
  })();
  await meanwhile();
  stop.abort();
  // Ends as it was told to, or had ended.
  await Promise.allSettled([reading]);
  return text;
}
