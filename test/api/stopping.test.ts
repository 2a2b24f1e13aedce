import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startTestWeftline } from '../support/weftline.js';

const BODY = JSON.stringify({ query: '{ __typename }' });
const REQUESTS = {
  'a question': ask('POST', '/graphql', BODY),
  'a question in the address': ask('GET', '/graphql?query=%7B__typename%7D'),
  'a stream': ask('POST', '/graphql/stream', BODY),
  'an export': ask('GET', '/audit/export'),
  'what is not there': ask('GET', '/nowhere'),
};

it('refuses with UNAVAILABLE, in the shape GraphQL clients read, whatever arrives while it stops', async () => {
  const server = await startTestWeftline();
  const { hostname, port } = new URL(server.address);
  const sockets = await Promise.all(Object.keys(REQUESTS).map(() => opened(hostname, Number(port))));
  const requests = Object.values(REQUESTS);
  // The second request of each is begun before the stop, in one packet with a first that is answered, and sent whole after it.
  await Promise.all(sockets.map((socket, index) => begin(socket, requests[index]?.slice(0, 20) ?? '')));
  const stopped = server.stop();
  sockets.forEach((socket, index) => socket.end(requests[index]?.slice(20) ?? ''));

  for (const answer of await Promise.all(sockets.map((socket) => text(socket)))) {
    const [head, body] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 503 /);
    expect(head).toMatch(/^connection: close$/im);
    expect(head).toMatch(/^x-request-id: \S+$/im);
    expect(JSON.parse(body ?? '')).toEqual({
      errors: [
        {
          message: 'The server is stopping. Ask again in a moment, or ask another one.',
          extensions: { code: 'UNAVAILABLE' },
        },
      ],
    });
  }
  await stopped;
}, 60_000);

function ask(method: string, path: string, body = ''): string {
  return [
    `${method} ${path} HTTP/1.1`,
    'host: weftline',
    'content-type: application/json',
    `content-length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

async function begin(socket: Socket, half: string): Promise<void> {
  socket.write(ask('GET', '/healthz') + half);
  await once(socket, 'data');
}

async function opened(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port });
  await once(socket, 'connect');
  return socket;
}
