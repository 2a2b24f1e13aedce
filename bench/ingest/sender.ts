import { Agent, request } from 'node:http';
import type { SentEvent } from './events.js';

/** Sends events as a client of OpenLineage does, on connections that stay open. Both throw for an event that was not taken. */
export interface Sender {
  one: (event: SentEvent) => Promise<void>;
  batch: (events: readonly SentEvent[]) => Promise<void>;
}

export function senderTo(address: string, token: string): Sender {
  const { hostname, port } = new URL(address);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const send = (path: string, said: unknown, expected: number): Promise<void> => {
    const body = JSON.stringify(said);
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const sent = request({ hostname, port, path, method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode === expected) resolve();
          else reject(new Error(`${path} answered ${response.statusCode}: ${text.slice(0, 500)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  };
  return {
    one: (event) => send('/api/v1/lineage', event, 201),
    batch: (events) => send('/api/v1/lineage/batch', events, 204),
  };
}
